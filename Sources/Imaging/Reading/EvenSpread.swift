/// Places evenly spread over a row of them: slices of a stack, tiles of a slide.
package enum EvenSpread {
  /// `count` of 0..<total, each in the middle of its share; all where `count` is as large, or nil. - Precondition: neither is negative.
  package static func places(_ count: Int?, of total: Int) -> [Int] {
    guard let count, count < total else { return Array(0..<total) }
    precondition(count >= 0, "\(count) places of \(total)")
    return (0..<count).map { ((2 * $0 + 1) * total) / (2 * count) }
  }

  /// The values at these places; all where there is no limit.
  static func choose<Value>(_ limit: Int?, of values: [Value]) -> [Value] {
    places(limit, of: values.count).map { values[$0] }
  }
}
