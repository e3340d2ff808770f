import Clustering
import Tensors
import TestSupport
import Testing

struct CentroidValidityTests {
  @Test(arguments: ["blobs", "noise", "far", "duplicates"])
  func equalsScikitLearn(name: String) throws {
    let fixture = try Fixture("Clustering/separation")
    let shape = fixture.shape("\(name).x")
    let x = Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats("\(name).x"))
    let labels = fixture.integers("\(name).labels")
    let partitions = (0..<labels.count / x.rows).map { partition(labels[$0 * x.rows..<($0 + 1) * x.rows].map { $0 }) }
    let found = partitions.map { CentroidValidity(of: x, $0) }
    #expect(normalizedError(found.map { $0.calinskiHarabasz! }, fixture.doubles("\(name).calinski")) < 1e-9)
    #expect(normalizedError(found.map { $0.daviesBouldin! }, fixture.doubles("\(name).davies")) < 1e-9)
    let pool = WorkerPool(threads: 2)
    let silhouettes = Silhouette.means(of: x, partitions, seed: Seed(1), workers: pool)
    #expect(normalizedError(silhouettes.map { $0! }, fixture.doubles("\(name).silhouette")) < 1e-9)
    #expect(silhouettes == partitions.map { Silhouette(of: x, $0, seed: Seed(1), workers: pool).mean })
    #expect(silhouettes == Silhouette.means(of: x, partitions, seed: Seed(1), workers: WorkerPool(threads: 3)))
  }

  /// Means 1 and 11, total mean 6: distances 1 to the own, 9 and 11 to the other.
  @Test func twoPairsByHand() {
    let found = CentroidValidity(of: Matrix(rowsOf: [[0], [2], [10], [12]]), partition([0, 0, 1, 1]))
    #expect(found.inertia == 4)
    #expect(found.calinskiHarabasz == 100 / 1 / (4 / 2.0))
    #expect(found.daviesBouldin == 0.2)
    #expect(abs(found.simplifiedSilhouette! - (10.0 / 11 + 8.0 / 9) / 2) < 1e-15)
  }

  @Test func noiseIsLeftOutAndOneGroupHasNoMeasure() {
    let rows: [[Float]] = [[0], [2], [10], [12]]
    let clean = CentroidValidity(of: Matrix(rowsOf: rows), partition([0, 0, 1, 1]))
    #expect(CentroidValidity(of: Matrix(rowsOf: rows + [[500]]), partition([0, 0, 1, 1, nil])) == clean)
    let one = CentroidValidity(of: Matrix(rowsOf: rows), partition([0, 0, 0, 0]))
    #expect(one.inertia == 104 && one.calinskiHarabasz == nil && one.daviesBouldin == nil)
    #expect(one.simplifiedSilhouette == nil)
    let singles = CentroidValidity(of: Matrix(rowsOf: rows), partition([0, 1, 2, 3]))
    #expect(singles.inertia == 0 && singles.calinskiHarabasz == nil && singles.simplifiedSilhouette == 1)
    let none = CentroidValidity(of: Matrix(rows: 3, columns: 0), partition([0, 0, 0]))
    #expect(none.inertia == 0)
    // Equal means of groups that have a spread.
    let crossed = CentroidValidity(of: Matrix(rowsOf: [[-1], [1], [-2], [2]]), partition([0, 0, 1, 1]))
    #expect(crossed.daviesBouldin == .infinity && crossed.calinskiHarabasz == 0)
  }

  private func partition(_ labels: [Int?]) -> Partition {
    Partition(rawLabels: labels, strengths: [Float](repeating: 1, count: labels.count))
  }
}
