/// The window of a picture that names none: linear between its 0.5th and 99.5th percentiles (nearest rank), clamped to 0…1.
///
/// Where these two are equal the least and greatest value take their place; a constant picture becomes 0.
struct PercentileWindow {
  let low: Double
  let high: Double

  /// The window over values with how often each occurs. - Complexity: O(n log n).
  init(weighted values: [(value: Double, count: Int)]) {
    let sorted = values.filter { $0.count > 0 }.sorted { $0.value < $1.value }
    let total = sorted.reduce(0) { $0 + $1.count }
    func percentile(_ fraction: Double) -> Double {
      let wanted = max(1, Int((fraction * Double(total)).rounded(.up)))
      var below = 0
      for (value, count) in sorted {
        below += count
        if below >= wanted { return value }
      }
      return sorted.last?.value ?? 0
    }
    let low = percentile(0.005)
    let high = percentile(0.995)
    self.low = low < high ? low : sorted.first?.value ?? 0
    self.high = low < high ? high : sorted.last?.value ?? 0
  }

  init(_ values: some Sequence<Double>) { self.init(weighted: values.map { ($0, 1) }) }

  func callAsFunction(_ value: Double) -> Double {
    if high <= low { return 0 }
    return min(max((value - low) / (high - low), 0), 1)
  }
}
