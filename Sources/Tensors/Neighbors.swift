/// The k nearest rows of every row: exact Euclidean distances, nearest first, ties by row index.
///
///     let neighbors = Neighbors(of: points, count: 15, workers: pool)
///     let core = neighbors.distance(row, 14)      // to the fifteenth nearest other row
///
/// 32-bit bounds rule out, or a kd-tree does where there are few columns, and 64-bit distances decide (see `NeighborSearch`, `KDTree`), so
/// the answer is that of the plain double loop, at any thread count and on any kernel family.
public struct Neighbors: Sendable {
  /// Rows that were asked for.
  public let rows: Int
  /// Neighbours of each row: at most as many as there are.
  public let count: Int
  /// `rows × count` row indices, nearest first.
  public let indices: [Int32]
  /// `rows × count` distances, ascending along each row.
  public let distances: [Double]

  @inlinable public func index(_ row: Int, _ place: Int) -> Int { Int(indices[row * count + place]) }

  @inlinable public func distance(_ row: Int, _ place: Int) -> Double { distances[row * count + place] }

  /// The nearest *other* rows of each row of `points`; `count` is lowered to `rows − 1` where need be.
  /// - Precondition: all numbers are finite; `count >= 0`.
  /// - Complexity: O(rows² · columns) time at worst, some tenth of it where rows lie in groups; O(rows · (columns + count)) memory.
  public init(of points: Matrix, count: Int, workers: WorkerPool) {
    self.init(of: points, count: count, by: .best(for: points), workers: workers)
  }

  /// The nearest rows of `references` for each row of `queries`; `count` is lowered to `references.rows` where need be.
  /// - Precondition: equal columns, all numbers finite, `count >= 0`.
  public init(of queries: Matrix, among references: Matrix, count: Int, workers: WorkerPool) {
    self.init(asking: queries, among: references, count: count, skippingSelf: false, workers: workers)
  }

  init(asking queries: Matrix, among references: Matrix, count: Int, skippingSelf: Bool, workers: WorkerPool) {
    precondition(queries.columns == references.columns, "\(queries.columns) columns against \(references.columns)")
    precondition(count >= 0, "\(count) neighbours")
    precondition(references.rows <= Int(Int32.max), "\(references.rows) rows")
    let count = max(0, min(count, references.rows - (skippingSelf ? 1 : 0)))
    rows = queries.rows
    self.count = count
    var indices = [Int32](repeating: 0, count: rows * count)
    var distances = [Double](repeating: 0, count: rows * count)
    if count > 0 && rows > 0 {
      // Rows of no columns are all equal, as rows of one zero are.
      let hasColumns = references.columns > 0
      let search = NeighborSearch(
        hasColumns ? queries : Matrix(rows: rows, columns: 1),
        among: hasColumns ? references : Matrix(rows: references.rows, columns: 1), isMutual: skippingSelf,
        count: count,
        workers: workers)
      indices.withUnsafeMutableBufferPointer { indices in
        distances.withUnsafeMutableBufferPointer { distances in
          search.fill()
          search.drain(indices.baseAddress!, distances.baseAddress!)
        }
      }
    }
    self.indices = indices
    self.distances = distances.map { $0.squareRoot() }
  }
}
