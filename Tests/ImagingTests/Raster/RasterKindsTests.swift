import Foundation
import Imaging
import TestSupport
import Testing

/// Every kind of raster file beside what Pillow, OpenCV and tifffile read from it (`Tests/Fixtures/Imaging/rasters.py`).
struct RasterKindsTests {
  /// Sums and products of shades are made in 32 bits here and in 64 there.
  static let tolerance = 2e-7

  static func cases(_ kind: String, in fixture: Fixture) -> [String] {
    fixture.names.filter { $0.hasPrefix(kind + ".") && $0.hasSuffix(".file") }.map { String($0.dropLast(5)) }
  }

  /// Compares every picture of a case with the fixture; returns the source.
  @discardableResult
  static func check(_ name: String, _ fixture: Fixture, _ folder: URL, shades tolerance: Double = tolerance) throws
    -> any PictureSource
  {
    let file = folder.appending(path: "picture")
    try Data(fixture.bytes(name + ".file")).write(to: file)
    let source = try PictureSources.open(file.path, ReadingOptions())
    let known = Set(fixture.names)
    var count = 0
    while known.contains("\(name).\(count).stored") { count += 1 }
    #expect(source.count == count, "\(name)")
    for index in 0..<min(count, source.count) {
      let content = try source.picture(index)
      let case_ = "\(name).\(index)"
      let stored = content.stored
      let shape = [stored.rows, stored.columns, stored.samples, stored.type.width]
      #expect(shape == fixture.integers(case_ + ".shape"), "\(case_)")
      #expect(stored.bytes == fixture.bytes(case_ + ".stored"), "\(case_)")
      let picture = content.picture
      #expect(content.facts.width == picture.width && content.facts.height == picture.height, "\(case_)")
      if known.contains(case_ + ".shades") {
        #expect([picture.channels, picture.height, picture.width] == fixture.shape(case_ + ".shades"), "\(case_)")
        #expect(normalizedError(picture.planes(), fixture.floats(case_ + ".shades")) <= tolerance, "\(case_)")
      } else if known.contains(case_ + ".unit") {
        let most = stored.type.width == 1 ? 255.0 : 65_535.0
        let pixels = stored.rows * stored.columns
        let expected = (0..<pixels * stored.samples).map { i in
          Float(stored[(i % pixels) * stored.samples + i / pixels] / most)
        }
        #expect(normalizedError(picture.planes(), expected) <= tolerance, "\(case_)")
      }
    }
    return source
  }

  private static func checkAll(_ kind: String) throws {
    let fixture = try Fixture("Imaging/rasters")
    try withTemporaryFolder { folder in
      for name in cases(kind, in: fixture) where !name.contains(".large-") {
        do { try check(name, fixture, folder) } catch { Issue.record("\(name): \(error)") }
      }
    }
  }

  @Test func everyPNGIsAsPillowAndOpenCVHaveIt() throws { try RasterKindsTests.checkAll("png") }
  @Test func everyTIFFIsAsTifffileHasIt() throws { try RasterKindsTests.checkAll("tiff") }
  @Test func inksOfJPEGAreAsPillowHasThem() throws { try RasterKindsTests.checkAll("jpeg") }
  @Test func losslessJPEG2000IsWhatWasWritten() throws { try RasterKindsTests.checkAll("jpeg2000") }
  @Test func losslessJPEGXLIsWhatWasWritten() throws { try RasterKindsTests.checkAll("jpegxl") }

  @Test func framesOfAnAnimationComeWithTheirTimes() throws {
    let fixture = try Fixture("Imaging/rasters")
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "picture")
      try Data(fixture.bytes("animation.webp.file")).write(to: file)
      var options = ReadingOptions()
      options.clip = ClipSampling(.all)
      let all = try PictureSources.open(file.path, options)
      #expect(all.count == 5 && all.facts.frames == 5)
      // Out of order, so that the file is begun anew.
      for index in [0, 3, 1, 2, 4, 4] {
        let content = try all.picture(index)
        let picture = content.picture.collapsingEqualChannels()
        #expect(normalizedError(picture.planes(), fixture.floats("animation.webp.\(index).shades")) <= 1e-7, "\(index)")
        #expect(content.facts.item == "\(index)" && content.facts.frame == index)
        #expect(content.facts.seconds == fixture.doubles("animation.webp.seconds")[index])
      }
      // Frames begin at 0, 0.1, 1, 1.05 and 2.05 seconds.
      options.clip = ClipSampling(.rate, rate: 1)
      let sampled = try PictureSources.open(file.path, options)
      let taken: [Int?] = try (0..<sampled.count).map { try sampled.picture($0).facts.frame }
      #expect(taken == [0, 2, 4])
    }
  }

  @Test func whatIsIgnoredIsSaid() throws {
    let fixture = try Fixture("Imaging/rasters")
    try withTemporaryFolder { folder in
      for name in ["png.profile", "jpeg.profile"] {
        #expect(try RasterKindsTests.check(name, fixture, folder).facts.hasColourProfile, "\(name)")
      }
      #expect(try RasterKindsTests.check("png.animated", fixture, folder).facts.frames == 3)
      for orientation in 1...8 {
        for kind in ["png", "tiff"] {
          let facts = try RasterKindsTests.check("\(kind).turned\(orientation)", fixture, folder).facts
          #expect(facts.orientation == orientation && !facts.hasColourProfile)
        }
      }
      let pages = try RasterKindsTests.check("tiff.pages", fixture, folder)
      let items: [String] = try (0..<3).map { try pages.picture($0).facts.item }
      #expect(items == ["0", "1", "2"])
      #expect(try RasterKindsTests.check("tiff.pyramid", fixture, folder).picture(0).facts.item == "")
    }
  }

  /// The fast way to a small picture differs from the exact one by what reduced transforms do, and by nothing of the facts.
  @Test func reducedJPEGsLookLikeExactOnes() throws {
    let fixture = try Fixture("Imaging/rasters")
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "picture.jpg")
      for name in ["jpeg.large-grey", "jpeg.large-colour"] {
        try Data(fixture.bytes(name + ".file")).write(to: file)
        for fit in Preprocessing.Fit.allCases {
          for size in [20, 32, 60, 100, 200, 400] {
            var options = ReadingOptions(Preprocessing(size: size, fit: fit))
            let exact = try PictureSources.open(file.path, options).picture(0)
            options.isExact = false
            let fast = try PictureSources.open(file.path, options).picture(0)
            #expect(fast.facts == exact.facts)
            let side =
              fit == .pad ? max(fast.picture.width, fast.picture.height) : min(fast.picture.width, fast.picture.height)
            let whole = fit == .pad ? 320 : 240
            #expect(
              side >= min(size, whole) && (side < 2 * size || side == whole / 8 || side == whole), "\(size) of \(side)")
            let (a, b) = (options.preprocessing!(exact.picture), options.preprocessing!(fast.picture))
            let mean = zip(a, b).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) } / Double(a.count)
            #expect(mean < 0.01, "\(name) \(fit) \(size)")
          }
        }
      }
    }
  }

  @Test func anymapsOfEveryKind() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "picture")
      func read(_ bytes: [UInt8]) throws -> SourcePicture {
        try Data(bytes).write(to: file)
        return try PictureSources.open(file.path, ReadingOptions()).picture(0)
      }
      func text(_ text: String) -> [UInt8] { Array(text.utf8) }
      let bits = try read(text("P1\n# a comment\n3 2\n1 0 1\n0 1 0\n"))
      #expect(bits.stored.bytes == [0, 1, 0, 1, 0, 1] && bits.picture.planes() == [0, 1, 0, 1, 0, 1])
      #expect(try read(text("P1 3 2 101010")).stored.bytes == bits.stored.bytes)
      #expect(try read(text("P4\n3 2\n") + [0b1010_0000, 0b0101_1111]).stored.bytes == bits.stored.bytes)
      let grey = try read(text("P2\n2 2\n15\n0 5\n15 16\n"))
      #expect(
        grey.stored.bytes == [0, 5, 15, 16] && grey.picture.planes() == [0, 1 / 3, 1, 1] && grey.facts.bits == 4)
      let deep = try read(text("P5 2 1 1023\n") + [3, 0xff, 1, 0])
      #expect(deep.stored.type == .uint16 && deep.stored.bytes == [0xff, 3, 0, 1] && deep.facts.bits == 10)
      #expect(deep.picture.planes() == [1, 256 / 1023])
      let colour = try read(text("P3 1 2 255 1 2 3 4 5 6"))
      #expect(colour.stored.bytes == [1, 2, 3, 4, 5, 6] && colour.stored.samples == 3)
      #expect(try read(text("P6 1 2 255\n") + [1, 2, 3, 4, 5, 6]).stored == colour.stored)
      for (bytes, code) in [
        ("P5 2 2 255\nabc", "truncated"), ("P2 2 2 255 1 2 3", "truncated"), ("P5 2 2 70000\nabcdefgh", "corrupt"),
        ("P5 0 2 255\nabc", "corrupt"), ("P5 99999 99999 255\n", "too_large"), ("P2 9999 9999 255 1", "truncated"),
      ] {
        do {
          _ = try read(text(bytes))
          Issue.record("\(bytes) was read")
        } catch { #expect((error as? DecodeFailure)?.code.rawValue == code, "\(bytes)") }
      }
    }
  }
}
