import Clustering
import Tensors
import TestSupport
import Testing

struct MiniBatchKMeansTests {
  private let pool = WorkerPool(threads: 2)

  @Test func comesCloseToLloyd() throws {
    try withEvery("seed", in: 0..<4) { seed in
      let x = Planted.blobs(rows: 4000, columns: 6, groups: 10, spread: 2, seed: seed).points
      let exact = try KMeans(nClusters: 10, nInit: 3).fit(x, seed: Seed(UInt64(seed)), workers: pool)
      let mini = try MiniBatchKMeans(nClusters: 10, batchSize: 256).fit(x, seed: Seed(UInt64(seed)), workers: pool)
      #expect(mini.inertia < 1.25 * exact.inertia, "seed \(seed): \(mini.inertia) against \(exact.inertia)")
      #expect(mini.batches >= 11 && mini.batches <= 100 * 4000 / 256)
    }
  }

  /// Every row has the nearest of the centres reported.
  @Test func labelsAreThoseOfTheCentres() throws {
    let x = Planted.blobs(rows: 900, columns: 4, groups: 6, spread: 1, seed: 2).points
    let fitted = try MiniBatchKMeans(nClusters: 6, batchSize: 100).fit(x, seed: Seed(4), workers: pool)
    #expect(try fitted.assign(x, workers: pool).labels == fitted.partition.labels.map { $0! })
  }

  @Test func theSameAtAnyThreadCount() throws {
    let x = Planted.blobs(rows: 3000, columns: 8, groups: 7, spread: 3, seed: 5).points
    let one = try MiniBatchKMeans(nClusters: 30).fit(x, seed: Seed(2), workers: WorkerPool(threads: 1))
    for threads in 2...3 {
      let other = try MiniBatchKMeans(nClusters: 30).fit(x, seed: Seed(2), workers: WorkerPool(threads: threads))
      #expect(other.partition == one.partition && other.centers == one.centers && other.batches == one.batches)
    }
  }
}
