/// The single linkage hierarchy of a spanning tree: n − 1 merges, nearest first.
///
/// Nodes 0..<n are the points; merge `i` makes node n + i. The layout is that of `scipy.cluster.hierarchy`.
public struct SingleLinkage: Sendable, Equatable {
  /// Two nodes that become one.
  public struct Merge: Sendable, Equatable {
    public let left: Int
    public let right: Int
    public let distance: Double
    /// Points below the new node.
    public let size: Int
  }

  public let pointCount: Int
  public let merges: [Merge]

  /// Joins along the edges in their order; left is the side of the edge's lower row. - Complexity: O(n α(n)).
  public init(_ tree: SpanningTree) {
    var sets = DisjointSets(count: tree.pointCount)
    var node = Array(0..<tree.pointCount)
    var merges: [Merge] = []
    merges.reserveCapacity(tree.edges.count)
    for edge in tree.edges {
      let (a, b) = (sets.find(edge.a), sets.find(edge.b))
      func size(_ node: Int) -> Int { node < tree.pointCount ? 1 : merges[node - tree.pointCount].size }
      let merge = Merge(
        left: node[a], right: node[b], distance: edge.weight, size: size(node[a]) + size(node[b]))
      merges.append(merge)
      sets.join(a, b)
      node[sets.find(a)] = tree.pointCount + merges.count - 1
    }
    pointCount = tree.pointCount
    self.merges = merges
    checkInvariants()
  }

  /// The node of all points: the last merge, or the only point.
  public var root: Int { pointCount + merges.count - 1 }

  /// The merge that made `node`, nil for a point.
  public func merge(_ node: Int) -> Merge? { node < pointCount ? nil : merges[node - pointCount] }

  /// Points below `node`.
  public func size(_ node: Int) -> Int { merge(node)?.size ?? 1 }

  /// The points below `node`, breadth first, left before right.
  public func points(below node: Int) -> [Int] {
    var queue = [node]
    var points: [Int] = []
    var next = 0
    while next < queue.count {
      if let merge = merge(queue[next]) {
        queue.append(merge.left)
        queue.append(merge.right)
      } else {
        points.append(queue[next])
      }
      next += 1
    }
    return points
  }

  /// What is wrong with the hierarchy, nil when nothing is.
  package var brokenInvariant: String? {
    if merges.count != max(pointCount - 1, 0) { return "\(merges.count) merges of \(pointCount) points" }
    var used = Set<Int>()
    for (i, merge) in merges.enumerated() {
      for child in [merge.left, merge.right] {
        if child >= pointCount + i || !used.insert(child).inserted { return "node \(child) at merge \(i)" }
      }
      if merge.size != size(merge.left) + size(merge.right) { return "size of merge \(i)" }
    }
    if zip(merges, merges.dropFirst()).contains(where: { $0.distance > $1.distance }) { return "merges out of order" }
    return nil
  }

  private func checkInvariants() {
    #if DEBUG
      if let broken = brokenInvariant { preconditionFailure(broken) }
    #endif
  }
}
