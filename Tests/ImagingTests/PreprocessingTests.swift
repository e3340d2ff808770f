import Foundation
import Imaging
import TestSupport
import Testing

struct PreprocessingTests {
  @Test func resizingIsThatOfPillow() throws {
    let fixture = try Fixture("Imaging/raster")
    let source = Samples.picture(fixture.floats("resize.source"), height: 37, width: 53)
    for fit in Preprocessing.Fit.allCases {
      for size in [1, 16, 64] {
        let image = Preprocessing(size: size, fit: fit)(source)
        let expected = fixture.floats("resize.\(fit.rawValue).\(size)")
        #expect(normalizedError(image, expected) < 1e-6, "\(fit) \(size)")
      }
    }
  }

  @Test func theSameSizeChangesNothing() {
    let pixels = (0..<75).map { Float($0) / 75 }
    let source = Samples.picture(pixels, channels: 3, height: 5, width: 5)
    for fit in Preprocessing.Fit.allCases { #expect(Preprocessing(size: 5, fit: fit)(source) == pixels) }
  }

  /// Samples together, samples through tables, indices through a palette: the same shades, the same picture.
  @Test func toneAndArrangementChangeNothing() {
    let (height, width) = (23, 19)
    for type in [StoredPixels.SampleType.uint8, .uint16] {
      let patterns = 1 << (8 * type.width)
      let bytes = (0..<3 * height * width * type.width).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
      let table = (0..<patterns).map { Float($0 * 7919 % patterns) / Float(patterns - 1) }
      for samples in [1, 3] {
        let raster = StoredPixels(
          bytes: Array(bytes.prefix(samples * height * width * type.width)), columns: width, rows: height,
          samples: samples, type: type)
        var tones: [Tone] = [.unit, .table(table)]
        if samples == 1 { tones.append(.palette(red: table, green: table.reversed(), blue: table.map { 1 - $0 })) }
        for tone in tones {
          let picture = Picture(raster, tone)
          let plain = Picture(raster, .shades(picture.planes(), channels: picture.channels))
          for fit in Preprocessing.Fit.allCases {
            for size in [7, 31] {
              #expect(Preprocessing(size: size, fit: fit)(picture) == Preprocessing(size: size, fit: fit)(plain))
            }
          }
          #expect(picture.digest() == plain.digest())
        }
      }
    }
  }

  @Test func equalChannelsBecomeOne() {
    for type in [StoredPixels.SampleType.uint8, .uint16] {
      let grey = (0..<700 * type.width).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      var bytes = (0..<700).flatMap { pixel in
        (0..<3).flatMap { _ in grey[pixel * type.width..<(pixel + 1) * type.width] }
      }
      func collapsed() -> Picture {
        Picture(StoredPixels(bytes: bytes, columns: 35, rows: 20, samples: 3, type: type)).collapsingEqualChannels()
      }
      #expect(collapsed().channels == 1 && collapsed().raster.bytes == grey)
      bytes[bytes.count - 1] ^= 1
      #expect(collapsed().channels == 3)
    }
  }

  @Test func everyShapeGivesASquareWithinRange() {
    for height in 1...9 {
      for width in 1...9 {
        let source = Samples.picture([Float](repeating: 1, count: height * width), height: height, width: width)
        for fit in Preprocessing.Fit.allCases {
          let image = Preprocessing(size: 6, fit: fit)(source)
          #expect(image.count == 36 && image.allSatisfy { (0...1).contains($0) })
          if fit != .pad { #expect(image.allSatisfy { $0 > 0.999999 }) }
        }
      }
    }
  }

  @Test func theDescriptionIsOneLineOfJSON() throws {
    let text = IngestSettings(size: 64, fit: .crop, bits: 16).canonicalDescription
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let canonical = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    #expect(String(decoding: canonical, as: UTF8.self) == text)
  }
}
