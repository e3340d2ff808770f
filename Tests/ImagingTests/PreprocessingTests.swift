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
