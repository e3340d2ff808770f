import Clustering
import Tensors
import TestSupport
import Testing

struct SpanningTreeTests {
  private func tree(_ x: Matrix, samples: Int, alpha: Double = 1, threads: Int = 2) -> SpanningTree {
    let pool = WorkerPool(threads: threads)
    return SpanningTree(of: x, neighbors: Neighbors(of: x, count: samples, workers: pool), alpha: alpha, workers: pool)
  }

  /// Kruskal over all pairs, edge for edge: the order of edges is total, so there is one tree.
  @Test func equalsKruskalOverAllPairs() throws {
    withEvery("seed", in: 0..<120) { seed in
      var generator = Seed(31).split(seed).generator()
      let (rows, columns) = (2 + generator.integer(below: 70), 1 + generator.integer(below: 5))
      let isGrid = generator.chance(0.4)
      let x = Matrix(
        rows: rows, columns: columns,
        storage: (0..<rows * columns).map { _ in
          isGrid ? Float(generator.integer(below: 4)) : Float(generator.normal() * (generator.chance(0.1) ? 30 : 1))
        })
      let (samples, alpha) = (1 + generator.integer(below: 8), [0.5, 1, 1.7][generator.integer(below: 3)])
      let expected = NaiveHDBSCAN(x, HDBSCAN(minClusterSize: 2, minSamples: samples, alpha: alpha)).edges
      let found = tree(x, samples: samples, alpha: alpha)
      #expect(found.edges == expected, "seed \(seed)")
      #expect(found.brokenInvariant == nil)
      #expect(SingleLinkage(found).brokenInvariant == nil)
    }
  }

  /// Several blocks of columns and rounds: against Prim's algorithm, and the same at any thread count.
  @Test func equalsPrimOnLargerSets() {
    withEvery("set", in: 0..<3) { set in
      let x = Planted.blobs(rows: 2600, columns: 3 + 10 * set, groups: 9, spread: 0.8, noise: 0.1, seed: 40 + set)
        .points
      let found = tree(x, samples: 6)
      for threads in [1, 3] { #expect(tree(x, samples: 6, threads: threads) == found) }
      let neighbors = Neighbors(of: x, count: 6, workers: WorkerPool(threads: 1))
      let core = (0..<x.rows).map { neighbors.distance($0, 5) }
      #expect(found.edges == prim(x, core).sorted())
      #expect(found.brokenInvariant == nil)
    }
  }

  private func prim(_ x: Matrix, _ core: [Double]) -> [SpanningTree.Edge] {
    let n = x.rows
    var best = [SpanningTree.Edge?](repeating: nil, count: n)
    var isIn = [Bool](repeating: false, count: n)
    var edges: [SpanningTree.Edge] = []
    var current = 0
    for _ in 1..<n {
      isIn[current] = true
      var next = -1
      for j in 0..<n where !isIn[j] {
        let distance = Distances.between(current, j, of: x)
        let edge = SpanningTree.Edge(current, j, weight: max(core[current], core[j], distance), distance: distance)
        if best[j].map({ edge < $0 }) ?? true { best[j] = edge }
        if next < 0 || best[j]! < best[next]! { next = j }
      }
      edges.append(best[next]!)
      current = next
    }
    return edges
  }

  @Test func fewPoints() {
    #expect(tree(Matrix(rowsOf: [[1]]), samples: 3).edges.isEmpty)
    let two = tree(Matrix(rowsOf: [[0, 0], [3, 4]]), samples: 3)
    #expect(two.edges == [SpanningTree.Edge(0, 1, weight: 5, distance: 5)])
  }
}
