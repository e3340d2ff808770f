/// Which pixels of a tile are tissue, and how much of it is under ink.
struct TileTissue {
  /// `[y, x]`: more saturated than glass over 5 × 5 pixels, and not under ink.
  let isTissue: [Bool]
  let tissueShare: Double
  /// Share of the tile's squares of about 8 µm that are marker ink.
  let inkShare: Double

  /// Micrometres of the squares in which ink is looked for.
  private static let square = 8.0

  /// - Parameters: `pixels` is `[y, x, RGB]`; `threshold` is the slide's (`TissueMask.threshold`).
  init(_ pixels: [UInt8], size: Int, micrometresPerPixel: Double, threshold: Float) {
    let side = min(max(Int((TileTissue.square / micrometresPerPixel).rounded()), 1), size)
    let across = (size - 1) / side + 1
    var isInk = [Bool](repeating: false, count: across * across)
    for row in 0..<across {
      for column in 0..<across {
        isInk[row * across + column] = TileTissue.isInk(
          pixels, size: size, x: column * side..<min((column + 1) * side, size),
          y: row * side..<min((row + 1) * side, size))
      }
    }
    var isTissue = [Bool](repeating: false, count: size * size)
    var count = 0
    let means = (0..<3).map { BoxMean.over(pixels, channel: $0, size: size, radius: 2) }
    for y in 0..<size {
      for x in 0..<size {
        let i = y * size + x
        let colour = HSVColour(means[0][i], means[1][i], means[2][i])
        if colour.saturation > threshold && !isInk[y / side * across + x / side] {
          isTissue[i] = true
          count += 1
        }
      }
    }
    self.isTissue = isTissue
    tissueShare = Double(count) / Double(size * size)
    inkShare = Double(isInk.count { $0 }) / Double(isInk.count)
  }

  private static func isInk(_ pixels: [UInt8], size: Int, x columns: Range<Int>, y rows: Range<Int>) -> Bool {
    var (red, green, blue, grey, squares): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
    for y in rows {
      for x in columns {
        let i = 3 * (y * size + x)
        let (r, g, b) = (Float(pixels[i]), Float(pixels[i + 1]), Float(pixels[i + 2]))
        let luma = 0.299 * r + 0.587 * g + 0.114 * b
        red += r
        green += g
        blue += b
        grey += luma
        squares += luma * luma
      }
    }
    let count = Float(columns.count * rows.count)
    let variance = max(0, squares / count - grey / count * (grey / count))
    return PenInk.isInk(
      HSVColour(red / count, green / count, blue / count), unevenness: variance.squareRoot() / 255)
  }
}

/// Means over squares of pixels, edges cut.
enum BoxMean {
  /// Of one channel of `[y, x, RGB]`. - Complexity: O(pixels).
  static func over(_ pixels: [UInt8], channel: Int, size: Int, radius: Int) -> [Float] {
    var rows = [Int32](repeating: 0, count: size * size)
    for y in 0..<size {
      var sum: Int32 = 0
      for x in 0..<min(radius, size) { sum += Int32(pixels[3 * (y * size + x) + channel]) }
      for x in 0..<size {
        if x + radius < size { sum += Int32(pixels[3 * (y * size + x + radius) + channel]) }
        if x - radius - 1 >= 0 { sum -= Int32(pixels[3 * (y * size + x - radius - 1) + channel]) }
        rows[y * size + x] = sum
      }
    }
    var means = [Float](repeating: 0, count: size * size)
    var sums = [Int32](repeating: 0, count: size)
    for y in 0..<min(radius, size) { for x in 0..<size { sums[x] += rows[y * size + x] } }
    for y in 0..<size {
      let height = min(y + radius, size - 1) - max(y - radius, 0) + 1
      for x in 0..<size {
        if y + radius < size { sums[x] += rows[(y + radius) * size + x] }
        if y - radius - 1 >= 0 { sums[x] -= rows[(y - radius - 1) * size + x] }
        let width = min(x + radius, size - 1) - max(x - radius, 0) + 1
        means[y * size + x] = Float(sums[x]) / Float(width * height)
      }
    }
    return means
  }
}
