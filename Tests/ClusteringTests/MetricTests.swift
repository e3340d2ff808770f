import Clustering
import Tensors
import TestSupport
import Testing

struct MetricTests {
  private func distance(_ a: Int, _ b: Int, _ rows: Matrix, _ metric: Metric) -> Double {
    metric.distance(ofEuclidean: Distances.between(a, b, of: rows))
  }

  @Test func cosineIsThatOfTheDirections() {
    let x = Matrix(rowsOf: [[3, 0], [0, 0.5], [-7, 0], [1, 1], [0, 0], [0, 0], [1e-30, 0], [1e30, 1e30]])
    let rows = Metric.cosine.embedded(x)
    let half = 1 - 0.5.squareRoot()
    let expected: [(Int, Int, Double)] = [
      (0, 1, 1), (0, 2, 2), (0, 3, half), (1, 3, half), (2, 3, 2 - half),
      // Whatever the length.
      (0, 6, 0), (3, 7, 0),
      // A row of zeros is at right angles to all but its like.
      (0, 4, 1), (2, 4, 1), (3, 5, 1), (4, 5, 0),
    ]
    for (a, b, wanted) in expected { #expect(abs(distance(a, b, rows, .cosine) - wanted) < 1e-6, "\(a), \(b)") }
    #expect(Metric.euclidean.embedded(x) == x && Metric.euclidean.distance(ofEuclidean: 3) == 3)
  }

  /// Lengths do not matter, nor does the metric where all lengths are 1: the groups are those of the directions.
  @Test func lengthsDoNotMatter() throws {
    let pool = WorkerPool(threads: 1)
    var generator = Seed(81).generator()
    let x = Planted.blobs(rows: 300, columns: 6, groups: 3, spread: 0.5, noise: 0.1, seed: 80).points
    // Powers of two, so that directions stay what they are to the last bit.
    let stretched = Matrix(
      rows: 300, columns: 6,
      storage: (0..<300).flatMap { row in
        let factor = Float(sign: .plus, exponent: generator.integer(below: 9) - 4, significand: 1)
        return x.row(row).map { $0 * factor }
      })
    let hdbscan = HDBSCAN(minClusterSize: 10, metric: .cosine)
    let fitted = try hdbscan.fit(x, workers: pool)
    let other = try hdbscan.fit(stretched, workers: pool)
    #expect(other.partition == fitted.partition && other.outlierScores == fitted.outlierScores)
    #expect(fitted.partition.groupCount == 3)
  }
}
