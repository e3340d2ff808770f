import Clustering
import Tensors
import TestSupport
import Testing

struct KMeansTests {
  private let pool = WorkerPool(threads: 2)

  @Test(arguments: [
    ("blobs", 300, 1e-4), ("sameBlob", 300, 1e-4), ("noise", 300, 1e-4), ("stopped", 3, 1e-4), ("exact", 300, 0),
    ("empty", 300, 1e-4), ("offset", 300, 1e-4),
  ])
  func equalsScikitLearnFromTheSameStart(name: String, maxIterations: Int, tolerance: Double) throws {
    let fixture = try Fixture("Clustering/kmeans")
    func matrix(_ name: String) -> Matrix {
      Matrix(rows: fixture.shape(name)[0], columns: fixture.shape(name)[1], storage: fixture.floats(name))
    }
    let (x, start) = (matrix("\(name).x"), matrix("\(name).start"))
    let fitted = try KMeans(nClusters: start.rows, maxIterations: maxIterations, tolerance: tolerance).fit(
      x, from: start, workers: pool)
    #expect(fitted.partition.rawLabels.map { $0! } == fixture.integers("\(name).labels"))
    let result = fixture.doubles("\(name).result")
    #expect(abs(fitted.inertia / result[0] - 1) < 1e-9)
    #expect(fitted.iterations == Int(result[1]))
    let centers = fixture.doubles("\(name).centers")
    let inOurOrder = fitted.partition.rawNumbers.flatMap { centers[$0 * x.columns..<($0 + 1) * x.columns] }
    #expect(normalizedError(fitted.centers.storage.map { Double($0) }, inOurOrder) < 1e-6)
  }

  /// Lloyd's iteration written out plainly: no blocks, no proposals, no tolerance.
  private func naive(_ x: Matrix, from start: Matrix) -> (labels: [Int], inertia: Double) {
    let (n, d, k) = (x.rows, x.columns, start.rows)
    var centers = start.storage.map { Double($0) }
    var labels = [Int](repeating: -1, count: n)
    while true {
      let assigned = (0..<n).map { row in
        (0..<k).map { j in Distances.squared(x.row(row), Array(centers[j * d..<(j + 1) * d]), count: d) }
          .enumerated().min { $0.element < $1.element }!.offset
      }
      if assigned == labels { break }
      labels = assigned
      for j in 0..<k {
        let members = labels.indices.filter { labels[$0] == j }
        if members.isEmpty { continue }
        for c in 0..<d { centers[j * d + c] = members.reduce(0) { $0 + Double(x[$1, c]) } / Double(members.count) }
      }
    }
    let inertia = (0..<n).reduce(0) {
      $0 + Distances.squared(x.row($1), Array(centers[labels[$1] * d..<(labels[$1] + 1) * d]), count: d)
    }
    return (labels, inertia)
  }

  @Test func equalsThePlainLoop() throws {
    try withEvery("seed", in: 0..<20) { seed in
      let x = Planted.blobs(rows: 90, columns: 3, groups: 4, spread: 2.5, seed: seed).points
      let start = x.rows(at: [0, 1, 2, 3])
      let expected = naive(x, from: start)
      let fitted = try KMeans(nClusters: 4, tolerance: 0).fit(x, from: start, workers: pool)
      #expect(fitted.partition.rawLabels.map { $0! } == expected.labels, "seed \(seed)")
      #expect(abs(fitted.inertia / expected.inertia - 1) < 1e-12)
    }
  }

  /// Points on a small grid: every distance is exact, so ties are real and must go to the lower centre.
  @Test func tiesGoToTheLowerCentre() throws {
    let x = Matrix(rowsOf: [[0], [2], [4], [-1], [5]])
    let fitted = try KMeans(nClusters: 2, maxIterations: 1).fit(x, from: Matrix(rowsOf: [[0], [4]]), workers: pool)
    #expect(fitted.partition.rawLabels[1] == 0)
  }

  @Test func findsPlantedGroups() throws {
    try withEvery("seed", in: 0..<5) { seed in
      let planted = Planted.blobs(rows: 600, columns: 12, groups: 6, spread: 1, seed: seed)
      let fitted = try KMeans(nClusters: 6).fit(planted.points, seed: Seed(UInt64(seed)), workers: pool)
      #expect(ExternalValidity(truth: planted.truth, groups: fitted.partition.labels).ari == 1, "seed \(seed)")
      #expect(fitted.partition.strengths.allSatisfy { $0 > 0.3 })
    }
  }

  @Test func moreGroupsThanDistinctRows() throws {
    let x = Matrix(rowsOf: [[0, 0], [0, 0], [5, 5], [5, 5], [5, 5]])
    let fitted = try KMeans(nClusters: 4).fit(x, seed: Seed(1), workers: pool)
    #expect(fitted.partition.labels == [1, 1, 0, 0, 0])
    #expect(fitted.inertia == 0 && fitted.centers == Matrix(rowsOf: [[5, 5], [0, 0]]))
  }

  @Test func everyRowItsOwnGroup() throws {
    let x = Planted.blobs(rows: 12, columns: 2, groups: 4, spread: 1, seed: 3).points
    let fitted = try KMeans(nClusters: 12).fit(x, seed: Seed(1), workers: pool)
    #expect(fitted.partition.sizes == [Int](repeating: 1, count: 12) && fitted.inertia == 0)
  }

  /// Above a certain size rows are shared out instead of starts; the fit must not notice.
  @Test func largeAndSmallProblemsAgreeAtAnyThreadCount() throws {
    let x = Planted.blobs(rows: 20_000, columns: 30, groups: 8, spread: 3, seed: 4).points
    let kMeans = KMeans(nClusters: 60, nInit: 2, maxIterations: 5)
    let one = try kMeans.fit(x, seed: Seed(2), workers: WorkerPool(threads: 1))
    for threads in 2...3 {
      let other = try kMeans.fit(x, seed: Seed(2), workers: WorkerPool(threads: threads))
      #expect(other.partition == one.partition && other.centers == one.centers && other.inertia == one.inertia)
    }
  }
}
