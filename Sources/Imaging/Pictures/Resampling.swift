/// Separable resampling with an antialiased triangle filter: first along rows, then along columns.
///
/// Output position x looks at source position `c = left + (x + ½) · s`, `s` the reduction, and averages the source pixels within
/// `max(s, 1)` of it with weights falling linearly to 0, normalised. Equal to Pillow's `resize(…, BILINEAR, box)` on floats.
enum Resampling {
  /// A rectangle of the source in pixels; edges may lie between them.
  struct Box {
    var top, left, bottom, right: Double
  }

  /// The `toHeight` × `width` picture of `box`. - Complexity: O(source pixels of the box).
  ///
  /// - Parameter row: writes the `width` values of a row of the source; asked once for each row that counts, from the top.
  /// - Precondition: the box lies inside and is not empty.
  static func resize(
    height: Int, width: Int, box: Box, toHeight: Int, width toWidth: Int,
    row: (_ y: Int, _ target: UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    let across = taps(from: box.left, to: box.right, limit: width, outputs: toWidth)
    let down = taps(from: box.top, to: box.bottom, limit: height, outputs: toHeight)
    let firstRow = down.starts[0]
    let lastRow = down.starts[toHeight - 1] + down.counts[toHeight - 1]
    var rows = [Float](repeating: 0, count: (lastRow - firstRow) * toWidth)
    var source = [Float](repeating: 0, count: width)
    for y in firstRow..<lastRow {
      source.withUnsafeMutableBufferPointer { row(y, $0.baseAddress!) }
      let line = source
      for x in 0..<toWidth {
        var sum: Float = 0
        let start = across.starts[x]
        let offset = x * across.stride
        for k in 0..<across.counts[x] { sum += across.weights[offset + k] * line[start + k] }
        rows[(y - firstRow) * toWidth + x] = sum
      }
    }
    var result = [Float](repeating: 0, count: toHeight * toWidth)
    rows.withUnsafeBufferPointer { rows in
      result.withUnsafeMutableBufferPointer { result in
        for y in 0..<toHeight {
          for k in 0..<down.counts[y] {
            let weight = down.weights[y * down.stride + k]
            let line = (down.starts[y] + k - firstRow) * toWidth
            for x in 0..<toWidth { result[y * toWidth + x] += weight * rows[line + x] }
          }
          // Weights sum to 1 only up to rounding.
          for x in 0..<toWidth { result[y * toWidth + x] = min(max(result[y * toWidth + x], 0), 1) }
        }
      }
    }
    return result
  }

  /// For each output: the first source pixel, how many follow, and their weights (`stride` apart).
  private struct Taps {
    var starts: [Int] = []
    var counts: [Int] = []
    var weights: [Float] = []
    var stride = 0
  }

  private static func taps(from low: Double, to high: Double, limit: Int, outputs: Int) -> Taps {
    let scale = (high - low) / Double(outputs)
    let reach = max(scale, 1)
    var taps = Taps()
    taps.stride = Int(reach.rounded(.up)) * 2 + 1
    taps.weights = [Float](repeating: 0, count: outputs * taps.stride)
    for x in 0..<outputs {
      let centre = low + (Double(x) + 0.5) * scale
      let start = max(0, Int(centre - reach + 0.5))
      let count = min(limit, Int(centre + reach + 0.5)) - start
      let raw = (0..<count).map { max(0, 1 - abs((Double(start + $0) - centre + 0.5) / reach)) }
      let total = raw.reduce(0, +)
      for k in 0..<count { taps.weights[x * taps.stride + k] = Float(raw[k] / total) }
      taps.starts.append(start)
      taps.counts.append(count)
    }
    return taps
  }
}
