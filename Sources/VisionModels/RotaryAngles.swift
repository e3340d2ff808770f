import Kernels
import Tensors

/// The angles by which queries and keys of patches are turned (RoPE, Su et al. 2021, arXiv 2104.09864; on a grid as in DINOv3).
///
/// A patch at (y, x) of a gh × gw grid has the coordinates 2(y + ½)/gh − 1 and 2(x + ½)/gw − 1. With head width w, frequency m is 100^(−4m/w), m < w/4;
/// the angles are 2π · coordinate · frequency, those of y first. Channel k < w/2 pairs with k + w/2.
final class RotaryAngles: Sendable {
  /// [patches, headWidth / 2]
  private let cosines: FloatBuffer
  private let sines: FloatBuffer
  private let prefix: Int
  private let tokens: Int
  private let heads: Int
  private let headWidth: Int

  init(_ configuration: VisionTransformer.Configuration, grid: Int) {
    headWidth = configuration.width / configuration.heads
    heads = configuration.heads
    prefix = configuration.prefixTokens
    tokens = prefix + grid * grid
    let quarter = headWidth / 4
    cosines = FloatBuffer(grid * grid * 2 * quarter)
    sines = FloatBuffer(grid * grid * 2 * quarter)
    for patch in 0..<grid * grid {
      for (axis, place) in [patch / grid, patch % grid].enumerated() {
        let coordinate = 2 * (Double(place) + 0.5) / Double(grid) - 1
        for m in 0..<quarter {
          let angle = 2 * Double.pi * coordinate * power(100, -4 * Double(m) / Double(headWidth))
          let index = (patch * 2 + axis) * quarter + m
          cosines.pointer[index] = Float(cosine(angle))
          sines.pointer[index] = Float(sine(angle))
        }
      }
    }
  }

  /// Turns queries and keys of rows `rows` of [images · tokens, stride], the queries' first channel at `qkv`, in place.
  func turn(
    _ qkv: UnsafeMutableRawPointer, stride: Int, rows: Range<Int>, backwards: Bool = false, _ precision: Precision
  ) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let token = row % tokens
      if token < prefix {
        row += prefix - token
        continue
      }
      let count = min(rows.upperBound - row, tokens - token)
      let angles = (token - prefix) * headWidth / 2
      // Keys lie behind the queries, so both are the heads of one row.
      rotate(
        qkv.advanced(by: row * stride, precision), precision.number, stride, cosines.pointer + angles,
        sines.pointer + angles,
        backwards ? 1 : 0, count, 2 * heads, headWidth)
      row += count
    }
  }
}
