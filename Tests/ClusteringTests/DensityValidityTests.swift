import Clustering
import Tensors
import TestSupport
import Testing

struct DensityValidityTests {
  @Test(arguments: ["near", "far"])
  func equalsTheHDBSCANPackage(name: String) throws {
    let fixture = try Fixture("Clustering/validity")
    let shape = fixture.shape("dbcv.\(name).x")
    let x = Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats("dbcv.\(name).x"))
    let labels = fixture.integers("dbcv.\(name).labels").map { $0 < 0 ? nil : $0 }
    let partition = Partition(rawLabels: labels, strengths: labels.map { $0 == nil ? 0 : 1 })
    let found = DensityValidity(of: x, partition, workers: WorkerPool(threads: 2))
    let expected = fixture.doubles("dbcv.\(name).groups")
    for (group, raw) in partition.rawNumbers.enumerated() { #expect(abs(found.groups[group]! - expected[raw]) < 1e-9) }
    #expect(abs(found.score! - fixture.doubles("dbcv.\(name).score")[0]) < 1e-9)
  }

  /// Where the plain formula underflows, the logarithm must not.
  @Test func holdsInManyDimensions() {
    let planted = Planted.blobs(rows: 120, columns: 400, groups: 3, spread: 0.5, seed: 10)
    let partition = Partition(rawLabels: planted.truth.map { $0 }, strengths: planted.truth.map { _ in 1 })
    let score = DensityValidity(of: planted.points, partition, workers: WorkerPool(threads: 2)).score!
    #expect(score > 0.5 && score <= 1)
  }
}
