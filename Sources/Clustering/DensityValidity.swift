import Foundation
public import Tensors

/// Density-based cluster validity, DBCV (Moulavi et al. 2014): whether groups are denser inside than the gaps between them,
/// in −1…1. Noise lowers the whole. The only internal measure here that does not favour balls.
///
/// As in hdbscan's `validity_index`, with the all-points core distance taken in log space, so that it holds in any dimension.
public struct DensityValidity: Sendable, Equatable {
  /// Σ (group size / all rows) · group score; nil when there are fewer than two groups.
  public let score: Double?
  /// By group of the partition; nil for groups of fewer than two rows, and when there are fewer than two groups.
  public let groups: [Double?]

  /// - Precondition: `points` has one row a label, all finite.
  /// - Complexity: O(n² · d) time, O(n) memory.
  public init(of points: Matrix, _ partition: Partition, workers: WorkerPool) {
    precondition(points.rows == partition.count, "\(points.rows) rows, \(partition.count) labels")
    let members = partition.members
    let measured = members.indices.filter { members[$0].count >= 2 }
    if measured.count < 2 {
      (score, groups) = (nil, members.map { _ in nil })
      return
    }
    var pairs: [(Int, Int)] = []
    for i in measured.indices { for j in i + 1..<measured.count { pairs.append((i, j)) } }
    // Nothing in here throws; `map` may.
    let cores = try! workers.map(jobs: measured.count) { job, _ in GroupCore(points, members[measured[job]]) }
    let gaps = try! workers.map(jobs: pairs.count) { [pairs] job, _ in
      cores[pairs[job].0].separation(from: cores[pairs[job].1], points)
    }
    var nearest = [Double](repeating: .infinity, count: measured.count)
    for (pair, gap) in zip(pairs, gaps) {
      nearest[pair.0] = min(nearest[pair.0], gap)
      nearest[pair.1] = min(nearest[pair.1], gap)
    }
    var groups = [Double?](repeating: nil, count: members.count)
    var score = 0.0
    for (i, group) in measured.enumerated() {
      let (gap, sparse) = (nearest[i], cores[i].sparseness)
      let value = max(gap, sparse) > 0 ? (gap - sparse) / max(gap, sparse) : 0
      groups[group] = value
      score += Double(members[group].count) / Double(points.rows) * value
    }
    self.score = score
    self.groups = groups
  }
}

/// What a group is inside: its rows' core distances, the inner nodes of its spanning tree, and the longest inner edge.
private struct GroupCore: Sendable {
  /// Inner nodes of the tree, as rows of the points.
  let inner: [Int]
  /// Core distances of `inner`.
  let innerCore: [Double]
  /// The longest edge between inner nodes.
  let sparseness: Double

  init(_ points: Matrix, _ members: [Int]) {
    let n = members.count
    let core = members.map { Self.coreDistance(of: $0, among: members, points) }
    // Prim's algorithm from the first member. Core distances make many edges weigh the same: ties go to the lower row, at both
    // ends, as in hdbscan, since the tree decides which nodes are inner.
    var distance = [Double](repeating: .infinity, count: n)
    var source = [Int](repeating: 0, count: n)
    var isIn = [Bool](repeating: false, count: n)
    var edges: [(a: Int, b: Int, weight: Double)] = []
    var degree = [Int](repeating: 0, count: n)
    var current = 0
    for _ in 1..<n {
      isIn[current] = true
      var next = -1
      for j in 0..<n where !isIn[j] {
        let weight = max(core[current], core[j], Distances.between(members[current], members[j], of: points))
        if weight < distance[j] || (weight == distance[j] && current < source[j]) {
          (distance[j], source[j]) = (weight, current)
        }
        if next < 0 || distance[j] < distance[next] { next = j }
      }
      edges.append((source[next], next, distance[next]))
      degree[source[next]] += 1
      degree[next] += 1
      current = next
    }
    var nodes = (0..<n).filter { degree[$0] > 1 }
    // A tree of one edge has no inner node: the first stands in, as in hdbscan.
    if nodes.isEmpty { nodes = [0] }
    let innerEdges = edges.filter { degree[$0.a] > 1 && degree[$0.b] > 1 }
    sparseness = (innerEdges.isEmpty ? edges : innerEdges).reduce(0) { max($0, $1.weight) }
    inner = nodes.map { members[$0] }
    innerCore = nodes.map { core[$0] }
  }

  /// The least mutual reachability distance between inner nodes of two groups.
  func separation(from other: GroupCore, _ points: Matrix) -> Double {
    var least = Double.infinity
    for (a, coreA) in zip(inner, innerCore) where coreA < least {
      for (b, coreB) in zip(other.inner, other.innerCore) where coreB < least {
        least = min(least, max(coreA, coreB, Distances.between(a, b, of: points)))
      }
    }
    return least
  }

  /// ((1 / (n − 1)) Σ (1 / distance)^d)^(−1/d) over the other members, coincident ones skipped; 0 if all coincide.
  private static func coreDistance(of row: Int, among members: [Int], _ points: Matrix) -> Double {
    let d = Double(points.columns)
    // ln Σ exp(−d ln r), less the largest term before any exponential is taken.
    let exponents = members.compactMap { other -> Double? in
      let distance = Distances.between(row, other, of: points)
      return distance > 0 ? -d * log(distance) : nil
    }
    guard let most = exponents.max() else { return 0 }
    let logSum = most + log(exponents.reduce(0) { $0 + exp($1 - most) })
    return exp((log(Double(members.count - 1)) - logSum) / d)
  }
}
