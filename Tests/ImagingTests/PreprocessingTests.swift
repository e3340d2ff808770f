import Foundation
import Imaging
import TestSupport
import Testing

struct PreprocessingTests {
  @Test func resizingIsThatOfPillow() throws {
    let fixture = try Fixture("Imaging/raster")
    let facts = ImageFacts(kind: .png, width: 53, height: 37, frames: 1, bits: 8, samples: 1)
    let source = DecodedImage(pixels: fixture.floats("resize.source"), channels: 1, height: 37, width: 53, facts: facts)
    for fit in Preprocessing.Fit.allCases {
      for size in [1, 16, 64] {
        let image = Preprocessing(size: size, fit: fit)(source)
        let expected = fixture.floats("resize.\(fit.rawValue).\(size)")
        #expect(normalizedError(image.pixels, expected) < 1e-6, "\(fit) \(size)")
      }
    }
  }

  @Test func theSameSizeChangesNothing() {
    let facts = ImageFacts(kind: .png, width: 5, height: 5, frames: 1, bits: 8, samples: 3)
    let pixels = (0..<75).map { Float($0) / 75 }
    let source = DecodedImage(pixels: pixels, channels: 3, height: 5, width: 5, facts: facts)
    for fit in Preprocessing.Fit.allCases { #expect(Preprocessing(size: 5, fit: fit)(source) == source) }
  }

  @Test func everyShapeGivesASquareWithinRange() {
    let facts = ImageFacts(kind: .png, width: 1, height: 1, frames: 1, bits: 8, samples: 1)
    for height in 1...9 {
      for width in 1...9 {
        let source = DecodedImage(
          pixels: [Float](repeating: 1, count: height * width), channels: 1, height: height, width: width, facts: facts)
        for fit in Preprocessing.Fit.allCases {
          let image = Preprocessing(size: 6, fit: fit)(source)
          #expect(image.pixels.count == 36 && image.pixels.allSatisfy { (0...1).contains($0) })
          if fit != .pad { #expect(image.pixels.allSatisfy { $0 > 0.999999 }) }
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
