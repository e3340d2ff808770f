import VisionModels

/// PyTorch's bicubic resampling of a square grid, as its documentation and sources define it, one axis after the other.
enum ReferenceResampling {
  /// - Parameter table: [from², width], row by row; the result is [to², width].
  static func resampled(
    _ table: [Double], from source: Int, to target: Int, width: Int,
    _ kind: VisionTransformer.Configuration.PositionInterpolation
  ) -> [Double] {
    if source == target { return table }
    let weights =
      kind == .bicubicAntialias ? antialiased(from: source, to: target) : clamped(from: source, to: target, kind)
    var result = [Double](repeating: 0, count: target * target * width)
    for y in 0..<target {
      for x in 0..<target {
        for sourceY in 0..<source where weights[y][sourceY] != 0 {
          for sourceX in 0..<source where weights[x][sourceX] != 0 {
            for channel in 0..<width {
              result[(y * target + x) * width + channel] +=
                weights[y][sourceY] * weights[x][sourceX] * table[(sourceY * source + sourceX) * width + channel]
            }
          }
        }
      }
    }
    return result
  }

  /// Four taps, clamped to the edge, a = -0.75; with the offset the factor given is used, not the ratio of the two sizes.
  private static func clamped(
    from source: Int, to target: Int, _ kind: VisionTransformer.Configuration.PositionInterpolation
  ) -> [[Double]] {
    let ratio = Double(source) / (Double(target) + (kind == .bicubicOffset ? 0.1 : 0))
    return (0..<target).map { place in
      let centre = (Double(place) + 0.5) * ratio - 0.5
      var row = [Double](repeating: 0, count: source)
      for tap in Int(centre.rounded(.down)) - 1...Int(centre.rounded(.down)) + 2 {
        row[min(max(tap, 0), source - 1)] += kernel(centre - Double(tap), a: -0.75)
      }
      return row
    }
  }

  /// The kernel is widened by the ratio where the grid shrinks; taps beyond the edge are dropped and the rest sum to one; a = -0.5.
  private static func antialiased(from source: Int, to target: Int) -> [[Double]] {
    let ratio = Double(source) / Double(target)
    let widening = max(ratio, 1)
    return (0..<target).map { place in
      let centre = (Double(place) + 0.5) * ratio
      let first = max(Int(centre - 2 * widening + 0.5), 0)
      let end = min(Int(centre + 2 * widening + 0.5), source)
      var row = [Double](repeating: 0, count: source)
      for tap in first..<end { row[tap] = kernel((Double(tap) - centre + 0.5) / widening, a: -0.5) }
      let sum = row.reduce(0, +)
      return row.map { $0 / sum }
    }
  }

  /// Keys' cubic convolution kernel (1981).
  private static func kernel(_ signed: Double, a: Double) -> Double {
    let x = abs(signed)
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }
}
