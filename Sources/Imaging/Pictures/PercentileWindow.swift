/// The window of a picture that names none: linear between its 0.5th and 99.5th percentiles (nearest rank), clamped to 0…1.
///
/// Where these two are equal the least and greatest value take their place; a constant picture becomes 0.
package struct PercentileWindow: Sendable, Hashable {
  package let low: Double
  package let high: Double

  /// - Complexity: O(values).
  package init(_ values: CountedValues) {
    let total = values.total
    func percentile(_ fraction: Double) -> Double {
      values.value(rank: max(1, Int((fraction * Double(total)).rounded(.up))))
    }
    let low = total == 0 ? 0 : percentile(0.005)
    let high = total == 0 ? 0 : percentile(0.995)
    let ends = low < high ? (low, high) : values.ends
    self.low = ends.0
    self.high = ends.1
  }

  init(_ values: some Sequence<Double>) { self.init(CountedValues(values: Array(values))) }

  func callAsFunction(_ value: Double) -> Double {
    if high <= low { return 0 }
    return min(max((value - low) / (high - low), 0), 1)
  }
}

/// Finite numbers and how often each occurs, in any order, a number perhaps more than once.
package struct CountedValues: Sendable {
  private var values: [Double]
  /// As long as `values`, or empty where each counts once.
  private var counts: [Int]

  /// - Precondition: the values are finite; there are as many counts, or none.
  package init(values: [Double] = [], counts: [Int] = []) {
    precondition(counts.isEmpty || counts.count == values.count, "\(counts.count) counts of \(values.count) values")
    self.values = values
    self.counts = counts
  }

  package var isEmpty: Bool { values.isEmpty }

  /// Takes in those of another picture.
  package mutating func append(_ other: CountedValues) {
    if counts.isEmpty && !other.counts.isEmpty { counts = [Int](repeating: 1, count: values.count) }
    if !counts.isEmpty {
      counts += other.counts.isEmpty ? [Int](repeating: 1, count: other.values.count) : other.counts
    }
    values += other.values
  }

  var total: Int { counts.isEmpty ? values.count : counts.reduce(0, +) }

  /// The least and the greatest value; zeros where there is none.
  var ends: (Double, Double) {
    guard var low = values.first else { return (0, 0) }
    var high = low
    for value in values {
      low = min(low, value)
      high = max(high, value)
    }
    return (low, high)
  }

  /// The value of that rank, counted from 1, by its bits from the highest to the lowest. - Complexity: eight passes, no copy.
  /// - Precondition: 1 ≤ rank ≤ `total`.
  func value(rank: Int) -> Double {
    var rank = rank
    var prefix: UInt64 = 0
    var known: UInt64 = 0
    var histogram = [Int](repeating: 0, count: 256)
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      for i in histogram.indices { histogram[i] = 0 }
      for i in values.indices {
        let key = CountedValues.key(values[i])
        if key & known == prefix { histogram[Int(key >> shift & 255)] += counts.isEmpty ? 1 : counts[i] }
      }
      var digit = 0
      while digit < 255 && histogram[digit] < rank {
        rank -= histogram[digit]
        digit += 1
      }
      prefix |= UInt64(digit) << shift
      known |= 255 << shift
    }
    return Double(bitPattern: prefix >> 63 == 1 ? prefix ^ 1 << 63 : ~prefix)
  }

  /// A number that is ordered as the value is.
  private static func key(_ value: Double) -> UInt64 {
    let bits = value.bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }
}
