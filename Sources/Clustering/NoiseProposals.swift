public import Tensors

/// For each noise row the group it would go to, should someone want it in one: beside the labels, which stay as they are.
public struct NoiseProposals: Sendable, Equatable {
  /// What chooses the group of a noise row.
  public enum Method: String, Sendable, Hashable, Codable, CaseIterable {
    /// The group with the nearest exemplar.
    case nearestExemplar
    /// The group of the strongest soft membership.
    case membership
  }

  /// By row; nil for rows that are in a group anyway, and where the membership is below the threshold.
  public let groups: [Int?]
  /// Soft membership of each noise row in the group the method chose, whether proposed or not; nil for rows in a group.
  public let memberships: [Double?]

  /// Rows that are proposed for a group.
  public var count: Int { groups.reduce(0) { $0 + ($1 == nil ? 0 : 1) } }
}

extension DensityModel {
  /// Proposes a group for each noise row of the partition this model is of.
  /// - Parameter threshold: the least soft membership that is enough, in 0…1.
  /// - Precondition: the partition is that of the fit.
  /// - Complexity: O(noise · exemplars · d).
  public func proposals(
    for partition: Partition, by method: NoiseProposals.Method, threshold: Double, workers: WorkerPool
  ) -> NoiseProposals {
    precondition(
      partition.count == points.rows && partition.groupCount == groupCount,
      "\(partition.groupCount) groups of \(partition.count) rows, \(groupCount) of \(points.rows) in the model")
    let noise = partition.noise
    let memberships = memberships(ofRows: noise, workers: workers)
    let distances =
      method == .nearestExemplar ? exemplarRows.distances(from: embedded.rows(at: noise), 0..<noise.count) : []
    var groups = [Int?](repeating: nil, count: points.rows)
    var strengths = [Double?](repeating: nil, count: points.rows)
    for (i, row) in noise.enumerated() {
      guard let strongest = memberships.strongest(i) else { continue }
      var group = strongest
      if method == .nearestExemplar {
        let own = distances[i * groupCount..<(i + 1) * groupCount]
        group = own.indices.min { own[$0] < own[$1] }! - own.startIndex
      }
      strengths[row] = memberships[i, group]
      if memberships[i, group] >= threshold { groups[row] = group }
    }
    return NoiseProposals(groups: groups, memberships: strengths)
  }
}
