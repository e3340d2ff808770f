/// The threshold that parts a histogram in two classes with the greatest variance between them (Otsu 1979).
struct OtsuThreshold: Equatable {
  /// The last bin of the lower class.
  let bin: Int
  /// Mean bins of the two classes, and the deviation of the lower.
  let lowerMean: Double
  let upperMean: Double
  let lowerDeviation: Double

  /// nil where all counts lie in one bin, or there are none. Of equal thresholds the lowest is taken. - Complexity: O(bins).
  init?(_ histogram: [Int]) {
    let total = histogram.reduce(0, +)
    let sum = histogram.enumerated().reduce(0.0) { $0 + Double($1.offset) * Double($1.element) }
    var best = -1.0
    var bin = -1
    var below = 0
    var sumBelow = 0.0
    for (index, count) in histogram.enumerated() {
      below += count
      sumBelow += Double(index) * Double(count)
      if below == 0 || below == total { continue }
      let difference = sumBelow / Double(below) - (sum - sumBelow) / Double(total - below)
      let between = Double(below) * Double(total - below) * difference * difference
      if between > best {
        best = between
        bin = index
      }
    }
    guard bin >= 0 else { return nil }
    self.bin = bin
    let lower = histogram[...bin].enumerated()
    let count = Double(histogram[...bin].reduce(0, +))
    let mean = lower.reduce(0.0) { $0 + Double($1.offset) * Double($1.element) } / count
    lowerMean = mean
    upperMean = (sum - mean * count) / (Double(total) - count)
    lowerDeviation =
      (lower.reduce(0.0) { $0 + (Double($1.offset) - mean) * (Double($1.offset) - mean) * Double($1.element) } / count)
      .squareRoot()
  }
}
