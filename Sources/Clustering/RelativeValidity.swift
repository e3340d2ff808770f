/// DBCV read off the spanning tree that HDBSCAN has anyway, in place of one tree a group (hdbscan's `relative_validity_`): it ranks
/// the groupings of one set of rows by one `minSamples`, and means nothing between sets.
public struct RelativeValidity: Sendable, Equatable {
  /// Σ (group size / all rows) · group score, in −1…1.
  public let score: Double
  /// By group: (gap − sparseness) / max of both, where sparseness is the longest edge within the group and the gap the shortest
  /// to another; where no edge leads to another group, twice the longest of all stands in (twice the shortest to noise, for an
  /// only group).
  public let groups: [Double]

  /// - Parameter labels: group of each row, below `groupCount`; nil for noise.
  /// - Complexity: O(n).
  public init(_ tree: SpanningTree, labels: [Int?], groupCount: Int) {
    precondition(labels.count == tree.pointCount, "\(labels.count) labels for \(tree.pointCount) points")
    var sparseness = [Double](repeating: 0, count: groupCount)
    var gaps = [Double](repeating: .infinity, count: groupCount)
    var sizes = [Int](repeating: 0, count: groupCount)
    for case let label? in labels { sizes[label] += 1 }
    var toNoise = Double.infinity
    let longest = tree.edges.last?.weight ?? 0
    for edge in tree.edges {
      switch (labels[edge.a], labels[edge.b]) {
      case (nil, nil): continue
      case (nil, _), (_, nil): toNoise = min(toNoise, edge.weight)
      case (let a?, let b?):
        if a == b {
          sparseness[a] = max(sparseness[a], edge.weight)
        } else {
          gaps[a] = min(gaps[a], edge.weight)
          gaps[b] = min(gaps[b], edge.weight)
        }
      }
    }
    let missing = 2 * (groupCount > 1 || toNoise.isInfinite ? longest : toNoise)
    groups = zip(gaps, sparseness).map { gap, sparse in
      let gap = gap.isInfinite ? missing : gap
      return max(gap, sparse) > 0 ? (gap - sparse) / max(gap, sparse) : 0
    }
    score = zip(groups, sizes).reduce(0) { $0 + $1.0 * Double($1.1) / Double(max(labels.count, 1)) }
  }
}
