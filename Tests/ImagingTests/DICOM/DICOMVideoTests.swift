import Foundation
import Imaging
import Records
import TestSupport
import Testing

/// Moving pictures in DICOM files, written by `Tests/Fixtures/Imaging/dicom_video.py`: 6 frames of 32 × 32.
struct DICOMVideoTests {
  /// Levels of 8 bits, in the mean, by which two programs' RGB of one stream may differ: they place chroma differently.
  private let conversion = 4.0
  private static let names = ["mpeg2", "h264", "h264_bare", "hevc"]

  private func path(_ name: String) -> String { Samples.file("dicom_video_\(name).dcm") }

  private func open(_ path: String, _ sampling: ClipSampling = ClipSampling(.all)) throws -> any PictureSource {
    var options = ReadingOptions()
    options.clip = sampling
    return try PictureSources.open(path, options)
  }

  /// Where Pixel Data of undefined length begins, and what its fragments hold without the table of offsets: PS3.5 A.4, of explicit little endian.
  private func fragments(_ file: [UInt8]) throws -> (start: Int, stream: [UInt8]) {
    let element: [UInt8] = [0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]
    let start = try #require(file.firstRange(of: element)).upperBound
    var (position, stream, isTable) = (start, [UInt8](), true)
    while file[position..<position + 4].elementsEqual([0xfe, 0xff, 0, 0xe0]) {
      let length = (0..<4).reduce(0) { $0 | Int(file[position + 4 + $1]) << (8 * $1) }
      if !isTable { stream += file[position + 8..<position + 8 + length] }
      isTable = false
      position += 8 + length
    }
    return (start, stream)
  }

  private func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path(name)))) }

  @Test(arguments: names) func framesAreThoseOfTheStream(_ name: String) throws {
    let source = try open(path(name))
    #expect(source.count == 6 && source.facts.frames == 6 && source.facts.kind == .dicom)
    #expect(
      source.facts.width == 32 && source.facts.height == 32 && source.facts.samples == 3 && source.facts.bits == 8)
    let bare = try VideoFrames(bitStream: fragments(bytes(name)).stream)
    let shown = try Fixture("Imaging/dicom_video").bytes(name == "h264_bare" ? "h264.frames" : "\(name).frames")
    var off = 0
    for index in 0..<6 {
      let stored = try source.picture(index).stored
      #expect(try stored == bare.frame(index), "\(index)")
      for i in stored.bytes.indices { off += abs(Int(stored.bytes[i]) - Int(shown[index * stored.bytes.count + i])) }
    }
    #expect(Double(off) / Double(shown.count) <= conversion, "\(Double(off) / Double(shown.count))")
  }

  @Test(arguments: names) func framesHaveTheHeadersFactsAndTheirTime(_ name: String) throws {
    let source = try open(path(name))
    #expect(source.facts.modality == "ES" && source.facts.patientID == "P-17" && source.facts.item.isEmpty)
    // The transport stream says 10 a second; bare streams say nothing, and the header's 5 a second hold.
    let step = name == "h264" ? 0.1 : 0.2
    for index in 0..<6 {
      let facts = try source.picture(index).facts
      #expect(
        facts.item == "\(index)" && facts.frame == index && facts.slice?.instance == 4 && facts.rendering == .stored)
      #expect(abs(try #require(facts.seconds) - step * Double(index)) < 1e-4, "\(index)")
    }
  }

  @Test func clipsAreSampled() throws {
    let two = try open(path("hevc"), ClipSampling(.rate, rate: 1))
    #expect(try (0..<two.count).map { try two.picture($0).facts.frame } == [0, 5])
    let changed = try open(path("mpeg2"), ClipSampling(.change, change: 1))
    #expect(try (0..<changed.count).map { try changed.picture($0).facts.frame } == [0])
  }

  @Test func inspectionTakesAllFrames() throws {
    let inspection = try DirectDecoder().inspect(path("h264"))
    #expect(inspection.pictures == 6 && inspection.rows == 32 && inspection.samples == 3 && inspection.type == "uint8")
  }

  @Test func filesWithoutAStreamAreRefused() throws {
    try withTemporaryFolder { folder in
      let whole = try bytes("hevc")
      let start = try fragments(whole).start
      let end: [UInt8] = [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]
      let empty: [UInt8] = [0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0]
      let noise: [UInt8] = [0xfe, 0xff, 0, 0xe0, 64, 0, 0, 0] + [UInt8](repeating: 7, count: 64)
      for (content, wanted) in [
        ([], Rejection.Code.truncated), (empty, .truncated), (empty + end, .truncated), (empty + noise + end, .corrupt),
        (empty + noise, .truncated),
      ] {
        let file = folder.appending(path: "file")
        try Data(whole[..<start] + content).write(to: file)
        var code: Rejection.Code?
        do { _ = try open(file.path) } catch { code = (error as? DecodeFailure)?.code }
        #expect(code == wanted, "\(content.count) bytes")
      }
    }
  }

  /// Frames are not stored in the order in which they are shown, so that a cut stream is refused as a whole.
  @Test(arguments: names) func filesCutAnywhereAreRefused(_ name: String) throws {
    let whole = try bytes(name)
    let start = try fragments(whole).start
    try withTemporaryFolder { folder in
      for part in 1...40 {
        let file = folder.appending(path: "cut")
        try Data(whole[..<(start + (whole.count - start) * part / 41)]).write(to: file)
        let failure = #expect(throws: DecodeFailure.self) { _ = try open(file.path) }
        #expect(failure?.code == .truncated, "\(part)")
      }
    }
  }
}
