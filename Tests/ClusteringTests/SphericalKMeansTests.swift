import Clustering
import Tensors
import TestSupport
import Testing

struct SphericalKMeansTests {
  private let pool = WorkerPool(threads: 2)

  private func unit(_ row: [Double]) -> [Double] {
    let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length == 0 ? row : row.map { $0 / length }
  }

  /// The iteration written out by cosines: the largest wins, centres are normalised sums.
  @Test func equalsThePlainLoopByCosine() throws {
    try withEvery("seed", in: 0..<8) { seed in
      let x = Planted.blobs(rows: 240, columns: 6, groups: 5, spread: 4, seed: seed).points
      let start = x.rows(at: Array(0..<7))
      let rows = (0..<240).map { unit(x.row($0).map { Double($0) }) }
      var centers = (0..<7).map { rows[$0] }
      var labels: [Int] = []
      func cosine(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      func assign() {
        labels = rows.map { row in
          (0..<7).max { cosine(row, centers[$0]) < cosine(row, centers[$1]) }!
        }
      }
      assign()
      for iteration in 1...5 {
        let before = labels
        for j in 0..<7 where labels.contains(j) {
          var sum = [Double](repeating: 0, count: 6)
          for row in 0..<240 where labels[row] == j { for c in 0..<6 { sum[c] += rows[row][c] } }
          centers[j] = unit(sum)
        }
        assign()
        let fitted = try SphericalKMeans(nClusters: 7, maxIterations: iteration, tolerance: 0).fit(
          x, from: start, workers: pool)
        if labels == before || fitted.iterations < iteration { break }
        #expect(fitted.partition.rawLabels.map { $0! } == labels, "seed \(seed), iteration \(iteration)")
        let expected = fitted.partition.rawNumbers.flatMap { centers[$0] }
        #expect(normalizedError(fitted.centers.storage.map { Double($0) }, expected) < 1e-6)
        let inertia = rows.indices.reduce(0) { $0 + 1 - cosine(rows[$1], centers[labels[$1]]) }
        #expect(abs(fitted.inertia / inertia - 1) < 1e-5)
      }
    }
  }

  /// Lengths do not count: whole powers of two scale without rounding.
  @Test func lengthsDoNotCount() throws {
    var x = Planted.blobs(rows: 300, columns: 5, groups: 4, spread: 2, seed: 1).points
    let before = try SphericalKMeans(nClusters: 4, nInit: 2).fit(x, seed: Seed(3), workers: pool)
    for row in 0..<300 { for c in 0..<5 { x[row, c] *= Float(1 << (row % 12)) } }
    let after = try SphericalKMeans(nClusters: 4, nInit: 2).fit(x, seed: Seed(3), workers: pool)
    #expect(after.partition == before.partition && after.centers == before.centers)
    #expect(try before.assign(x, workers: pool).labels == before.partition.labels.map { $0! })
  }

  @Test func rowsOfZerosGoToTheLowest() throws {
    let x = Matrix(rowsOf: [[1, 0], [0, 0], [0, 3], [2, 0], [0, 1]])
    let fitted = try SphericalKMeans(nClusters: 2).fit(x, from: Matrix(rowsOf: [[5, 0], [0, 5]]), workers: pool)
    #expect(fitted.partition.rawLabels == [0, 0, 1, 0, 1])
    #expect(fitted.partition.strengths[1] == 0)
  }
}
