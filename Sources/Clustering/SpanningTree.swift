public import Tensors

/// The minimum spanning tree of the mutual reachability graph: points joined by n − 1 edges of least total weight, exactly.
///
/// The weight of an edge is max(core(a), core(b), d(a, b) / α). Equal weights are common (every edge a sparse point has may
/// weigh its core distance), so edges are ordered by (weight, d(a, b) / α, lower row, higher row): a total order, hence one tree,
/// and one that doesn't depend on the order of rows unless two distances are exactly equal.
public struct SpanningTree: Sendable, Equatable {
  /// Two rows and what joins them.
  public struct Edge: Sendable, Equatable, Comparable {
    /// The lower row.
    public let a: Int
    /// The higher row.
    public let b: Int
    /// Mutual reachability distance.
    public let weight: Double
    /// d(a, b) / α, which orders edges of one weight.
    public let distance: Double

    public init(_ x: Int, _ y: Int, weight: Double, distance: Double) {
      a = min(x, y)
      b = max(x, y)
      self.weight = weight
      self.distance = distance
    }

    public static func < (x: Edge, y: Edge) -> Bool {
      if x.weight != y.weight { return x.weight < y.weight }
      if x.distance != y.distance { return x.distance < y.distance }
      return x.a != y.a ? x.a < y.a : x.b < y.b
    }
  }

  public let pointCount: Int
  /// `pointCount − 1` edges in ascending order.
  public let edges: [Edge]

  /// A tree from its edges, in any order.
  public init(pointCount: Int, edges: [Edge]) {
    self.pointCount = pointCount
    self.edges = edges.sorted()
    checkInvariants()
  }

  /// The tree of `points`, by Borůvka's rounds (see `SpanningTreeSearch`).
  /// - Parameters:
  ///   - neighbors: the nearest other rows of each row; its last column is the core distance.
  ///   - alpha: divides distances (robust single linkage); 1 leaves them.
  /// - Precondition: `points` is finite; `neighbors` belongs to it.
  /// - Complexity: O(n² · d) time a round in the worst case, O(log n) rounds, O(n · (d + count)) memory.
  public init(of points: Matrix, neighbors: Neighbors, alpha: Double, workers: WorkerPool) {
    self.init(
      of: points, neighbors: neighbors, alpha: alpha, tree: KDTree(wherePaysOff: points, workers: workers),
      workers: workers)
  }

  /// As above, by a tree of the caller's, or in blocks where there is none: the result is the same.
  package init(
    of points: Matrix, neighbors: Neighbors, alpha: Double, tree: KDTree?, workers: WorkerPool
  ) {
    precondition(neighbors.rows == points.rows, "neighbours of \(neighbors.rows) rows for \(points.rows)")
    let graph = ReachabilityGraph(neighbors, alpha: alpha)
    let scan: any LeastEdgeScan =
      if let tree { TreeScan(tree: tree, graph: graph) } else { BlockScan(points: points, graph: graph) }
    var search = SpanningTreeSearch(graph: graph, neighbors: neighbors, scan: scan)
    self.init(pointCount: points.rows, edges: search.run(workers: workers))
  }

  /// What is wrong with the tree, nil when nothing is.
  package var brokenInvariant: String? {
    if edges.count != max(pointCount - 1, 0) { return "\(edges.count) edges for \(pointCount) points" }
    var groups = DisjointSets(count: pointCount)
    for edge in edges {
      if edge.a < 0 || edge.b >= pointCount || edge.a >= edge.b { return "edge \(edge)" }
      if !(edge.weight >= edge.distance) { return "weight below distance: \(edge)" }
      if !groups.join(edge.a, edge.b) { return "a cycle at \(edge)" }
    }
    if zip(edges, edges.dropFirst()).contains(where: { !($0 < $1) }) { return "edges out of order" }
    return nil
  }

  private func checkInvariants() {
    #if DEBUG
      if let broken = brokenInvariant { preconditionFailure(broken) }
    #endif
  }
}
