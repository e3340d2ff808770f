import Clustering
import Tensors
import TestSupport
import Testing

struct HierarchicalKMeansTests {
  private let pool = WorkerPool(threads: 2)

  /// Ten kinds whose sizes halve from one to the next or so: the first has 1200 rows, the last 12.
  private func longTail(seed: Int) -> (points: Matrix, kinds: [Int]) {
    var generator = Seed(40).split(seed).generator()
    let sizes = [1200, 600, 300, 150, 75, 40, 30, 20, 15, 12]
    let centers = sizes.indices.map { _ in (0..<8).map { _ in 9 * generator.normal() } }
    var (storage, kinds) = ([Float](), [Int]())
    for (kind, size) in sizes.enumerated() {
      for _ in 0..<size {
        storage += (0..<8).map { Float(centers[kind][$0] + generator.normal()) }
        kinds.append(kind)
      }
    }
    return (Matrix(rows: kinds.count, columns: 8, storage: storage), kinds)
  }

  @Test func aLongTailIsBalanced() throws {
    try withEvery("seed", in: 0..<3) { seed in
      let (points, kinds) = longTail(seed: seed)
      let fitted = try HierarchicalKMeans(nClusters: [40, 10]).fit(points, seed: Seed(UInt64(seed)), workers: pool)
      let sample = fitted.sample(100, seed: Seed(9))
      #expect(sample.count == 100 && Set(sample).count == 100 && sample == sample.sorted())
      var counts = [Int](repeating: 0, count: 10)
      for row in sample { counts[kinds[row]] += 1 }
      // At random the first kind would have half, the last half a row.
      #expect(counts.max()! <= 30, "seed \(seed): \(counts)")
      #expect(counts.count { $0 >= 4 } >= 8, "seed \(seed): \(counts)")
      // Groups of groups hold one kind each, or nearly.
      let top = fitted.labels(atLevel: 1)
      #expect(ExternalValidity(truth: kinds, groups: top.map { $0 }).ari > 0.5, "seed \(seed)")
    }
  }

  @Test func samplesHoldWhatTheyPromise() throws {
    let (points, _) = longTail(seed: 4)
    let fitted = try HierarchicalKMeans(nClusters: [30, 6, 2], resamplings: 2).fit(
      points, seed: Seed(1), workers: pool)
    #expect(fitted.levels.map { $0.centers.rows } == [30, 6, 2])
    for (level, groups) in [30, 6, 2].enumerated() { #expect(Set(fitted.labels(atLevel: level)).count == groups) }
    for count in [0, 1, 2, 3, 50, 1000, points.rows - 1, points.rows, points.rows + 5] {
      let sample = fitted.sample(count, seed: Seed(2))
      #expect(sample.count == min(count, points.rows) && Set(sample).count == sample.count)
    }
    // Two halves at the top share evenly while both have rows.
    let top = fitted.labels(atLevel: 1 + 1)
    let sizes = fitted.levels[2].partition.groupCount
    let drawn = fitted.sample(20, seed: Seed(3)).map { top[$0] }
    #expect(sizes == 2 && drawn.count { $0 == 0 } == 10)
  }

  @Test func theSameAtAnyThreadCountAndOneLevelWithoutResamplingIsKMeans() throws {
    let (points, _) = longTail(seed: 5)
    let one = try HierarchicalKMeans(nClusters: [20, 5], resamplings: 2).fit(
      points, seed: Seed(1), workers: WorkerPool(threads: 1))
    let three = try HierarchicalKMeans(nClusters: [20, 5], resamplings: 2).fit(
      points, seed: Seed(1), workers: WorkerPool(threads: 3))
    for (a, b) in zip(one.levels, three.levels) { #expect(a.centers == b.centers && a.partition == b.partition) }
    let plain = try HierarchicalKMeans(nClusters: [8], sampleSizes: [1]).fit(points, seed: Seed(1), workers: pool)
    let kMeans = try KMeans(nClusters: 8, nInit: 1, maxIterations: 50).fit(
      points, seed: Seed(1).split("level").split(0).split("rows"), workers: pool)
    #expect(plain.levels[0].partition.labels == kMeans.partition.labels)
  }
}
