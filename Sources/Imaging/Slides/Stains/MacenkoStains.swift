import Foundation

/// The two stains of a slide as directions of optical density, and how much there is of each (Macenko et al. 2009, ISBI).
///
/// Density here is −ln((v + 1) / 240). Pixels with a density below 0.15 in any channel are glass. In the plane of the two greatest eigenvectors of the
/// rest's covariance, the stains are the directions at the 1st and 99th percentile of the angle; the one with more red density is haematoxylin.
/// Concentrations are least squares; their 99th percentiles are brought to the reference's. Constants are those of the published code.
package struct MacenkoStains: Sendable, Hashable {
  /// Unit vectors of red, green and blue density.
  package let haematoxylin: [Double]
  package let eosin: [Double]
  /// 99th percentiles of the concentrations of the two.
  package let concentrations: [Double]

  static let light = 240.0
  private static let leastDensity = 0.15
  private static let tail = 1.0
  /// Fewer pixels of tissue than this say too little.
  static let leastPixels = 1000
  private static let reference = (
    haematoxylin: [0.5626, 0.7201, 0.4062], eosin: [0.2159, 0.8012, 0.5581], concentrations: [1.9705, 1.0308]
  )
  /// Of every 8-bit value.
  private static let density: [Double] = (0..<256).map { -log((Double($0) + 1) / light) }

  /// From `[pixel, RGB]` of tissue; nil where there is too little, or only one stain. - Complexity: O(n log n). Deterministic.
  package init?(_ pixels: [UInt8]) {
    let densities = (0..<pixels.count / 3).map { i in (0..<3).map { MacenkoStains.density[Int(pixels[3 * i + $0])] } }
    let tissue = densities.filter { $0.allSatisfy { $0 >= MacenkoStains.leastDensity } }
    guard tissue.count >= MacenkoStains.leastPixels else { return nil }
    let eigen = SymmetricEigen(MacenkoStains.covariance(tissue))
    let (first, second) = (eigen.vectors[0], eigen.vectors[1])
    guard eigen.values[1] > 1e-9 else { return nil }
    var angles = tissue.map { atan2(MacenkoStains.dot($0, first), MacenkoStains.dot($0, second)) }
    angles.sort()
    func direction(_ percentile: Double) -> [Double] {
      let angle = Percentile.linear(percentile, of: angles)
      return (0..<3).map { second[$0] * cos(angle) + first[$0] * sin(angle) }
    }
    let (low, high) = (direction(MacenkoStains.tail), direction(100 - MacenkoStains.tail))
    let stains = low[0] > high[0] ? (low, high) : (high, low)
    guard let unmixing = Unmixing(stains.0, stains.1) else { return nil }
    let amounts = densities.map { unmixing($0) }
    let most = [
      Percentile.linear(99, of: amounts.map(\.0).sorted()), Percentile.linear(99, of: amounts.map(\.1).sorted()),
    ]
    guard most.allSatisfy({ $0 > 1e-3 && $0.isFinite }) else { return nil }
    haematoxylin = stains.0
    eosin = stains.1
    concentrations = most
  }

  /// The picture as the reference's stains would show it: values 0…255, `[pixel, RGB]`, not rounded. - Complexity: O(pixels).
  package func normalized(_ pixels: [UInt8]) -> [Double] {
    guard let unmixing = Unmixing(haematoxylin, eosin) else { return pixels.map { Double($0) } }
    let reference = MacenkoStains.reference
    let scale = (0..<2).map { reference.concentrations[$0] / concentrations[$0] }
    let table = MacenkoStains.density
    var result = [Double](repeating: 0, count: pixels.count)
    for i in 0..<pixels.count / 3 {
      let (h, e) = unmixing(
        table[Int(pixels[3 * i])], table[Int(pixels[3 * i + 1])], table[Int(pixels[3 * i + 2])])
      for channel in 0..<3 {
        let density =
          reference.haematoxylin[channel] * h * scale[0] + reference.eosin[channel] * e * scale[1]
        result[3 * i + channel] = min(max(MacenkoStains.light * exp(-density), 0), 255)
      }
    }
    return result
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double { a[0] * b[0] + a[1] * b[1] + a[2] * b[2] }

  private static func covariance(_ values: [[Double]]) -> [[Double]] {
    let count = Double(values.count)
    var mean = [0.0, 0, 0]
    for value in values { for k in 0..<3 { mean[k] += value[k] / count } }
    var matrix = [[Double]](repeating: [0, 0, 0], count: 3)
    for value in values {
      for i in 0..<3 { for j in 0..<3 { matrix[i][j] += (value[i] - mean[i]) * (value[j] - mean[j]) / (count - 1) } }
    }
    return matrix
  }

  /// Least squares of a density on two stains: the pseudo-inverse of their matrix.
  private struct Unmixing {
    private let first: (Double, Double, Double)
    private let second: (Double, Double, Double)

    /// nil where the two are nearly one direction.
    init?(_ a: [Double], _ b: [Double]) {
      let (aa, ab, bb) = (dot(a, a), dot(a, b), dot(b, b))
      let determinant = aa * bb - ab * ab
      guard determinant > 1e-6, determinant.isFinite else { return nil }
      let rows = (0..<3).map {
        ((bb * a[$0] - ab * b[$0]) / determinant, (aa * b[$0] - ab * a[$0]) / determinant)
      }
      first = (rows[0].0, rows[1].0, rows[2].0)
      second = (rows[0].1, rows[1].1, rows[2].1)
    }

    func callAsFunction(_ red: Double, _ green: Double, _ blue: Double) -> (Double, Double) {
      (
        first.0 * red + first.1 * green + first.2 * blue, second.0 * red + second.1 * green + second.2 * blue
      )
    }

    func callAsFunction(_ density: [Double]) -> (Double, Double) { self(density[0], density[1], density[2]) }
  }
}

/// Percentiles between sorted numbers, as NumPy's default has them.
enum Percentile {
  /// - Precondition: `sorted` is not empty and rises; `percent` is in 0…100.
  static func linear(_ percent: Double, of sorted: [Double]) -> Double {
    precondition(!sorted.isEmpty && (0...100).contains(percent), "percentile \(percent) of \(sorted.count) numbers")
    let place = percent / 100 * Double(sorted.count - 1)
    let below = min(Int(place), sorted.count - 1)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
  }
}
