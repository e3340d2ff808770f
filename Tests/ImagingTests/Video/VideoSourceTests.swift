import Foundation
import Imaging
import TestSupport
import Testing

/// Clips written by `Tests/Fixtures/Imaging/video.py`: 32 × 24, 10 frames of 10 a second, pixels in closed form.
struct VideoSourceTests {
  /// Levels of 8 bits by which a losslessly encoded pixel may differ from its standard's formula: fixed-point rounding.
  private let rounding = 1.0
  /// The same for a mean over a lossy clip.
  private let loss = 4.0

  private func open(_ name: String, _ sampling: ClipSampling = ClipSampling(.all)) throws -> any PictureSource {
    var options = ReadingOptions()
    options.clip = sampling
    return try PictureSources.open(Samples.file("video_\(name)"), options)
  }

  private func luma(_ x: Int, _ y: Int, _ t: Int) -> Double { Double(40 + 2 * x + 2 * y + 6 * t) }

  /// Red, green and blue of 0…255 by the weights of red and blue of a standard (ITU-R BT.601 section 2.5, BT.709 section 3).
  private func colour(_ luma: Double, isFull: Bool = false, red: Double = 0.299, blue: Double = 0.114) -> [Double] {
    let (cb, cr) = (110.0 - 128, 150.0 - 128)
    let y = isFull ? luma : (luma - 16) * 255 / 219
    let scale = isFull ? 1 : 255.0 / 224
    let r = y + 2 * (1 - red) * cr * scale
    let b = y + 2 * (1 - blue) * cb * scale
    return [r, (y - red * r - blue * b) / (1 - red - blue), b].map { min(max($0, 0), 255) }
  }

  /// The largest and the mean difference, in levels of 8 bits, of all frames from `expected`.
  private func difference(
    _ frames: [StoredPixels], _ expected: (_ x: Int, _ y: Int, _ t: Int) -> [Double]
  ) -> (largest: Double, mean: Double) {
    var (largest, sum, count) = (0.0, 0.0, 0)
    for (t, frame) in frames.enumerated() {
      let unit = frame.type == .uint16 ? 257.0 : 1
      for i in 0..<frame.rows * frame.columns {
        let wanted = expected(i % frame.columns, i / frame.columns, t)
        for k in 0..<frame.samples {
          let off = abs(frame[i * frame.samples + k] / unit - wanted[k])
          largest = max(largest, off)
          sum += off
          count += 1
        }
      }
    }
    return (largest, sum / Double(count))
  }

  private func frames(_ source: any PictureSource) throws -> [StoredPixels] {
    try (0..<source.count).map { try source.picture($0).stored }
  }

  @Test func coloursAreThoseOfTheStreamsMatrixAndRange() throws {
    for (name, isFull, red, blue) in [
      ("exact_601.mp4", false, 0.299, 0.114), ("exact_709.mp4", false, 0.2126, 0.0722),
      ("exact_full.mov", true, 0.299, 0.114), ("exact_times.mp4", false, 0.299, 0.114),
    ] {
      let source = try open(name)
      #expect(source.count == 10 && source.facts.kind == .video && source.facts.frames == 10, "\(name)")
      let off = difference(try frames(source)) { colour(luma($0, $1, $2), isFull: isFull, red: red, blue: blue) }
      #expect(off.largest <= rounding, "\(name): \(off)")
    }
  }

  @Test func samplesThatNeedNoConversionAreKept() throws {
    let rgb = difference(try frames(open("exact_rgb.mkv"))) { [255 - luma($0, $1, $2), luma($0, $1, $2), 9] }
    #expect(rgb.largest == 0)
    let grey = try frames(open("exact_grey.mkv"))
    #expect(grey[0].samples == 1 && difference(grey) { [luma($0, $1, $2)] }.largest == 0)
    let sixteen = try open("exact_sixteen.mkv")
    #expect(sixteen.facts.bits == 16)
    #expect(difference(try frames(sixteen)) { [(luma($0, $1, $2) * 200 + 7) / 257] }.largest < 1e-9)
  }

  @Test func lossyClipsComeNear() throws {
    for (name, isFull) in [
      ("lossy_mpeg4.avi", false), ("lossy.mpg", false), ("lossy_motion.mov", true), ("lossy.webm", false),
    ] {
      let source = try open(name)
      #expect(source.count == 10, "\(name)")
      let off = difference(try frames(source)) { colour(luma($0, $1, $2), isFull: isFull) }
      #expect(off.mean <= loss, "\(name): \(off)")
    }
  }

  @Test func framesHaveNumbersAndTimes() throws {
    let source = try open("exact_times.mp4")
    let pictures = try (0..<10).map { try source.picture($0).facts }
    #expect(pictures.map(\.item) == (0..<10).map(String.init) && pictures.map(\.frame) == Array(0..<10))
    let wanted = [0, 0.1, 0.2, 0.5, 0.9, 1.0, 1.1, 1.2, 2.0, 3.1]
    for (facts, time) in zip(pictures, wanted) { #expect(abs(facts.seconds! - time) < 1e-6) }
    let sampled = try open("exact_times.mp4", ClipSampling(.rate, rate: 1))
    #expect(try (0..<sampled.count).map { try sampled.picture($0).facts.frame } == [0, 5, 8, 9])
    // A file without dependable packets, and one whose stamps begin late.
    for (name, step) in [("lossy_mpeg4.avi", 0.1), ("lossy.mpg", 0.04)] {
      let clip = try open(name)
      for i in 0..<10 {
        let seconds = try #require(try clip.picture(i).facts.seconds, "\(name)")
        #expect(abs(seconds - step * Double(i)) < 1e-3, "\(name) \(i)")
      }
    }
  }

  /// Encoders reorder frames (these have three B-frames between others); whatever order they are asked for in, they are the same.
  @Test func anyOrderGivesTheSameFrames() throws {
    let source = try open("exact_601.mp4")
    let inOrder = try frames(source)
    for index in [7, 2, 9, 0, 0, 5, 4, 9, 1] { #expect(try source.picture(index).stored == inOrder[index], "\(index)") }
  }

  @Test func changeTakesFewerFrames() throws {
    // A step is 6 of 219 levels, 0.027 of grey: of a change above 0.06, every third frame.
    let source = try open("exact_601.mp4", ClipSampling(.change, change: 0.06))
    #expect(try (0..<source.count).map { try source.picture($0).facts.frame } == [0, 3, 6, 9])
  }

  @Test func turnedClipsAreUpright() throws {
    let source = try open("exact_turned.mp4")
    let plain = try open("exact_601.mp4").picture(3)
    let turned = try source.picture(3)
    #expect(turned.facts.orientation == 6 && turned.facts.width == 24 && turned.facts.height == 32)
    #expect(turned.stored == plain.stored)
    // A quarter turn clockwise: the left column, read upwards, is the upper row.
    var upper = [Float](repeating: 0, count: 24)
    var left = [Float](repeating: 0, count: 32)
    upper.withUnsafeMutableBufferPointer { turned.picture.shades(row: 0, channel: 1, into: $0.baseAddress!) }
    for y in 0..<24 {
      left.withUnsafeMutableBufferPointer { plain.picture.shades(row: 23 - y, channel: 1, into: $0.baseAddress!) }
      #expect(upper[y] == left[0])
    }
  }

  @Test func animationsAreComposedAndStillsArePictures() throws {
    let source = try open("exact.gif")
    #expect(source.facts.kind == .gif && source.count == 3)
    let times = try (0..<3).map { try source.picture($0).facts.seconds! }
    for (time, wanted) in zip(times, [0, 0.1, 0.4]) { #expect(abs(time - wanted) < 1e-9) }
    let off = difference(try frames(source)) { x, y, t in
      let index = luma(x, y, t == 1 && x < 8 ? 0 : t)
      return [index, index, 255 - index]
    }
    #expect(off.largest == 0)
    let still = try open("still.gif").picture(0).facts
    #expect(still.item.isEmpty && still.frame == nil && still.seconds == nil && still.frames == 1)
  }

  @Test func bitStreamsAreReadFromMemory() throws {
    for name in ["exact_stream.h264", "exact_stream.ts", "exact_601.mp4"] {
      let frames = try VideoFrames(bitStream: [UInt8](Data(contentsOf: URL(filePath: Samples.file("video_\(name)")))))
      #expect(frames.count == 10 && frames.width == 32 && frames.bits == 8, "\(name)")
      let off = difference(try (0..<10).map { try frames.frame($0) }) { colour(luma($0, $1, $2)) }
      #expect(off.largest <= rounding, "\(name): \(off)")
    }
    let ten = try VideoFrames(bitStream: [UInt8](Data(contentsOf: URL(filePath: Samples.file("video_exact_ten.hevc")))))
    #expect(ten.count == 10 && ten.bits == 10)
    let off = difference(try (0..<10).map { try ten.frame($0) }) { colour(luma($0, $1, $2)) }
    #expect(off.largest <= rounding, "\(off)")
    #expect(throws: DecodeFailure.self) { try VideoFrames(bitStream: []) }
    #expect(throws: DecodeFailure.self) { try VideoFrames(bitStream: [UInt8](repeating: 7, count: 4096)) }
  }

  /// Cut anywhere, a clip is refused with a reason, or gives its first frames unharmed, flagged, and one failure.
  @Test func clipsCutShortGiveTheirFirstFrames() throws {
    try withTemporaryFolder { folder in
      for name in ["exact_709.mp4", "exact_rgb.mkv", "lossy_mpeg4.avi", "exact.gif"] {
        let whole = try frames(open(name))
        let data = try Data(contentsOf: URL(filePath: Samples.file("video_\(name)")))
        var hasShown = false
        for part in 1...19 {
          let file = folder.appending(path: "cut")
          try data.prefix(data.count * part / 20).write(to: file)
          var options = ReadingOptions()
          options.clip = ClipSampling(.all)
          let source: any PictureSource
          do { source = try PictureSources.open(file.path, options) } catch {
            let code = (error as? DecodeFailure)?.code
            #expect(code == .truncated || code == .corrupt || code == .noPixels, "\(name) \(part): \(error)")
            continue
          }
          #expect(source.facts.flags == ["cut_short"], "\(name) \(part)")
          for index in 0..<source.count - 1 {
            guard let picture = try? source.picture(index) else { continue }
            hasShown = true
            #expect(picture.stored == whole[index], "\(name) \(part) \(index)")
          }
          #expect(throws: DecodeFailure.self) { try source.picture(source.count - 1) }
        }
        #expect(hasShown, "\(name)")
      }
    }
  }
}

@Suite(.enabled(if: RealData.isPresent, "no real images beside the checkout"))
struct RealClipTests {
  /// Frames and sizes as OpenCV states them (`reference.csv`), and times that run at its rate.
  @Test func framesAreThoseOfTheReference() throws {
    let table = try String(contentsOf: RealData.file("video/reference.csv"), encoding: .utf8)
    for row in table.split(separator: "\n").dropFirst() {
      let field = row.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      let source = try PictureSources.open(RealData.file("video/\(field[0])").path, ReadingOptions())
      #expect(source.facts.width == Int(field[4]) && source.facts.height == Int(field[5]), "\(field[0])")
      #expect(source.facts.frames == Int(field[6]), "\(field[0])")
      #expect(source.facts.flags.isEmpty, "\(field[0])")
      // One frame a second.
      let seconds = Double(field[6])! / Double(field[7])!
      #expect(abs(Double(source.count) - seconds) <= 1.01, "\(field[0]): \(source.count) of \(seconds) s")
      for index in 0..<min(source.count, 3) {
        let facts = try source.picture(index).facts
        #expect(facts.seconds! >= Double(index) && facts.seconds! < Double(index + 1), "\(field[0])")
      }
    }
  }
}
