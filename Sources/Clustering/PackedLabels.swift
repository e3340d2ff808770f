/// Labels packed for comparing many partitions of the same rows: group numbers from 0, noise one more group after the last.
package struct PackedLabels: Sendable, Equatable {
  let labels: [Int32]
  /// Rows in each group; the last are noise.
  let sizes: [Int]

  /// - Parameter groupCount: labels are below this.
  package init(_ labels: [Int?], groupCount: Int) {
    var sizes = [Int](repeating: 0, count: groupCount + 1)
    self.labels = labels.map { label in
      let group = label ?? groupCount
      sizes[group] += 1
      return Int32(group)
    }
    self.sizes = sizes
  }

  /// Adjusted Rand index (Hubert & Arabie 1985), noise counting as one group: `ExternalValidity.ari`, without a table of all groups
  /// by all groups. - Complexity: O(n + groups).
  package func adjustedRand(_ other: PackedLabels) -> Double {
    precondition(labels.count == other.labels.count, "\(labels.count) labels against \(other.labels.count)")
    func pairs(_ count: Int) -> Double { Double(count) * Double(count - 1) / 2 }
    // Rows group by group, so that one line of the table at a time is enough.
    var next = [0]
    for size in sizes { next.append(next.last! + size) }
    let starts = next
    var order = [Int32](repeating: 0, count: labels.count)
    for (row, group) in labels.enumerated() {
      order[next[Int(group)]] = Int32(row)
      next[Int(group)] += 1
    }
    var counts = [Int](repeating: 0, count: other.sizes.count)
    var both = 0.0
    for group in sizes.indices {
      let rows = order[starts[group]..<starts[group + 1]]
      for row in rows { counts[Int(other.labels[Int(row)])] += 1 }
      for row in rows {
        let there = Int(other.labels[Int(row)])
        both += pairs(counts[there])
        counts[there] = 0
      }
    }
    let (inA, inB) = (sizes.reduce(0) { $0 + pairs($1) }, other.sizes.reduce(0) { $0 + pairs($1) })
    if both == inA && both == inB { return 1 }
    let expected = inA * inB / pairs(labels.count)
    return (both - expected) / ((inA + inB) / 2 - expected)
  }
}
