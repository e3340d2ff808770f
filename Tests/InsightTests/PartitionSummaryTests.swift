import Clustering
import Insight
import Tensors
import TestSupport
import Testing

struct PartitionSummaryTests {
  /// Two groups on a line and one point of noise: every figure by hand.
  @Test func figuresByHand() {
    let points = Matrix(rowsOf: [[0], [10], [1], [12], [2], [50], [4]])
    let partition = Partition(rawLabels: [0, 1, 0, 1, 0, nil, 0], strengths: [1, 0.5, 0.5, 1, 1, 0, 0.5])
    let summary = PartitionSummary(of: partition, points: points)
    #expect(summary.rows == 7)
    #expect(summary.noise == 1)
    #expect(summary.silhouette == nil && summary.stability == nil)
    #expect(summary.distanceToMedoid == [1, 0, 0, 2, 1, nil, 3])
    let first = summary.groups[0]
    #expect(first.size == 4)
    #expect(first.share == 4.0 / 7)
    #expect(first.medoid == 2)
    #expect(first.cohesion == 1.25)
    #expect(first.radius == 3)
    #expect(first.meanProbability == 0.75)
    #expect(first.separation == 9)
    #expect(first.neighbours.map(\.group) == [1] && first.neighbours[0].distance == 9)
    // Means 1.75 and 11; mean distances to them (1.75 + .75 + .25 + 2.25) / 4 = 1.25 and 1.
    #expect(abs(first.margin! - 9.25 / 2.25) < 1e-12)
    #expect(summary.groups[1].medoid == 1)
    #expect(summary.groups[1].margin == first.margin)
  }

  @Test func silhouetteAndStabilityComeThrough() throws {
    let blobs = PlantedBlobs(centres: [[0, 0], [30, 0], [0, 30]], sizes: [60, 50, 40])
    let workers = WorkerPool(threads: 1)
    let silhouette = Silhouette(of: blobs.points, blobs.partition, seed: Seed(1), workers: workers)
    let stability = try Stability(
      of: KMeans(nClusters: 3), on: blobs.points, reference: blobs.partition, rounds: 3, seed: Seed(1), workers: workers
    )
    let summary = PartitionSummary(
      of: blobs.partition, points: blobs.points, silhouette: silhouette, stability: stability)
    #expect(summary.groups.map(\.silhouette) == silhouette.groups)
    #expect(summary.groups.map(\.stability) == stability.jaccard)
    #expect(summary.silhouette == silhouette.mean)
    #expect(summary.groups.allSatisfy { $0.trust.grade == .a })
    #expect(summary.trustedShare == 1)
  }

  @Test func sameAtAnyNumberOfThreads() {
    let blobs = PlantedBlobs(centres: [[0, 0], [4, 0], [0, 5], [9, 9]], sizes: [90, 70, 50, 3], noise: 20)
    let one = PartitionSummary(of: blobs.partition, points: blobs.points, workers: WorkerPool(threads: 1))
    withEvery("threads", in: 2...3) { threads in
      #expect(
        PartitionSummary(of: blobs.partition, points: blobs.points, workers: WorkerPool(threads: threads)) == one)
    }
  }

  @Test func nothingButNoise() {
    let summary = PartitionSummary(of: Partition([nil, nil]), points: Matrix(rows: 2, columns: 3))
    #expect(summary.groups.isEmpty)
    #expect(summary.noiseShare == 1)
    #expect(summary.distanceToMedoid == [nil, nil])
    #expect(PartitionSummary(of: Partition([]), points: Matrix(rows: 0, columns: 3)).noiseShare == 0)
  }

  @Test func coincidentGroupsHaveNoMargin() {
    let summary = PartitionSummary(of: Partition([0, 1, 0, 1]), points: Matrix(rows: 4, columns: 2, repeating: 7))
    #expect(summary.groups.map(\.margin) == [0, 0])
    #expect(summary.groups.allSatisfy { $0.trust.grade == .e })
  }
}
