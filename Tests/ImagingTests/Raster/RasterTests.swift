import Foundation
import Imaging
import TestSupport
import Testing

struct RasterTests {
  @Test func samplesAreThoseOfPillow() throws {
    let fixture = try Fixture("Imaging/raster")
    try withEvery("file", in: fixture.names.filter { !$0.hasPrefix("resize") }) { name in
      let image = try DirectDecoder().decode(Samples.file("raster_\(name)"), nil)
      #expect([image.channels, image.height, image.width] == fixture.shape(name), "\(name)")
      #expect(normalizedError(image.pixels, fixture.floats(name)) <= 1e-7, "\(name)")
    }
  }

  @Test func framesAndDepthAreStated() throws {
    let gif = try DirectDecoder().decode(Samples.file("raster_frames.gif"), nil).facts
    #expect(gif.kind == .gif && gif.frames == 2)
    #expect(try DirectDecoder().decode(Samples.file("raster_sixteen.png"), nil).facts.bits == 16)
  }

  @Test func cmykBecomesColour() throws {
    #expect(try DirectDecoder().decode(Samples.file("raster_cmyk.jpg"), nil).channels == 3)
  }

  @Test func equalPicturesShareADigestWhateverTheFormat() throws {
    let digests = try ["png", "bmp", "webp", "tif", "ppm"].map {
      try DirectDecoder().decode(Samples.file("raster_colour.\($0)"), Preprocessing(size: 4)).facts.renderedDigest
    }
    #expect(Set(digests).count == 1)
    #expect(digests[0] != (try DirectDecoder().decode(Samples.file("raster_grey.png"), nil).facts.renderedDigest))
  }

  /// Every file cut at every tenth of its length is refused with a reason, or decoded: PNG, TIFF, WebP, GIF and PNM only whole.
  @Test func truncatedFilesAreRefused() throws {
    try withTemporaryFolder { folder in
      for name in ["grey.png", "colour.tif", "colour.webp", "colour.jpg", "colour.ppm", "frames.gif"] {
        let whole = try Data(contentsOf: URL(filePath: Samples.file("raster_\(name)")))
        for tenth in 1...8 {
          let file = folder.appending(path: "cut")
          try whole.prefix(whole.count * tenth / 10).write(to: file)
          if name == "frames.gif" && tenth > 4 { continue }
          #expect(throws: DecodeFailure.self, "\(name) cut at \(tenth) tenths") {
            try DirectDecoder().decode(file.path, nil)
          }
        }
      }
    }
  }

  /// What libjpeg merely warns of: bytes that belong to nothing and an end marker that is missing are read over; a picture of which a part is missing
  /// is refused, even where a harmless warning came first.
  @Test func harmlessOdditiesOfJPEGAreReadOver() throws {
    let whole = [UInt8](try Data(contentsOf: URL(filePath: Samples.file("raster_turned6.jpg"))))
    let expected = try DirectDecoder().decode(Samples.file("raster_turned6.jpg"), nil).facts
    #expect(expected.orientation == 6)
    func place(_ marker: UInt8) throws -> Int {
      try #require(whole.indices.dropLast().last { whole[$0] == 0xff && whole[$0 + 1] == marker })
    }
    let (exif, frame, scan, end) = (try place(0xe1), try place(0xc0), try place(0xda), try place(0xd9))
    func inserting(_ count: Int, _ position: Int, _ bytes: [UInt8]) -> [UInt8] {
      Array(bytes[..<position]) + [UInt8](repeating: 0x20, count: count) + bytes[position...]
    }
    try withTemporaryFolder { (folder: URL) throws in
      let file = folder.appending(path: "odd.jpg")
      func code(_ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: file)
        do {
          let facts = try DirectDecoder().decode(file.path, nil).facts
          return facts.pixelDigest == expected.pixelDigest && facts.orientation == 6 ? "same" : "other"
        } catch { return error.code.rawValue }
      }
      #expect(try code(whole) == "same")
      for position in [exif, frame, scan, end] { #expect(try code(inserting(3, position, whole)) == "same") }
      #expect(try code(Array(whole[..<end])) == "same")
      let half = Array(whole[..<((scan + 10 + end) / 2)])
      #expect(try code(half) == "truncated")
      #expect(try code(half + [0xff, 0xd9]) == "truncated")
      #expect(try code(inserting(3, frame, half + [0xff, 0xd9])) == "truncated")
    }
  }

  @Test func encodedThumbnailsDecodeToNearlyThemselves() throws {
    let (height, width) = (40, 56)
    for channels in [1, 3] {
      let pixels: [Float] = (0..<channels * height * width).map { i in
        Float((i % width) + i / (width * height) * 20) / 100
      }
      let data = try JPEGEncoder().encode(pixels, channels: channels, height: height, width: width, quality: 95)
      try withTemporaryFolder { folder in
        let file = folder.appending(path: "thumbnail.jpg")
        try data.write(to: file)
        let image = try DirectDecoder().decode(file.path, nil)
        #expect(image.channels == channels && image.height == height && image.width == width)
        #expect(normalizedError(image.pixels, pixels) < 0.03)
      }
    }
  }
}
