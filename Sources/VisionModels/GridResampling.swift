/// Bicubic resampling of a square grid along both axes, a constant sparse matrix.
///
/// The published codes differ (Documentation/Numerics.md): PyTorch's `interpolate(mode: bicubic, align_corners: False)` with a
/// size, with a scale factor of a size 0.1 too large, or antialiased.
package struct GridResampling: Sendable {
  let targetGrid: Int
  let sourceGrid: Int
  /// For each of `targetGrid` places along an axis, source places and their weights.
  private let taps: [[(place: Int, weight: Float)]]
  var targets: Int { targetGrid * targetGrid }

  package init(
    from sourceGrid: Int, to targetGrid: Int,
    _ interpolation: VisionTransformer.Configuration.PositionInterpolation = .bicubic
  ) {
    self.sourceGrid = sourceGrid
    self.targetGrid = targetGrid
    taps = (0..<targetGrid).map { target in
      switch interpolation {
      case .bicubic: GridResampling.four(target, Double(sourceGrid) / Double(targetGrid), sourceGrid)
      // torch steps by the given factor's inverse, not by the sizes' quotient.
      case .bicubicOffset: GridResampling.four(target, Double(sourceGrid) / (Double(targetGrid) + 0.1), sourceGrid)
      case .bicubicAntialias: GridResampling.antialiased(target, Double(sourceGrid) / Double(targetGrid), sourceGrid)
      }
    }
  }

  /// Four taps, clamped to the edge.
  private static func four(_ target: Int, _ ratio: Double, _ count: Int) -> [(place: Int, weight: Float)] {
    let centre = (Double(target) + 0.5) * ratio - 0.5
    let first = Int(centre.rounded(.down)) - 1
    return (first..<first + 4).map { place in
      (min(max(place, 0), count - 1), Float(kernel(centre - Double(place), a: -0.75)))
    }
  }

  /// As many as the kernel, widened by the ratio where the grid shrinks, covers; their weights add up to one.
  private static func antialiased(_ target: Int, _ ratio: Double, _ count: Int) -> [(place: Int, weight: Float)] {
    let scale = max(ratio, 1)
    let centre = (Double(target) + 0.5) * ratio
    let first = max(Int(centre - 2 * scale + 0.5), 0)
    let end = min(Int(centre + 2 * scale + 0.5), count)
    let weights = (first..<end).map { kernel((Double($0) - centre + 0.5) / scale, a: -0.5) }
    let total = weights.reduce(0, +)
    return zip(first..<end, weights).map { ($0, Float($1 / total)) }
  }

  /// Visits every target (row by row), its sources and their weights, always in the same order.
  package func forEachTap(_ body: (_ target: Int, _ source: Int, _ weight: Float) -> Void) {
    for y in 0..<targetGrid {
      for x in 0..<targetGrid {
        for vertical in taps[y] {
          for horizontal in taps[x] {
            body(
              y * targetGrid + x, vertical.place * sourceGrid + horizontal.place, vertical.weight * horizontal.weight)
          }
        }
      }
    }
  }

  /// Keys' cubic convolution kernel (1981).
  private static func kernel(_ x: Double, a: Double) -> Double {
    let x = abs(x)
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }
}
