import Foundation

/// Mean and deviation of a slide's tissue in Ruderman's lαβ, and the transfer of a picture to those of a reference (Reinhard et al. 2001).
///
/// Colours of 0…255 (at least 1 as cone responses), natural logarithm. The reference is region TCGA-A2-A3XS-DX1 of Amgad et al. 2019, the one that
/// HistomicsTK uses. The transfer is the same for every pixel, glass included.
package struct ReinhardColours: Sendable, Hashable {
  /// Of l, α and β.
  package let means: [Double]
  package let deviations: [Double]

  private static let reference = (
    means: [8.74108109, -0.12440419, 0.0444982], deviations: [0.6135447, 0.10989545, 0.0286032]
  )
  private static let cones = Matrix3([0.3811, 0.5783, 0.0402, 0.1967, 0.7244, 0.0782, 0.0241, 0.1288, 0.8444])
  private static let opponents: Matrix3 = {
    let (a, b, c) = (1 / 3.0.squareRoot(), 1 / 6.0.squareRoot(), 1 / 2.0.squareRoot())
    return Matrix3([a, a, a, b, b, -2 * b, c, -c, 0])
  }()
  private static let conesBack = cones.inverse
  private static let opponentsBack = opponents.inverse

  /// From `[pixel, RGB]` of tissue; nil where there is too little, or all of one colour. - Complexity: O(n).
  package init?(_ pixels: [UInt8]) {
    let count = pixels.count / 3
    guard count >= MacenkoStains.leastPixels else { return nil }
    let colours = (0..<count).map { ReinhardColours.lab(pixels, $0) }
    let mean = colours.reduce(SIMD3<Double>.zero, +) / Double(count)
    let variance = colours.reduce(SIMD3<Double>.zero) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    guard variance.min() > 1e-12 else { return nil }
    means = [mean.x, mean.y, mean.z]
    deviations = [variance.x.squareRoot(), variance.y.squareRoot(), variance.z.squareRoot()]
  }

  /// The picture with the reference's means and deviations: values 0…255, `[pixel, RGB]`, not rounded. - Complexity: O(pixels).
  package func normalized(_ pixels: [UInt8]) -> [Double] {
    let mean = SIMD3(means[0], means[1], means[2])
    var scale = SIMD3<Double>.zero
    var target = SIMD3<Double>.zero
    for k in 0..<3 {
      scale[k] = ReinhardColours.reference.deviations[k] / deviations[k]
      target[k] = ReinhardColours.reference.means[k]
    }
    var result = [Double](repeating: 0, count: pixels.count)
    for i in 0..<pixels.count / 3 {
      let moved = (ReinhardColours.lab(pixels, i) - mean) * scale + target
      let responses = ReinhardColours.opponentsBack * moved
      let colour = ReinhardColours.conesBack * SIMD3(exp(responses.x), exp(responses.y), exp(responses.z))
      for channel in 0..<3 { result[3 * i + channel] = min(max(colour[channel], 0), 255) }
    }
    return result
  }

  private static func lab(_ pixels: [UInt8], _ i: Int) -> SIMD3<Double> {
    let responses = cones * SIMD3(Double(pixels[3 * i]), Double(pixels[3 * i + 1]), Double(pixels[3 * i + 2]))
    return opponents * SIMD3(log(max(responses.x, 1)), log(max(responses.y, 1)), log(max(responses.z, 1)))
  }
}

/// Three rows of three.
private struct Matrix3: Sendable {
  private let rows: [SIMD3<Double>]

  init(_ values: [Double]) {
    rows = (0..<3).map { SIMD3(values[3 * $0], values[3 * $0 + 1], values[3 * $0 + 2]) }
  }

  static func * (matrix: Matrix3, vector: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3((matrix.rows[0] * vector).sum(), (matrix.rows[1] * vector).sum(), (matrix.rows[2] * vector).sum())
  }

  /// By cofactors. - Precondition: the determinant is not 0.
  var inverse: Matrix3 {
    func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
      SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
    let columns = [cross(rows[1], rows[2]), cross(rows[2], rows[0]), cross(rows[0], rows[1])]
    let determinant = (rows[0] * columns[0]).sum()
    return Matrix3((0..<3).flatMap { row in (0..<3).map { columns[$0][row] / determinant } })
  }
}
