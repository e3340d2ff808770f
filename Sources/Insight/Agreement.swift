public import Clustering

/// How far two clusterings of the same rows agree: who shares rows with whom, and the adjusted Rand index.
public struct Agreement: Sendable, Hashable {
  /// Rows shared, by group of the first (rows) and of the second (columns); noise is the last row and the last column.
  public let contingency: [[Int]]
  /// Adjusted Rand index (Hubert, Arabie 1985) with noise as one group of its own, at most 1; 0 is chance.
  public let adjustedRandIndex: Double
  /// For every group of the first its best partner in the second, by the Jaccard index of their rows.
  public let partners: [Partner]

  /// A pair of groups.
  public struct Partner: Sendable, Hashable {
    public let first: Int
    public let second: Int
    public let shared: Int
    /// Shared rows over rows in either: 1 when the two are the same group.
    public let jaccard: Double
  }

  /// - Precondition: both label the same rows.
  public init(of first: Partition, and second: Partition) {
    precondition(first.labels.count == second.labels.count, "\(first.labels.count) rows against \(second.labels.count)")
    let firstGroups = first.groupCount
    let secondGroups = second.groupCount
    var table = [[Int]](repeating: [Int](repeating: 0, count: secondGroups + 1), count: firstGroups + 1)
    for (a, b) in zip(first.labels, second.labels) { table[a ?? firstGroups][b ?? secondGroups] += 1 }
    contingency = table
    adjustedRandIndex = ExternalValidity(truth: first.labels, groups: second.labels).ari
    let columnSums = (0...secondGroups).map { column in table.reduce(0) { $0 + $1[column] } }
    partners = (0..<firstGroups).compactMap { group in
      let size = table[group].reduce(0, +)
      return (0..<secondGroups).map { other in
        let shared = table[group][other]
        return Partner(
          first: group, second: other, shared: shared,
          jaccard: Double(shared) / Double(max(size + columnSums[other] - shared, 1)))
      }.max { ($0.jaccard, $1.second) < ($1.jaccard, $0.second) }
    }
  }
}
