public import Tensors

/// How much of the neighbourhoods among points is left in a map of them: two measures to be shown beside every map.
///
///     let quality = MapQuality(of: map.embedding, points: points, seed: seed, workers: pool)
///
/// Exact for up to `sampleRows` rows; beyond, both are those of as many rows drawn by the seed.
public struct MapQuality: Sendable, Equatable {
  /// Trustworthiness (Venna & Kaski 2001): 1 where every neighbour in the map is one among the points, less by how far away the others
  /// are; about 0.5 for a map at random. Among the rows asked alone, as if there were no others. nil for rows so few that it isn't
  /// defined (at most 2 · nNeighbors).
  public let trustworthiness: Double?
  /// The share of a row's nearest neighbours among all points that are among its nearest in the map, over the rows asked. nil for
  /// fewer than two rows.
  public let neighborsKept: Double?
  /// How many neighbours are looked at, and how many rows were asked.
  public let nNeighbors, rowsAsked: Int
  /// Whether all rows were asked.
  public let isExact: Bool

  private static let rowsPerJob = 16

  /// - Parameters:
  ///   - map, points: equal numbers of rows, all numbers finite.
  ///   - sampleRows: at most so many rows are asked.
  /// - Complexity: O(sampleRows² · d + sampleRows · n · d). Equal bytes at any thread count.
  public init(
    of map: Matrix, points: Matrix, nNeighbors: Int = 10, sampleRows: Int = 2000, seed: Seed, workers: WorkerPool
  ) {
    let n = map.rows
    precondition(points.rows == n, "a map of \(n) rows for \(points.rows) points")
    precondition(nNeighbors >= 1 && sampleRows >= 1, "\(nNeighbors) neighbours of \(sampleRows) rows")
    var rows = Array(0..<n)
    if n > sampleRows {
      var generator = seed.split("quality").generator()
      generator.shuffle(&rows)
      rows = rows[..<sampleRows].sorted()
    }
    rowsAsked = rows.count
    isExact = rows.count == n
    self.nNeighbors = nNeighbors
    let (askedMap, askedPoints) = isExact ? (map, points) : (map.rows(at: rows), points.rows(at: rows))
    trustworthiness =
      rows.count > 2 * nNeighbors
      ? Self.trustworthiness(askedMap, askedPoints, nNeighbors, workers) : nil
    neighborsKept =
      n < 2
      ? nil
      : Self.kept(
        Self.others(askedMap, among: map, rows, nNeighbors, workers),
        Self.others(askedPoints, among: points, rows, nNeighbors, workers))
  }

  /// 1 − 2 / (n k (2n − 3k − 1)) · Σ over neighbours in the map of (rank among the points − k, if above 0).
  private static func trustworthiness(_ map: Matrix, _ points: Matrix, _ k: Int, _ workers: WorkerPool) -> Double {
    let (n, d) = (map.rows, points.columns)
    let near = Neighbors(of: map, count: k, workers: workers)
    var penalties = [Int](repeating: 0, count: n)
    penalties.withUnsafeMutableBufferPointer { penalties in
      points.withUnsafeBufferPointer { points in
        nonisolated(unsafe) let (penalties, points) = (penalties, points)
        workers.run(jobs: (n + rowsPerJob - 1) / rowsPerJob) { job, _ in
          var squares = [Double](repeating: 0, count: n)
          for row in job * rowsPerJob..<min((job + 1) * rowsPerJob, n) {
            if let base = points.baseAddress {
              for other in 0..<n { squares[other] = Distances.squared(base + row * d, base + other * d, count: d) }
            }
            for place in 0..<k {
              let neighbor = near.index(row, place)
              let square = squares[neighbor]
              // The rank counts from 1; equal distances by row.
              var rank = 1
              for other in 0..<n where other != row {
                if squares[other] < square || (squares[other] == square && other < neighbor) { rank += 1 }
              }
              penalties[row] += max(0, rank - k)
            }
          }
        }
      }
    }
    let scale = 2 / (Double(n) * Double(k) * Double(2 * n - 3 * k - 1))
    return 1 - scale * Double(penalties.reduce(0, +))
  }

  /// The nearest other rows of `rows`, which are `asked`.
  private static func others(
    _ asked: Matrix, among all: Matrix, _ rows: [Int], _ k: Int, _ workers: WorkerPool
  ) -> [[Int]] {
    let found = Neighbors(of: asked, among: all, count: k + 1, workers: workers)
    return rows.enumerated().map { place, row in
      Array((0..<found.count).map { found.index(place, $0) }.filter { $0 != row }.prefix(k))
    }
  }

  private static func kept(_ map: [[Int]], _ points: [[Int]]) -> Double {
    var (both, all) = (0, 0)
    for (a, b) in zip(map, points) {
      both += Set(a).intersection(b).count
      all += b.count
    }
    return Double(both) / Double(max(all, 1))
  }
}
