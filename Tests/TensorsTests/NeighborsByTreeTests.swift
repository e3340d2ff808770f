import Tensors
import TestSupport
import Testing

/// Neighbours by tree are those of the blocked search, to the last bit.
struct NeighborsByTreeTests {
  private let pools = (1...3).map { WorkerPool(threads: $0) }

  private func scattered(
    _ kind: ScatteredPoints, _ rows: Int, _ columns: Int, _ generator: inout RandomGenerator
  ) -> Matrix {
    Matrix(
      rows: rows, columns: columns, storage: kind.numbers(rows: rows, columns: columns) { generator.uniform() })
  }

  private func expectEqual(_ points: Matrix, _ count: Int, _ name: String) {
    let expected = Neighbors(of: points, count: count, by: .blocks, workers: pools[0])
    for pool in pools {
      let found = Neighbors(of: points, count: count, by: .tree, workers: pool)
      #expect(found.rows == expected.rows && found.count == expected.count, "\(name)")
      #expect(found.indices == expected.indices, "\(name), \(pool.threads) threads")
      #expect(found.distances == expected.distances, "\(name), \(pool.threads) threads")
    }
  }

  @Test func equalsTheBlockedSearchOnManySets() {
    withEvery("seed", in: 0..<96) { seed in
      var generator = Seed(61).split(seed).generator()
      let (rows, columns) = (1 + generator.integer(below: 400), generator.integer(below: 13))
      let kind = ScatteredPoints.allCases[seed % ScatteredPoints.allCases.count]
      let points = scattered(kind, rows, columns, &generator)
      expectEqual(points, generator.integer(below: 24), "seed \(seed): \(kind), \(rows) × \(columns)")
    }
  }

  @Test func equalsTheBlockedSearchOnLargerSets() {
    withEvery("kind", in: ScatteredPoints.allCases) { kind in
      var generator = Seed(62).generator()
      expectEqual(scattered(kind, 5000, 3, &generator), 12, "\(kind)")
    }
  }

  /// The tree by itself: every row once, leaves in order, boxes that hold what they say and no more.
  @Test func boxesAreThoseOfTheirRows() {
    withEvery("kind", in: ScatteredPoints.allCases) { kind in
      var generator = Seed(63).generator()
      let (rows, columns) = (1000 + generator.integer(below: 100), 1 + generator.integer(below: 6))
      let points = scattered(kind, rows, columns, &generator)
      let tree = KDTree(points, workers: pools[1])
      #expect(tree.order.sorted() == (0..<Int32(rows)).map { $0 })
      for (at, node) in tree.nodes.enumerated() {
        let first = Int(node.firstLeaf) * KDTree.leafRows
        let held = tree.order[first..<min(first + Int(node.leafCount) * KDTree.leafRows, rows)].map {
          points.row(Int($0))
        }
        for c in 0..<columns {
          #expect(tree.boxes[(2 * at) * columns + c] == held.map { $0[c] }.min())
          #expect(tree.boxes[(2 * at + 1) * columns + c] == held.map { $0[c] }.max())
        }
        if node.leftCount == 0 {
          #expect(node.leafCount == 1)
          for (i, row) in held.enumerated() {
            for c in 0..<columns {
              let place = (Int(node.firstLeaf) * columns + c) * KDTree.leafRows + i
              #expect(tree.coordinates[place] == row[c])
            }
          }
        } else {
          let (left, right) = (tree.nodes[at + 1], tree.nodes[at + 2 * Int(node.leftCount)])
          #expect(left.firstLeaf == node.firstLeaf && left.leafCount == node.leftCount)
          #expect(right.firstLeaf == node.firstLeaf + left.leafCount)
          #expect(right.leafCount == node.leafCount - left.leafCount)
        }
      }
      for pool in pools {
        let other = KDTree(points, workers: pool)
        #expect(other.order == tree.order && other.nodes == tree.nodes && other.boxes == tree.boxes)
      }
    }
  }

  /// The promise that pruning rests on: no 32-bit distance is above the limit of the true one. And the true one is `Distances`'.
  @Test func proposedDistancesKeepTheirPromise() {
    withEvery("scale", in: [1e-30, 1e-20, 1, 1e5, 1e18, 1e30]) { scale in
      withEvery("columns", in: [1, 2, 3, 4, 7, 12, 50]) { columns in
        var generator = Seed(64).split(columns).generator()
        let points = Matrix(
          rows: 64, columns: columns,
          storage: (0..<64 * columns).map { _ in
            Float((generator.normal() + 3) * scale * (generator.chance(0.1) ? 100 : 1))
          })
        let tree = KDTree(points, workers: pools[0])
        tree.withPointers { pointers in
          let (first, second) = (pointers.coordinates, pointers.coordinates + 32 * columns)
          var hits = [UInt32](repeating: 0, count: 32)
          for j in 0..<32 {
            let y = points.row(Int(tree.order[32 + j]))
            let exact = (0..<32).map {
              Distances.squared(points.row(Int(tree.order[$0])), y, count: columns)
            }
            for i in 0..<32 { #expect(KDTree.squared(first + i, second + j, width: columns) == exact[i]) }
            let limits = exact.map { KDTree.limit($0, width: columns) }
            let any = KDTree.near(
              first, active: .max, limits: limits, second, box: pointers.boxes + 4 * columns, width: columns,
              hits: &hits)
            #expect(any == .max, "a row was passed by")
            for i in 0..<32 { #expect(hits[i] >> UInt32(j) & 1 == 1) }
          }
        }
      }
    }
  }

  @Test func rowsThatDoNotAskAreLeftAlone() {
    let points = Matrix(rows: 40, columns: 2, storage: (0..<80).map { Float($0) })
    let tree = KDTree(points, workers: pools[0])
    tree.withPointers { pointers in
      var hits = [UInt32](repeating: 77, count: 32)
      let limits = [Float](repeating: .infinity, count: 32)
      let any = KDTree.near(
        pointers.coordinates, active: 0b1010, limits: limits, pointers.coordinates + 64, box: pointers.boxes + 8,
        width: 2, hits: &hits)
      #expect(any == 0b1010)
      // The last leaf has eight rows: those it lacks are never near.
      #expect(hits[1] == 0xFF && hits[3] == 0xFF && hits[0] == 77 && hits[2] == 77)
    }
  }
}
