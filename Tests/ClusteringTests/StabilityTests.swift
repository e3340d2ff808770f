import Clustering
import Tensors
import Testing

struct StabilityTests {
  @Test func plantedGroupsAreStableAndNoiseIsNot() throws {
    let pool = WorkerPool(threads: 2)
    let planted = Planted.blobs(rows: 400, columns: 5, groups: 4, spread: 0.6, seed: 11).points
    let kMeans = KMeans(nClusters: 4)
    let sure = try Stability(
      of: kMeans, on: planted, reference: kMeans.partition(planted, seed: Seed(1), workers: pool), seed: Seed(2),
      workers: pool)
    #expect(sure.meanARI == 1 && sure.jaccard.allSatisfy { $0 == 1 } && sure.ari.count == 10)
    let hdbscan = HDBSCAN(minClusterSize: 20)
    let dense = try Stability(
      of: hdbscan, on: planted, reference: hdbscan.partition(planted, seed: Seed(1), workers: pool), seed: Seed(2),
      workers: pool)
    #expect(dense.meanARI > 0.9 && dense.jaccard.allSatisfy { $0 > 0.9 })

    var generator = Seed(5).generator()
    let shapeless = Matrix(rows: 400, columns: 5, storage: (0..<2000).map { _ in Float(generator.normal()) })
    let seven = KMeans(nClusters: 7)
    let unsure = try Stability(
      of: seven, on: shapeless, reference: seven.partition(shapeless, seed: Seed(1), workers: pool), seed: Seed(2),
      workers: pool)
    #expect(unsure.meanARI < 0.6)
    #expect(hdbscan.adapted(toFraction: 0.5) == HDBSCAN(minClusterSize: 10))
  }
}
