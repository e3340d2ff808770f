import Clustering
import Tensors
import TestSupport
import Testing

/// The spanning tree found by kd-tree is that found in blocks, edge for edge, and that of Kruskal over all pairs.
struct SpanningTreeByTreeTests {
  private let pools = (1...3).map { WorkerPool(threads: $0) }

  private func scattered(
    _ kind: ScatteredPoints, _ rows: Int, _ columns: Int, _ generator: inout RandomGenerator
  ) -> Matrix {
    Matrix(
      rows: rows, columns: columns, storage: kind.numbers(rows: rows, columns: columns) { generator.uniform() })
  }

  private func expectEqual(_ points: Matrix, samples: Int, alpha: Double, _ name: String) -> SpanningTree {
    let neighbors = Neighbors(of: points, count: samples, by: .blocks, workers: pools[0])
    let expected = SpanningTree(of: points, neighbors: neighbors, alpha: alpha, tree: nil, workers: pools[0])
    #expect(expected.brokenInvariant == nil, "\(name)")
    for pool in pools {
      let found = SpanningTree(
        of: points, neighbors: neighbors, alpha: alpha, tree: KDTree(points, workers: pool), workers: pool)
      #expect(found.edges == expected.edges, "\(name), \(pool.threads) threads")
    }
    return expected
  }

  @Test func equalsTheBlockedSearchOnManySets() {
    withEvery("seed", in: 0..<96) { seed in
      var generator = Seed(71).split(seed).generator()
      let (rows, columns) = (1 + generator.integer(below: 400), generator.integer(below: 13))
      let kind = ScatteredPoints.allCases[seed % ScatteredPoints.allCases.count]
      let points = scattered(kind, rows, columns, &generator)
      let (samples, alpha) = (generator.integer(below: 12), [0.5, 1, 1, 1.7][generator.integer(below: 4)])
      _ = expectEqual(points, samples: samples, alpha: alpha, "seed \(seed): \(kind), \(rows) × \(columns)")
    }
  }

  @Test func equalsKruskalOverAllPairs() {
    withEvery("seed", in: 0..<60) { seed in
      var generator = Seed(72).split(seed).generator()
      let (rows, columns) = (2 + generator.integer(below: 90), 1 + generator.integer(below: 5))
      let kind = ScatteredPoints.allCases[seed % ScatteredPoints.allCases.count]
      let points = scattered(kind, rows, columns, &generator)
      let (samples, alpha) = (1 + generator.integer(below: 8), [0.5, 1, 1.7][generator.integer(below: 3)])
      let found = expectEqual(points, samples: samples, alpha: alpha, "seed \(seed)")
      let naive = NaiveHDBSCAN(points, HDBSCAN(minClusterSize: 2, minSamples: samples, alpha: alpha))
      #expect(found.edges == naive.edges, "seed \(seed), \(kind)")
    }
  }

  /// Many leaves and rounds, groups far apart, noise between them.
  @Test func equalsTheBlockedSearchOnPlantedGroups() {
    withEvery("columns", in: [2, 5, 9]) { columns in
      let points = Planted.blobs(rows: 4000, columns: columns, groups: 9, spread: 0.8, noise: 0.1, seed: 73 + columns)
        .points
      _ = expectEqual(points, samples: 6, alpha: 1, "\(columns) columns")
    }
  }

  /// With few neighbours listed most rows must be looked for in the tree.
  @Test func equalsTheBlockedSearchWithoutLists() {
    var generator = Seed(74).generator()
    withEvery("kind", in: ScatteredPoints.allCases) { kind in
      let points = scattered(kind, 1500, 3, &generator)
      for samples in [0, 1] { _ = expectEqual(points, samples: samples, alpha: 1, "\(kind)") }
    }
  }
}
