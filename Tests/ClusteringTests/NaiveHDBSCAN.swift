import Clustering
import Tensors

/// HDBSCAN* from its definition, for small sets: all pairs, Kruskal's tree, and a recursion over sets of rows.
/// Nothing here is shared with the library but the order of edges, which is part of the definition.
struct NaiveHDBSCAN {
  private(set) var partition: Partition
  private(set) var probabilities: [Double]
  private(set) var outlierScores: [Double]
  private(set) var edges: [SpanningTree.Edge] = []

  /// A cluster of the hierarchy: when it was born, what leaves it when, and the two it splits into.
  private final class Cluster {
    let birth: Double
    var leaving: [(row: Int, lambda: Double)] = []
    var children: [Cluster] = []
    var splitsAt = 0.0
    var isSelected = false

    init(birth: Double) { self.birth = birth }

    var rows: [Int] { leaving.map(\.row) + children.flatMap(\.rows) }
    var death: Double { max(leaving.map(\.lambda).max() ?? 0, splitsAt) }
    var highest: Double { children.map(\.highest).reduce(death, max) }

    var stability: Double {
      func mass(_ lambda: Double, _ size: Int) -> Double { lambda == birth ? 0 : (lambda - birth) * Double(size) }
      return leaving.reduce(0) { $0 + mass($1.lambda, 1) } + children.reduce(0) { $0 + mass(splitsAt, $1.rows.count) }
    }

    /// The best total stability at and below this cluster, which it selects.
    func select(_ method: ClusterSelection.Method, isRoot: Bool) -> Double {
      let below = children.reduce(0) { $0 + $1.select(method, isRoot: false) }
      if isRoot { return below }
      switch method {
      case .leaf: isSelected = children.isEmpty
      case .eom:
        if below > stability { return below }
        children.forEach { $0.deselect() }
        isSelected = true
      }
      return stability
    }

    private func deselect() {
      isSelected = false
      children.forEach { $0.deselect() }
    }

    func visit(_ body: (Cluster) -> Void) {
      body(self)
      children.forEach { $0.visit(body) }
    }
  }

  init(_ x: Matrix, _ parameters: HDBSCAN) {
    let n = x.rows
    let samples = min(parameters.minSamples ?? parameters.minClusterSize, n - 1)
    let core = (0..<n).map { i in
      (0..<n).filter { $0 != i }.map { Distances.between(i, $0, of: x) }.sorted()[samples - 1]
    }
    var all: [SpanningTree.Edge] = []
    for i in 0..<n {
      for j in i + 1..<n {
        let distance = Distances.between(i, j, of: x) / parameters.alpha
        all.append(SpanningTree.Edge(i, j, weight: max(core[i], core[j], distance), distance: distance))
      }
    }
    var set = Array(0..<n)
    for edge in all.sorted() where set[edge.a] != set[edge.b] {
      edges.append(edge)
      let (from, to) = (set[edge.b], set[edge.a])
      for row in 0..<n where set[row] == from { set[row] = to }
    }

    partition = Partition(rawLabels: [], strengths: [])
    probabilities = [Double](repeating: 0, count: n)
    outlierScores = probabilities
    let root = Cluster(birth: 0)
    Self.grow(root, edges[...], Array(0..<n), parameters.minClusterSize)
    _ = root.select(parameters.selectionMethod, isRoot: true)

    var labels = [Int?](repeating: nil, count: n)
    var next = 0
    var lambda = [Double](repeating: 0, count: n)
    root.visit { cluster in
      for (row, at) in cluster.leaving {
        lambda[row] = at
        let highest = cluster.highest
        outlierScores[row] = at.isInfinite ? 0 : highest.isInfinite ? 1 : (highest - at) / highest
      }
    }
    root.visit { cluster in
      if !cluster.isSelected { return }
      for row in cluster.rows {
        labels[row] = next
        probabilities[row] = lambda[row].isInfinite ? 1 : min(lambda[row], cluster.death) / cluster.death
      }
      next += 1
    }
    partition = Partition(rawLabels: labels, strengths: probabilities.map { Float($0) })
  }

  /// Takes the longest edge away and sees what is left, again and again.
  private static func grow(_ cluster: Cluster, _ edges: ArraySlice<SpanningTree.Edge>, _ rows: [Int], _ least: Int) {
    var (edges, rows) = (edges, rows)
    while let edge = edges.popLast() {
      let lambda = edge.weight > 0 ? 1 / edge.weight : .infinity
      let left = reachable(from: edge.a, edges)
      let right = rows.filter { !left.contains($0) }
      let sides = [rows.filter(left.contains), right]
      let large = sides.filter { $0.count >= least }
      if large.count == 2 {
        cluster.splitsAt = lambda
        for side in sides {
          let child = Cluster(birth: lambda)
          cluster.children.append(child)
          grow(child, edges.filter { side.contains($0.a) }[...], side, least)
        }
        return
      }
      for side in sides where side.count < least { cluster.leaving += side.map { ($0, lambda) } }
      guard let rest = large.first else { return }
      rows = rest
      edges = edges.filter { rest.contains($0.a) }[...]
    }
  }

  private static func reachable(from start: Int, _ edges: ArraySlice<SpanningTree.Edge>) -> Set<Int> {
    var found: Set<Int> = [start]
    var stack = [start]
    while let row = stack.popLast() {
      for edge in edges where edge.a == row || edge.b == row {
        let other = edge.a == row ? edge.b : edge.a
        if found.insert(other).inserted { stack.append(other) }
      }
    }
    return found
  }
}
