import Phantom
import Testing

struct StainedFieldTests {
  private let dyes = Dyes(haematoxylin: SIMD3(0.65, 0.70, 0.29), eosin: SIMD3(0.07, 0.99, 0.11))

  private func close(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Bool { (0..<3).allSatisfy { abs(a[$0] - b[$0]) < 1e-6 } }

  /// e^-0.65, e^-0.70, e^-0.29 and e^-0.07, e^-0.99, e^-0.11, by hand.
  @Test func oneUnitOfADyeLetsThroughItsOwnShare() {
    #expect(dyes.transmitted(haematoxylin: 0, eosin: 0) == SIMD3(1, 1, 1))
    #expect(close(dyes.transmitted(haematoxylin: 1, eosin: 0), SIMD3(0.5220458, 0.4965853, 0.7482636)))
    #expect(close(dyes.transmitted(haematoxylin: 0, eosin: 1), SIMD3(0.9323938, 0.3715767, 0.8958341)))
  }

  /// Two layers one behind the other let through the product of what each lets through (Beer–Lambert).
  @Test func layersMultiply() {
    for (a, b) in [(0.1, 0.9), (0.5, 0.5), (2.0, 0.25)] as [(Float, Float)] {
      let both = dyes.transmitted(haematoxylin: a + b, eosin: 2 * a + b)
      let apart = dyes.transmitted(haematoxylin: a, eosin: 2 * a) * dyes.transmitted(haematoxylin: b, eosin: b)
      #expect(close(both, apart))
    }
  }
}
