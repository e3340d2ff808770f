import Clustering
import Tensors
import TestSupport
import Testing

/// What every clusterer promises (see `Clusterer`), checked on one set of well separated groups and its variations.
/// - Parameters:
///   - tiny: the fewest rows the clusterer sorts rather than refuses.
///   - mayMove: whether only differences of rows count; directions change when rows are moved.
func checkClusterer(_ clusterer: some Clusterer, tiny: Int, mayMove: Bool = true) throws {
  let points = Planted.blobs(rows: 240, columns: 5, groups: 3, spread: 0.5, seed: 1).points
  let pool = WorkerPool(threads: 1)
  let reference = try clusterer.partition(points, seed: Seed(7), workers: pool)

  #expect(reference.count == points.rows)
  #expect(reference.strengths.allSatisfy { $0 >= 0 && $0 <= 1 })
  #expect(reference.sizes == reference.sizes.sorted(by: >))
  #expect(reference.members.map(\.count) == reference.sizes)
  #expect(zip(reference.labels, reference.strengths).allSatisfy { $0 != nil || $1 == 0 })

  for threads in 1...3 {
    #expect(try clusterer.partition(points, seed: Seed(7), workers: WorkerPool(threads: threads)) == reference)
  }

  var order = Array(0..<points.rows)
  var generator = Seed(8).generator()
  generator.shuffle(&order)
  let shuffled = try clusterer.partition(points.rows(at: order), seed: Seed(7), workers: pool)
  #expect(
    ExternalValidity(truth: order.map { reference.labels[$0] }, groups: shuffled.labels).ari == 1,
    "rows in another order")

  if mayMove {
    // Whole numbers, so that the move itself rounds nothing.
    let grid = Matrix(rows: points.rows, columns: 5, storage: points.storage.map { ($0 * 16).rounded() })
    let moved = Matrix(rows: points.rows, columns: 5, storage: grid.storage.map { $0 + 4096 })
    let there = try clusterer.partition(grid, seed: Seed(7), workers: pool)
    #expect(try clusterer.partition(moved, seed: Seed(7), workers: pool).labels == there.labels, "moved")
  }

  for value in [Float.nan, .infinity, -.infinity] {
    var bad = points
    bad[99, 2] = value
    bad[180, 0] = value
    #expect(throws: ClusteringError.notFinite(row: 99)) { try clusterer.partition(bad, seed: Seed(7), workers: pool) }
  }
  #expect(throws: ClusteringError.noRows) {
    try clusterer.partition(Matrix(rows: 0, columns: 5), seed: Seed(7), workers: pool)
  }
  try withEvery("rows", in: 1...12) { rows in
    let few = points.rows(at: Array(0..<rows))
    if rows < tiny {
      #expect(throws: ClusteringError.tooFewRows(rows: rows, needed: tiny)) {
        try clusterer.partition(few, seed: Seed(7), workers: pool)
      }
    } else {
      let sorted = try clusterer.partition(few, seed: Seed(7), workers: pool)
      #expect(sorted.count == rows)
    }
  }
  for equal in [Matrix(rows: 30, columns: 4, repeating: 1), Matrix(rows: 30, columns: 0)] {
    let partition = try clusterer.partition(equal, seed: Seed(7), workers: pool)
    #expect(partition.groupCount <= 1, "rows that are all equal make one group or none")
  }
}

/// Points whose groups are known because they were put there.
enum Planted {
  static func blobs(
    rows: Int, columns: Int, groups: Int, spread: Double, noise: Double = 0, seed: Int
  ) -> (points: Matrix, truth: [Int]) {
    var generator = Seed(100).split(seed).generator()
    let centers = (0..<groups).map { group in
      (0..<columns).map { Double(($0 + group) % groups) * 6 + generator.normal() }
    }
    var (storage, truth) = ([Float](), [Int]())
    for row in 0..<rows {
      let isNoise = generator.chance(noise)
      truth.append(isNoise ? -1 : row % groups)
      for c in 0..<columns {
        storage.append(
          Float(isNoise ? generator.uniform(-10...25) : centers[row % groups][c] + spread * generator.normal()))
      }
    }
    return (Matrix(rows: rows, columns: columns, storage: storage), truth)
  }
}

struct ClustererContractTests {
  @Test func kMeansKeepsTheContract() throws {
    try checkClusterer(KMeans(nClusters: 3), tiny: 3)
    try checkClusterer(KMeans(nClusters: 1, nInit: 1), tiny: 1)
    try checkClusterer(KMeans(nClusters: 3, seeding: .parallel), tiny: 3)
  }

  @Test func kindsOfKMeansKeepTheContract() throws {
    try checkClusterer(SphericalKMeans(nClusters: 3), tiny: 3, mayMove: false)
    try checkClusterer(MiniBatchKMeans(nClusters: 3), tiny: 3)
    try checkClusterer(HierarchicalKMeans(nClusters: [3]), tiny: 3)
  }

  @Test func hdbscanKeepsTheContract() throws {
    try checkClusterer(HDBSCAN(minClusterSize: 10), tiny: 1)
    try checkClusterer(HDBSCAN(minClusterSize: 5, minSamples: 3, selectionMethod: .leaf), tiny: 1)
    try checkClusterer(HDBSCAN(minClusterSize: 20, allowSingleCluster: true), tiny: 1)
    try checkClusterer(HDBSCAN(minClusterSize: 10, metric: .cosine), tiny: 1, mayMove: false)
  }
}
