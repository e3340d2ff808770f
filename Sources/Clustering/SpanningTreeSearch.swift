import Tensors

/// Borůvka's rounds for the mutual reachability graph: every component but the largest finds its least outgoing edge, then all join.
///
/// What keeps it far from n² a round:
/// * a point's least outgoing edge is often in its neighbour list, where any neighbour whose core distance does not exceed the
///   point's own gives an edge of weight core(point), the least possible;
/// * an edge once found to be a point's least stays so until its other end joins the same component;
/// * a point whose lower bound exceeds its component's best so far cannot matter this round;
/// * what is left is scanned, in blocks (`BlockScan`) or by a tree (`TreeScan`). As edges have a total order, and 64-bit distances
///   decide in both, they lead to the same tree.
struct SpanningTreeSearch {
  /// Neighbours looked at per point: more would only save scans of very sparse points.
  private static let listed = 32

  private let neighbors: Neighbors
  private let graph: ReachabilityGraph
  private let scan: any LeastEdgeScan

  private var sets: DisjointSets
  /// The least outgoing edge of a point, where it is known exactly.
  private var least: [Edge?]
  /// No edge out of the point's component weighs less than this.
  private var bound: [Double]
  /// Neighbours before this place are in the point's own component.
  private var place: [Int32]

  init(graph: ReachabilityGraph, neighbors: Neighbors, scan: any LeastEdgeScan) {
    self.graph = graph
    self.neighbors = neighbors
    self.scan = scan
    let rows = graph.core.count
    sets = DisjointSets(count: rows)
    least = [Edge?](repeating: nil, count: rows)
    bound = graph.core
    place = [Int32](repeating: 0, count: rows)
  }

  /// The edges of the tree, in no particular order.
  mutating func run(workers: WorkerPool) -> [Edge] {
    let rows = graph.core.count
    var edges: [Edge] = []
    edges.reserveCapacity(max(rows - 1, 0))
    while edges.count < rows - 1 {
      let components = Components(&sets, count: rows)
      var best = refresh(components)
      let uncertain = components.order.filter { row in
        let own = Int(components.of[row])
        if own == components.largest || least[row] != nil { return false }
        return best[own].map { bound[row] <= $0.weight } ?? true
      }
      // Joining what is already certain makes the scan that follows shorter; it must be a good part of all, so that rounds stay few.
      var isUncertain = [Bool](repeating: false, count: components.count)
      for row in uncertain { isUncertain[Int(components.of[row])] = true }
      let certain = isUncertain.filter { !$0 }.count - 1
      if certain * 4 < components.count {
        settle(uncertain, components, &best, workers)
        isUncertain = [Bool](repeating: false, count: components.count)
      }
      for component in 0..<components.count where component != components.largest && !isUncertain[component] {
        guard let edge = best[component] else { preconditionFailure("component \(component) has no way out") }
        if sets.join(edge.a, edge.b) { edges.append(edge) }
      }
    }
    return edges
  }

  /// Brings the points' least edges up to date from what is known, and returns the least known edge of each component.
  private mutating func refresh(_ components: Components) -> [Edge?] {
    let listed = min(neighbors.count, Self.listed)
    var best = [Edge?](repeating: nil, count: components.count)
    func offer(_ edge: Edge, to component: Int) {
      if best[component].map({ edge < $0 }) ?? true { best[component] = edge }
    }
    for row in 0..<graph.core.count {
      let own = components.of[row]
      if let edge = least[row] {
        if components.of[edge.a] != components.of[edge.b] {
          offer(edge, to: Int(own))
          continue
        }
        least[row] = nil
        bound[row] = max(bound[row], edge.weight)
      }
      var from = Int(place[row])
      while from < listed && components.of[neighbors.index(row, from)] == own { from += 1 }
      place[row] = Int32(from)
      for at in from..<max(listed, from) {
        let other = neighbors.index(row, at)
        if components.of[other] == own { continue }
        let edge = graph.edge(row, other, distance: neighbors.distance(row, at))
        offer(edge, to: Int(own))
        // Nothing is nearer than an earlier neighbour, and nothing weighs less than the core distance.
        if edge.weight == graph.core[row] {
          least[row] = edge
          break
        }
      }
    }
    return best
  }

  /// Scans for the least outgoing edges of `rows`, and offers them to their components.
  private mutating func settle(
    _ rows: [Int], _ components: Components, _ best: inout [Edge?], _ workers: WorkerPool
  ) {
    if rows.isEmpty { return }
    for found in scan.leastEdges(of: rows, components, best: best, workers) {
      let own = Int(components.of[found.row])
      if let edge = found.edge {
        if best[own].map({ edge < $0 }) ?? true { best[own] = edge }
        if edge.weight <= found.reach {
          least[found.row] = edge
          continue
        }
      }
      bound[found.row] = max(bound[found.row], found.reach)
    }
  }
}

/// Who is how far from whom: core distances, and what makes a distance an edge.
struct ReachabilityGraph: Sendable {
  /// By row.
  let core: [Double]
  let alpha: Double

  init(_ neighbors: Neighbors, alpha: Double) {
    precondition(alpha > 0, "alpha \(alpha)")
    let k = neighbors.count
    core = (0..<neighbors.rows).map { k > 0 ? neighbors.distance($0, k - 1) : 0 }
    self.alpha = alpha
  }

  func edge(_ x: Int, _ y: Int, distance: Double) -> Edge {
    let distance = distance / alpha
    return Edge(x, y, weight: max(core[x], core[y], distance), distance: distance)
  }

  /// No two rows whose edge weighs at most `weight` have a squared distance above this.
  func squaredReach(_ weight: Double) -> Double {
    let reach = weight * alpha
    return reach * reach * (1 + 1e-12)
  }
}

typealias Edge = SpanningTree.Edge

/// What differs between the ways to a spanning tree: how the least edges out of rows' components are found.
protocol LeastEdgeScan: Sendable {
  /// The least edge of each of `rows` out of its component, or as much about it as matters.
  /// - Parameter best: the least edge known of each component: heavier ones need not be found.
  func leastEdges(of rows: [Int], _ components: Components, best: [Edge?], _ workers: WorkerPool) -> [FoundEdge]
}

/// What a scan found out about a row.
struct FoundEdge {
  let row: Int
  /// The least of the edges out of the row's component that were looked at.
  let edge: Edge?
  /// All edges of at most this weight were looked at.
  let reach: Double
}
