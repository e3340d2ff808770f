import Tensors

/// One axis of a separable resampling as a band of weights: output `i` is the sum over its taps of `weights[i][t] · input[first[i] + t]`.
///
/// Made once a crop and axis and reused by every row, so the pixels meet nothing but multiply and add. The buffers keep their
/// room between crops.
package struct ResamplingWeights {
  package private(set) var first: [Int32] = []
  package private(set) var taps: [Int32] = []
  /// `first.count` rows of `stride` numbers, unused ones zero.
  package private(set) var weights: [Float] = []
  package private(set) var stride = 0

  package init() {}

  /// Antialiased bicubic interpolation with a = −1/2 (the convention of Pillow and of torch's `antialias=True`): the kernel is
  /// widened by the reduction factor. Output `i` lies at `origin + (i + ½) · scale` in the input; only inputs in `range` count, and
  /// a point beyond the range takes the value at its edge. `reversed` turns the output round (a mirror image).
  package mutating func setBicubic(
    origin: Double, scale: Double, count: Int, within range: Range<Int>, reversed: Bool = false
  ) {
    let widening = max(scale, 1)
    let support = 2 * widening
    reserve(count, Int(2 * support) + 3)
    for i in 0..<count {
      let place = origin + (Double(reversed ? count - 1 - i : i) + 0.5) * scale
      let centre = min(max(place, Double(range.lowerBound)), Double(range.upperBound))
      let low = max(Int((centre - support + 0.5).rounded(.towardZero)), range.lowerBound)
      let high = min(Int((centre + support + 0.5).rounded(.towardZero)), range.upperBound)
      setRow(i, low, high) { cubic((Double($0) - centre + 0.5) / widening) }
    }
  }

  /// A Gaussian blur of `count` samples, cut off at three deviations; at an edge the weights inside share the whole.
  package mutating func setGaussian(deviation: Double, count: Int) {
    let radius = max(1, Int((3 * deviation).rounded(.up)))
    reserve(count, 2 * radius + 1)
    let factor = -0.5 / (deviation * deviation)
    for i in 0..<count {
      setRow(i, max(i - radius, 0), min(i + radius + 1, count)) { exponential(factor * Double(($0 - i) * ($0 - i))) }
    }
  }

  /// The inputs that any output needs.
  package var extent: Range<Int> {
    var low = Int(first[0])
    var high = low
    for (start, length) in zip(first, taps) {
      low = min(low, Int(start))
      high = max(high, Int(start + length))
    }
    return low..<high
  }

  private mutating func reserve(_ count: Int, _ width: Int) {
    stride = width
    first.removeAll(keepingCapacity: true)
    taps.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    first.append(contentsOf: repeatElement(0, count: count))
    taps.append(contentsOf: repeatElement(0, count: count))
    weights.append(contentsOf: repeatElement(0, count: count * width))
  }

  /// Fills row `i` with `kernel(low..<high)` over its sum, leaving out zeros at both ends.
  private mutating func setRow(_ i: Int, _ low: Int, _ high: Int, _ kernel: (Int) -> Double) {
    var start = low
    var end = high
    while end - start > 1 && kernel(start) == 0 { start += 1 }
    while end - start > 1 && kernel(end - 1) == 0 { end -= 1 }
    var sum = 0.0
    for j in start..<end { sum += kernel(j) }
    for j in start..<end { weights[i * stride + j - start] = Float(kernel(j) / sum) }
    first[i] = Int32(start)
    taps[i] = Int32(end - start)
  }
}

/// Keys' cubic convolution kernel with a = −1/2.
private func cubic(_ x: Double) -> Double {
  let a = -0.5
  let distance = abs(x)
  if distance < 1 { return ((a + 2) * distance - (a + 3)) * distance * distance + 1 }
  if distance < 2 { return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a }
  return 0
}
