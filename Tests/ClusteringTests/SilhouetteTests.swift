import Clustering
import Tensors
import TestSupport
import Testing

struct SilhouetteTests {
  @Test(arguments: ["near", "far"])
  func equalsScikitLearn(name: String) throws {
    let fixture = try Fixture("Clustering/validity")
    let shape = fixture.shape("silhouette.\(name).x")
    let x = Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats("silhouette.\(name).x"))
    let labels = fixture.integers("silhouette.\(name).labels")
    let partition = Partition(rawLabels: labels.map { $0 }, strengths: [Float](repeating: 1, count: labels.count))
    let expected = fixture.doubles("silhouette.\(name).rows")
    let found = Silhouette(of: x, partition, seed: Seed(1), workers: WorkerPool(threads: 2))
    #expect(normalizedError(found.rows.map { $0! }, expected) < 1e-9)
    #expect(abs(found.mean! - expected.reduce(0, +) / Double(expected.count)) < 1e-9)
    for (group, rows) in partition.members.enumerated() {
      #expect(abs(found.groups[group]! - rows.reduce(0) { $0 + expected[$1] } / Double(rows.count)) < 1e-9)
    }
    #expect(!found.isSample)
    let one = Silhouette(of: x, partition, seed: Seed(1), workers: WorkerPool(threads: 1))
    #expect(one == found)
  }

  @Test func noiseIsLeftOutAndLargeSetsAreSampled() {
    let planted = Planted.blobs(rows: 600, columns: 4, groups: 3, spread: 1, noise: 0.1, seed: 9)
    let raw = planted.truth.map { $0 < 0 ? nil : $0 }
    let partition = Partition(rawLabels: raw, strengths: raw.map { $0 == nil ? 0 : 1 })
    let all = Silhouette(of: planted.points, partition, seed: Seed(1), workers: WorkerPool(threads: 2))
    #expect(zip(all.rows, raw).allSatisfy { ($0 == nil) == ($1 == nil) })
    let some = Silhouette(
      of: planted.points, partition, sampleLimit: 150, seed: Seed(1), workers: WorkerPool(threads: 2))
    #expect(some.isSample && some.rows.compactMap { $0 }.count == 150)
    #expect(abs(some.mean! - all.mean!) < 0.05)
    let single = Partition(rawLabels: raw.map { _ in 0 }, strengths: raw.map { _ in 1 })
    #expect(Silhouette(of: planted.points, single, seed: Seed(1), workers: WorkerPool(threads: 1)).mean == nil)
  }
}
