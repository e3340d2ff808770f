import Tensors

/// One plane of samples, row by row: optical depth, beam intensity or stain, in the unit that its maker names.
struct Plane: Sendable {
  let width: Int
  let height: Int
  var samples: [Float]

  init(width: Int, height: Int, repeating value: Float = 0) {
    self.width = width
    self.height = height
    samples = [Float](repeating: value, count: width * height)
  }

  /// The pixels within `reach` of (x, y), cut at the edges; empty ranges where it lies outside.
  func neighborhood(x: Double, y: Double, reach: Double) -> (rows: Range<Int>, columns: Range<Int>) {
    func cut(_ middle: Double, _ size: Int) -> Range<Int> {
      let first = min(max(Int((middle - reach).rounded(.down)), 0), size)
      return first..<max(first, min(Int((middle + reach).rounded(.up)) + 1, size))
    }
    return (cut(y, height), cut(x, width))
  }

  /// Convolved with a Gaussian of `sigma` pixels, edges repeated: by its kernel where it is narrow, by three running means
  /// (Wells 1986) where it is wide. - Complexity: O(pixels · sigma) below 3 pixels, O(pixels) above.
  func blurred(sigma: Double) -> Plane {
    if sigma < 0.05 { return self }
    if sigma < 3 {
      let reach = Int((3 * sigma).rounded(.up))
      var kernel = (-reach...reach).map { Float(exponential(-Double($0 * $0) / (2 * sigma * sigma))) }
      let sum = kernel.reduce(0, +)
      for i in kernel.indices { kernel[i] /= sum }
      return convolvedAlongRows(kernel).transposed().convolvedAlongRows(kernel).transposed()
    }
    let reach = max(1, Int((((4 * sigma * sigma + 1).squareRoot() - 1) / 2).rounded()))
    var plane = self
    for _ in 0..<3 { plane.averageAlongRows(reach) }
    plane = plane.transposed()
    for _ in 0..<3 { plane.averageAlongRows(reach) }
    return plane.transposed()
  }

  /// The value below which `fraction` of the samples lie, among those that `included` keeps (every seventh is looked at).
  func quantile(_ fraction: Double, where included: (Int) -> Bool = { _ in true }) -> Float {
    var kept: [Float] = []
    for i in stride(from: 0, to: samples.count, by: 7) where included(i) { kept.append(samples[i]) }
    if kept.isEmpty { return 0 }
    kept.sort()
    return kept[min(kept.count - 1, max(0, Int(fraction * Double(kept.count))))]
  }

  /// The picture moved by whole or broken pixels, edges repeated; bilinear between them.
  func shifted(x: Double, y: Double) -> Plane {
    var moved = self
    for row in 0..<height {
      let sourceY = min(max(Double(row) - y, 0), Double(height - 1))
      let top = Int(sourceY)
      let bottom = min(top + 1, height - 1)
      let fy = Float(sourceY - Double(top))
      for column in 0..<width {
        let sourceX = min(max(Double(column) - x, 0), Double(width - 1))
        let left = Int(sourceX)
        let right = min(left + 1, width - 1)
        let fx = Float(sourceX - Double(left))
        let upper = samples[top * width + left] * (1 - fx) + samples[top * width + right] * fx
        let lower = samples[bottom * width + left] * (1 - fx) + samples[bottom * width + right] * fx
        moved.samples[row * width + column] = upper * (1 - fy) + lower * fy
      }
    }
    return moved
  }

  private func convolvedAlongRows(_ kernel: [Float]) -> Plane {
    let reach = kernel.count / 2
    var result = self
    var padded = [Float](repeating: 0, count: width + 2 * reach)
    result.samples.withUnsafeMutableBufferPointer { target in
      for row in 0..<height {
        let start = row * width
        for i in 0..<reach {
          padded[i] = samples[start]
          padded[reach + width + i] = samples[start + width - 1]
        }
        for i in 0..<width { padded[reach + i] = samples[start + i] }
        padded.withUnsafeBufferPointer { source in
          for column in 0..<width {
            var sum: Float = 0
            for i in kernel.indices { sum += kernel[i] * source[column + i] }
            target[start + column] = sum
          }
        }
      }
    }
    return result
  }

  private mutating func averageAlongRows(_ reach: Int) {
    let width = width
    let height = height
    var line = [Float](repeating: 0, count: width)
    let scale = 1 / Float(2 * reach + 1)
    samples.withUnsafeMutableBufferPointer { values in
      for row in 0..<height {
        let start = row * width
        for i in 0..<width { line[i] = values[start + i] }
        var sum = line[0] * Float(reach)
        for i in 0...reach { sum += line[min(i, width - 1)] }
        for column in 0..<width {
          values[start + column] = sum * scale
          sum += line[min(column + reach + 1, width - 1)] - line[max(column - reach, 0)]
        }
      }
    }
  }

  private func transposed() -> Plane {
    var result = Plane(width: height, height: width)
    result.samples.withUnsafeMutableBufferPointer { target in
      samples.withUnsafeBufferPointer { source in
        for row in 0..<height {
          for column in 0..<width { target[column * height + row] = source[row * width + column] }
        }
      }
    }
    return result
  }
}
