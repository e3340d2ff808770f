import Tensors
import TestSupport
import Testing

struct ApproximateNeighborsTests {
  /// `clusters` Gaussian groups, or one where there is one.
  private func points(_ rows: Int, _ columns: Int, clusters: Int, seed: Int) -> Matrix {
    var generator = Seed(11).split(seed).generator()
    let centres = (0..<clusters * columns).map { _ in Float(generator.normal() * 2) }
    var storage: [Float] = []
    for _ in 0..<rows {
      let centre = generator.integer(below: clusters)
      for c in 0..<columns { storage.append(centres[centre * columns + c] + Float(generator.normal())) }
    }
    return Matrix(rows: rows, columns: columns, storage: storage)
  }

  private func find(
    _ x: Matrix, _ count: Int, _ effort: ApproximateNeighbors.Effort, seed: UInt64 = 5, threads: Int = 2
  )
    -> ApproximateNeighbors
  {
    ApproximateNeighbors(of: x, count: count, seed: Seed(seed), effort: effort, workers: WorkerPool(threads: threads))
  }

  /// The share found in truth, over all rows.
  private func recall(_ found: Neighbors, _ exact: Neighbors) -> Double {
    var hits = 0
    for row in 0..<exact.rows {
      let last = exact.distance(row, exact.count - 1)
      for place in 0..<found.count where found.distance(row, place) <= last { hits += 1 }
    }
    return Double(hits) / Double(exact.rows * exact.count)
  }

  @Test func entriesAreWhatTheySay() {
    let x = points(3000, 12, clusters: 5, seed: 0)
    let found = find(x, 7, .init(groups: 1, rounds: 1, sampled: 20)).neighbors
    #expect(found.rows == 3000 && found.count == 7)
    for row in 0..<x.rows {
      var before = (-1.0, -1)
      for place in 0..<7 {
        let other = found.index(row, place)
        #expect(other != row && found.distance(row, place) == Distances.between(row, other, of: x))
        #expect(before < (found.distance(row, place), other), "nearest first, none twice")
        before = (found.distance(row, place), other)
      }
    }
  }

  @Test func findsNearlyAll() {
    for (name, x, least) in [
      ("clusters", points(4000, 30, clusters: 10, seed: 1), 0.99),
      ("one Gaussian", points(4000, 8, clusters: 1, seed: 2), 0.98),
    ] {
      let exact = Neighbors(of: x, count: 10, workers: WorkerPool(threads: 2))
      let found = recall(find(x, 10, .init()).neighbors, exact)
      #expect(found >= least, "\(name): \(found)")
    }
  }

  @Test func roundsImproveWhatTheGroupsFound() {
    let x = points(4000, 16, clusters: 1, seed: 3)
    let exact = Neighbors(of: x, count: 10, workers: WorkerPool(threads: 2))
    let shares = (0...3).map { recall(find(x, 10, .init(groups: 1, rounds: $0, sampled: 0)).neighbors, exact) }
    for (before, after) in zip(shares, shares.dropFirst()) { #expect(after > before, "\(shares)") }
  }

  @Test func asksOtherRows() {
    let (references, queries) = (points(4000, 12, clusters: 4, seed: 8), points(500, 12, clusters: 4, seed: 9))
    let exact = Neighbors(of: queries, among: references, count: 10, workers: WorkerPool(threads: 2))
    for threads in 1...3 {
      let found = ApproximateNeighbors(
        of: queries, among: references, count: 10, seed: Seed(1), effort: .init(groups: 8, sampled: 500),
        workers: WorkerPool(threads: threads))
      let truth = recall(found.neighbors, exact)
      #expect(truth >= 0.9 && abs(found.recall.mean - truth) < 1e-12 && found.recall.rows == 500, "\(truth)")
      for row in stride(from: 0, to: 500, by: 7) {
        let distance = Distances.squared(
          queries.row(row), references.row(found.neighbors.index(row, 3)), count: 12
        ).squareRoot()
        #expect(found.neighbors.distance(row, 3) == distance)
      }
    }
  }

  /// The recall stated is that of the rows drawn, and its interval holds the recall over all rows in 95 % of cases: here of 40 draws, of
  /// which fewer than 33 would happen to an honest interval less than once in a thousand times.
  @Test func recallIsStatedHonestly() {
    for (name, x, effort) in [
      ("high", points(2500, 10, clusters: 3, seed: 4), ApproximateNeighbors.Effort(groups: 2, rounds: 1, sampled: 60)),
      ("low", points(2500, 12, clusters: 1, seed: 5), ApproximateNeighbors.Effort(groups: 1, rounds: 0, sampled: 60)),
    ] {
      let exact = Neighbors(of: x, count: 8, workers: WorkerPool(threads: 2))
      let truth = recall(find(x, 8, effort).neighbors, exact)
      var held = 0
      for seed in 0..<40 {
        let stated = find(x, 8, effort, seed: UInt64(seed)).recall
        #expect(stated.rows == 60 && stated.interval.contains(stated.mean))
        if stated.interval.contains(truth) { held += 1 }
      }
      #expect(held >= 33, "\(name): \(held) of 40 hold \(truth)")
    }
    let x = points(300, 6, clusters: 2, seed: 6)
    let all = find(x, 5, .init(groups: 0, rounds: 0, sampled: 300))
    let truth = recall(all.neighbors, Neighbors(of: x, count: 5, workers: WorkerPool(threads: 1)))
    #expect(abs(all.recall.mean - truth) < 1e-12)
  }

  @Test func wilsonsInterval() {
    // Ten of ten rows agree: each is one trial. 10 / (10 + 1.96²).
    let all = NeighborRecall(shares: [Double](repeating: 1, count: 10), count: 5)
    #expect(all.mean == 1 && all.interval.upperBound == 1 && abs(all.interval.lowerBound - 0.7224672) < 1e-6)
    // Half of four rows of one neighbour: Wilson's interval of 2 of 4 by hand is 0.5 ± 1.96 / √(4 + 1.96²) / 2, and the variance of the
    // rows, 1/3, makes four rows worth three trials.
    let half = NeighborRecall(shares: [0, 1, 0, 1], count: 1)
    #expect(half.mean == 0.5)
    #expect(abs(half.interval.upperBound - (0.5 + 0.5 * 1.959964 / (3 + 1.959964 * 1.959964).squareRoot())) < 1e-12)
    #expect(NeighborRecall(shares: [], count: 3).interval == 0...1)
  }

  @Test func sameBytesAtAnyThreadCount() {
    let x = points(3000, 20, clusters: 6, seed: 7)
    let one = find(x, 9, .init(groups: 1, rounds: 3, sampled: 30), threads: 1)
    for threads in 2...3 {
      let more = find(x, 9, .init(groups: 1, rounds: 3, sampled: 30), threads: threads)
      #expect(more.neighbors.indices == one.neighbors.indices && more.neighbors.distances == one.neighbors.distances)
      #expect(more.recall == one.recall)
    }
  }

  @Test func smallSetsAreExact() {
    for (rows, columns, count) in [(0, 3, 4), (1, 3, 4), (2, 3, 4), (5, 0, 2), (40, 2, 39), (130, 2, 129)] {
      let x = points(rows, columns, clusters: 1, seed: rows)
      let exact = Neighbors(of: x, count: count, workers: WorkerPool(threads: 1))
      let found = find(x, count, .init()).neighbors
      #expect(found.indices == exact.indices && found.distances == exact.distances, "\(rows) rows")
    }
  }

  @Test func equalRowsAreFound() {
    let x = Matrix(rows: 2500, columns: 3, repeating: 4)
    let found = find(x, 6, .init())
    #expect(found.neighbors.distances.allSatisfy { $0 == 0 } && found.recall.mean == 1)
  }
}
