import Tensors

/// The points of one k-means fit, made ready: what seeding, Lloyd's iteration and strengths share.
///
/// Rows are worked on in chunks whose size depends on their number alone, and lent a few thousand at a time, so that points
/// that do not fit in memory take the same way; sums are added up in chunk order.
struct KMeansProblem: Sendable {
  let points: any RowSource
  let rows: Int
  let columns: Int
  private(set) var nClusters: Int
  let screen: DistanceScreen
  let chunks: [Range<Int>]
  /// The column means.
  let mean: [Double]
  /// Mean over the columns of their (population) variances: the scale of `tolerance`.
  let meanVariance: Double
  /// Bytes that bounds of distances may take.
  let boundsLimit: Int

  static let lentRows = 4096
  static let defaultBoundsLimit = 2 << 30

  /// - Throws: `ClusteringError.noRows`, `.tooFewRows`, `.notFinite`, or what the medium throws.
  /// - Complexity: two passes over the points.
  init(
    points: any RowSource, holding others: [Double] = [], nClusters: Int, boundsLimit: Int = defaultBoundsLimit,
    workers: WorkerPool
  ) throws {
    if points.rows == 0 { throw ClusteringError.noRows }
    self.points = points
    self.nClusters = nClusters
    self.boundsLimit = boundsLimit
    (rows, columns) = (points.rows, points.columns)
    let size = max(512, (rows + 63) / 64)
    chunks = stride(from: 0, to: points.rows, by: size).map { $0..<min($0 + size, points.rows) }
    let columns = columns
    let extents = try workers.map(jobs: chunks.count) { [chunks] job, _ in
      try ColumnExtents(of: points, chunks[job])
    }
    if rows < nClusters { throw ClusteringError.tooFewRows(rows: rows, needed: nClusters) }
    var sums = [Double](repeating: 0, count: columns)
    for extent in extents { for c in 0..<columns { sums[c] += extent.sums[c] } }
    let mean = sums.map { [rows] in $0 / Double(rows) }
    var largest = 0.0
    for extent in extents {
      for c in 0..<columns {
        largest = max(largest, Double(extent.high[c]) - mean[c], mean[c] - Double(extent.low[c]))
      }
    }
    for (i, value) in others.enumerated() { largest = max(largest, abs(value - mean[i % columns])) }
    self.mean = mean
    screen = DistanceScreen(near: mean, largest: largest)
    let squares = try workers.map(jobs: chunks.count) { [chunks] job, _ in
      var sum = 0.0
      try points.forEachRow(in: chunks[job]) { _, row in sum += CenterRows.distance(row, mean, count: columns) }
      return sum
    }
    meanVariance = columns == 0 ? 0 : squares.reduce(0, +) / Double(rows) / Double(columns)
  }

  /// Sum, least and largest number of each column of a chunk.
  private struct ColumnExtents: Sendable {
    var sums: [Double]
    var low: [Float]
    var high: [Float]

    init(of points: any RowSource, _ chunk: Range<Int>) throws {
      let columns = points.columns
      sums = [Double](repeating: 0, count: columns)
      low = [Float](repeating: .infinity, count: columns)
      high = [Float](repeating: -.infinity, count: columns)
      try points.forEachRow(in: chunk) { _, row in
        CenterRows.add(row, count: columns, into: &sums)
        CenterRows.extend(&low, &high, toHold: row, count: columns)
      }
      // A sum of 64 bits is finite exactly when all its 32-bit terms are.
      if sums.allSatisfy(\.isFinite) { return }
      try points.forEachRow(in: chunk) { number, row in
        if !UnsafeBufferPointer(start: row, count: columns).allSatisfy(\.isFinite) {
          throw ClusteringError.notFinite(row: number)
        }
      }
    }
  }

  /// The same points with another number of centres.
  func asking(for centers: Int) -> KMeansProblem {
    var other = self
    other.nClusters = centers
    return other
  }

  /// The rows at `indices`, in that order, in 64 bits.
  func values(ofRows indices: [Int]) throws -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(indices.count * columns)
    for index in indices { try points.withRows(index..<index + 1) { values += $0.map { Double($0) } } }
    return values
  }

  /// What one start led to.
  struct Outcome: Sendable {
    var labels: [Int32]
    /// `nClusters × columns` numbers.
    var centers: [Double]
    var inertia: Double
    var iterations: Int
    /// Of each row, where asked for.
    var strengths: [Float]
  }
}

extension RowSource {
  /// Visits the rows of a range in order, lent a few thousand at a time. Rows without columns are not visited.
  func forEachRow(
    in range: Range<Int>, _ body: (_ number: Int, _ row: UnsafePointer<Float>) throws -> Void
  ) throws {
    let columns = columns
    for start in stride(from: range.lowerBound, to: range.upperBound, by: KMeansProblem.lentRows) {
      let lent = start..<min(start + KMeansProblem.lentRows, range.upperBound)
      try withRows(lent) { block in
        guard columns > 0, let base = block.baseAddress else { return }
        for row in lent { try body(row, base + (row - start) * columns) }
      }
    }
  }
}
