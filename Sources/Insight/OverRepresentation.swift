import Foundation

/// Tests whether a group holds more of something than chance would give it: the upper tail of the hypergeometric
/// distribution (Fisher's exact test, one-sided), and Benjamini–Hochberg over all tests made.
package struct OverRepresentation {
  /// ln n!, for 0…n.
  private let logFactorials: [Double]

  /// For archives of up to `rows` images. - Complexity: O(rows).
  package init(rows: Int) {
    var sums = [0.0]
    sums.reserveCapacity(rows + 1)
    for n in stride(from: 1, through: rows, by: 1) { sums.append(sums[n - 1] + log(Double(n))) }
    logFactorials = sums
  }

  /// The probability that a random group of `size` rows out of `rows`, `marked` of which carry the mark, holds `seen` or more.
  /// - Complexity: O(min(size, marked)).
  package func upperTail(seen: Int, size: Int, marked: Int, rows: Int) -> Double {
    let most = min(size, marked)
    let least = max(0, size + marked - rows)
    if seen <= least { return 1 }
    if seen > most { return 0 }
    // From the far end inward: the small terms first.
    var sum = 0.0
    for count in stride(from: most, through: seen, by: -1) {
      sum += exp(choose(marked, count) + choose(rows - marked, size - count) - choose(rows, size))
    }
    return min(sum, 1)
  }

  private func choose(_ n: Int, _ k: Int) -> Double { logFactorials[n] - logFactorials[k] - logFactorials[n - k] }

  /// Benjamini–Hochberg: for every p the smallest false discovery rate at which it would count as found.
  package static func adjusted(_ p: [Double]) -> [Double] {
    let order = p.indices.sorted { (p[$0], $0) < (p[$1], $1) }
    var q = p
    var least = 1.0
    for (rank, index) in order.enumerated().reversed() {
      least = min(least, p[index] * Double(p.count) / Double(rank + 1))
      q[index] = least
    }
    return q
  }
}
