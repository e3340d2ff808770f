/// Which clusters of a condensed tree are the answer, and what that makes of the points.
///
/// *Excess of mass* keeps a cluster when it is at least as stable as the best choice below it; *leaf* keeps the finest ones.
/// A `clusterSelectionEpsilon` then merges clusters born below that distance upwards (Malzer & Baum 2020). The rules, and the
/// corners of them, are those of hdbscan 0.8.44, except that stabilities are compared in 64 bits where hdbscan rounds sums to 32.
public struct ClusterSelection: Sendable, Equatable {
  public enum Method: String, Sendable, Hashable, Codable, CaseIterable {
    case eom
    case leaf
  }

  /// Selected clusters of the tree, ascending. Their places here are the labels.
  public let clusters: [Int]
  /// The place in `clusters` of each point's cluster, nil for noise.
  public let labels: [Int?]
  /// min(λ, λmax) / λmax of each point: λ is the density at which it leaves, λmax the highest at which anything leaves the
  /// selected cluster itself; 0 for noise.
  public let probabilities: [Double]
  /// Stability of each selected cluster over its size and the highest density of the tree, in 0…1; 1 where points coincide.
  public let persistences: [Double]

  public init(
    _ tree: CondensedTree, method: Method, epsilon: Double = 0, allowSingleCluster: Bool = false,
    maxClusterSize: Int? = nil
  ) {
    let choice = Choice(
      tree: tree, children: tree.children, births: tree.births, allowSingleCluster: allowSingleCluster)
    var stabilities = tree.stabilities
    var selected: [Bool]
    switch method {
    case .eom:
      selected = choice.excessOfMass(&stabilities, maxClusterSize: maxClusterSize)
      let onlyRoot = selected[0] && selected.filter { $0 }.count == 1
      if epsilon > 0 && tree.clusterCount > 1 && !onlyRoot { selected = choice.merged(selected, epsilon: epsilon) }
    case .leaf:
      selected = choice.leaves()
      if epsilon > 0 { selected = choice.merged(selected, epsilon: epsilon) }
    }
    clusters = selected.indices.filter { selected[$0] }.map { $0 + tree.pointCount }
    (labels, probabilities) = Self.label(tree, clusters: clusters, epsilon: epsilon)
    let highest = tree.rows.reduce(0) { max($0, $1.lambda) }
    var sizes = [Int](repeating: 0, count: clusters.count)
    for case let label? in labels { sizes[label] += 1 }
    persistences = zip(clusters, sizes).map { cluster, size in
      highest.isInfinite || highest == 0 || size == 0
        ? 1 : stabilities[cluster - tree.pointCount] / (Double(size) * highest)
    }
  }

  /// A point belongs to the nearest selected cluster above it. The root as the only cluster keeps the densest points alone:
  /// those that leave at its highest density, or nearer than epsilon where one is given.
  private static func label(
    _ tree: CondensedTree, clusters: [Int], epsilon: Double
  ) -> (labels: [Int?], probabilities: [Double]) {
    let n = tree.pointCount
    var owner = [Int?](repeating: nil, count: tree.clusterCount)
    for (label, cluster) in clusters.enumerated() { owner[cluster - n] = label }
    for row in tree.rows where row.child >= n && owner[row.child - n] == nil {
      owner[row.child - n] = owner[row.parent - n]
    }
    let deaths = tree.deaths
    let rootLabel = clusters.first == tree.root ? 0 : nil as Int?
    let rootThreshold = epsilon > 0 ? 1 / epsilon : deaths[0]
    var labels = [Int?](repeating: nil, count: n)
    var probabilities = [Double](repeating: 0, count: n)
    for row in tree.rows where row.child < n {
      guard let label = owner[row.parent - n] else { continue }
      if label == rootLabel && (clusters.count > 1 || row.lambda < rootThreshold) { continue }
      labels[row.child] = label
      let death = deaths[clusters[label] - n]
      probabilities[row.child] = death == 0 || row.lambda.isInfinite ? 1 : min(row.lambda, death) / death
    }
    return (labels, probabilities)
  }
}

/// The rules of selection; clusters are counted from the root, which is 0.
private struct Choice {
  let tree: CondensedTree
  let children: [[Int]]
  let births: [Double]
  let allowSingleCluster: Bool
  private let parents: [Int]

  init(tree: CondensedTree, children: [[Int]], births: [Double], allowSingleCluster: Bool) {
    self.tree = tree
    self.children = children.map { $0.map { $0 - tree.pointCount } }
    self.births = births
    self.allowSingleCluster = allowSingleCluster
    var parents = [Int](repeating: 0, count: tree.clusterCount)
    for (parent, children) in self.children.enumerated() { for child in children { parents[child] = parent } }
    self.parents = parents
  }

  /// From the youngest up: a cluster gives way when its children together are more stable, or when it is too large.
  /// `stabilities` become those of the best choice at and below each cluster.
  func excessOfMass(_ stabilities: inout [Double], maxClusterSize: Int?) -> [Bool] {
    var selected = [Bool](repeating: false, count: tree.clusterCount)
    var sizes = tree.sizes
    sizes[0] = children[0].reduce(0) { $0 + sizes[$1] }
    for cluster in stride(from: tree.clusterCount - 1, through: allowSingleCluster ? 0 : 1, by: -1) {
      let below = children[cluster].reduce(0.0) { $0 + stabilities[$1] }
      if below > stabilities[cluster] || sizes[cluster] > maxClusterSize ?? .max {
        stabilities[cluster] = below
      } else {
        selected[cluster] = true
        deselect(below: cluster, &selected)
      }
    }
    return selected
  }

  /// Clusters that do not split; none where the root does not.
  func leaves() -> [Bool] { children.indices.map { $0 != 0 && children[$0].isEmpty } }

  /// Replaces each cluster born nearer than `epsilon` by the first above it whose birth is farther, or that is next to the root.
  func merged(_ selected: [Bool], epsilon: Double) -> [Bool] {
    var merged = [Bool](repeating: false, count: selected.count)
    var covered = [Bool](repeating: false, count: selected.count)
    for cluster in selected.indices where selected[cluster] {
      if cluster == 0 || 1 / births[cluster] >= epsilon {
        merged[cluster] = true
        continue
      }
      if covered[cluster] { continue }
      var top = cluster
      while true {
        let parent = parents[top]
        if parent == 0 {
          if allowSingleCluster { top = 0 }
          break
        }
        top = parent
        if 1 / births[parent] > epsilon { break }
      }
      merged[top] = true
      cover(below: top, &covered)
    }
    return merged
  }

  private func deselect(below cluster: Int, _ selected: inout [Bool]) {
    var stack = children[cluster]
    while let next = stack.popLast() {
      selected[next] = false
      stack += children[next]
    }
  }

  private func cover(below cluster: Int, _ covered: inout [Bool]) {
    var stack = children[cluster]
    while let next = stack.popLast() {
      covered[next] = true
      stack += children[next]
    }
  }
}
