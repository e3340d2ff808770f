/// The k nearest rows of every row: exact Euclidean distances, nearest first, ties by row index.
///
///     let neighbors = Neighbors(of: points, count: 15, workers: pool)
///     let core = neighbors.distance(row, 14)      // to the fifteenth nearest other row
///
/// Blocks of 32-bit products propose, or a kd-tree does where there are few columns, and 64-bit distances decide (see
/// `DistanceScreen`, `KDTree`), so the answer is that of the plain double loop, at any thread count and on any kernel family.
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
  /// - Complexity: O(rows² · columns) time, O(rows · count) memory.
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
      let search = NeighborSearch(queries: queries, references: references, count: count, skippingSelf: skippingSelf)
      indices.withUnsafeMutableBufferPointer { indices in
        distances.withUnsafeMutableBufferPointer { distances in
          nonisolated(unsafe) let (indices, distances) = (indices.baseAddress!, distances.baseAddress!)
          workers.run(jobs: search.jobs) { job, _ in search.run(job, indices, distances) }
        }
      }
    }
    self.indices = indices
    self.distances = distances
  }
}

/// The blocked search: a job is a block of asking rows against all reference rows.
private struct NeighborSearch {
  private static let rowBlock = 128
  private static let columnBlock = 2048

  let queries: Matrix
  let references: Matrix
  let count: Int
  let skippingSelf: Bool
  private let screen: DistanceScreen
  private let asked: DistanceScreen.Packed
  private let stored: DistanceScreen.Packed
  /// The largest norm of each block of reference rows: one far row then spoils the bound of its own block only.
  private let blockNorms: [Double]

  init(queries: Matrix, references: Matrix, count: Int, skippingSelf: Bool) {
    self.queries = queries
    self.references = references
    self.count = count
    self.skippingSelf = skippingSelf
    screen = DistanceScreen(centredOn: references, holding: skippingSelf ? nil : queries)
    let stored = screen.packed(references)
    self.stored = stored
    asked = skippingSelf ? stored : screen.packed(queries)
    blockNorms = stride(from: 0, to: references.rows, by: Self.columnBlock).map { start in
      stored.norms[start..<min(start + Self.columnBlock, references.rows)].max() ?? 0
    }
  }

  var jobs: Int { (queries.rows + Self.rowBlock - 1) / Self.rowBlock }

  func run(_ job: Int, _ indices: UnsafeMutablePointer<Int32>, _ distances: UnsafeMutablePointer<Double>) {
    let first = job * Self.rowBlock
    let rows = min(Self.rowBlock, queries.rows - first)
    let width = screen.width
    var questions = [Float](repeating: 0, count: rows * width)
    var proposed = [Float](repeating: 0, count: rows * Self.columnBlock)
    var lists = [CandidateList](repeating: CandidateList(keeping: count), count: rows)
    asked.storage.withUnsafeBufferPointer { asked in
      for i in 0..<rows { screen.ask(stored: asked.baseAddress! + (first + i) * width, into: &questions[i * width]) }
    }
    stored.storage.withUnsafeBufferPointer { stored in
      proposed.withUnsafeMutableBufferPointer { proposed in
        for block in blockNorms.indices {
          let start = block * Self.columnBlock
          let columns = min(Self.columnBlock, references.rows - start)
          screen.propose(
            questions, asked: rows, stored.baseAddress! + start * width, stored: columns, into: proposed.baseAddress!)
          for i in 0..<rows {
            let error = Float(screen.error(asked.norms[first + i], blockNorms[block])).nextUp
            lists[i].take(
              proposed.baseAddress! + i * columns, columns, startingAt: start, error: error,
              except: skippingSelf ? first + i : -1)
          }
        }
      }
    }
    for i in 0..<rows { settle(&lists[i], row: first + i, indices, distances) }
  }

  /// Exact distances of the candidates that are left, sorted by (distance, index).
  private func settle(
    _ list: inout CandidateList, row: Int, _ indices: UnsafeMutablePointer<Int32>,
    _ distances: UnsafeMutablePointer<Double>
  ) {
    list.prune()
    let columns = queries.columns
    var exact: [(square: Double, index: Int32)] = []
    exact.reserveCapacity(list.entries.count)
    queries.withUnsafeBufferPointer { queries in
      references.withUnsafeBufferPointer { references in
        for entry in list.entries {
          // Rows of no columns are all equal, and have no storage to point into.
          let square =
            columns == 0
            ? 0
            : Distances.squared(
              queries.baseAddress! + row * columns, references.baseAddress! + Int(entry.index) * columns, count: columns
            )
          exact.append((square, entry.index))
        }
      }
    }
    exact.sort { $0.square != $1.square ? $0.square < $1.square : $0.index < $1.index }
    for place in 0..<count {
      indices[row * count + place] = exact[place].index
      distances[row * count + place] = exact[place].square.squareRoot()
    }
  }
}

/// Rows that may be among the nearest of one row, each with the interval its squared distance lies in.
private struct CandidateList {
  struct Entry {
    let lower: Float
    let upper: Float
    let index: Int32
  }

  private(set) var entries: [Entry] = []
  private let count: Int
  private var capacity: Int
  /// No distance above this can be among the nearest: the `count`-th smallest upper end so far.
  private var limit = Float.infinity

  init(keeping count: Int) {
    self.count = count
    capacity = 2 * count + 64
  }

  /// Takes what may matter from a stretch of proposed distances of the rows `start`, `start + 1`, ….
  mutating func take(
    _ proposed: UnsafePointer<Float>, _ columns: Int, startingAt start: Int, error: Float, except own: Int
  ) {
    var threshold = limit + error
    for j in 0..<columns where proposed[j] <= threshold {
      if start &+ j == own { continue }
      entries.append(
        Entry(
          lower: (proposed[j] - error).nextDown, upper: (proposed[j] + error).nextUp,
          index: Int32(truncatingIfNeeded: start &+ j)))
      if entries.count >= capacity {
        prune()
        threshold = limit + error
      }
    }
  }

  /// Lowers the limit and drops what lies above it. Where little can be dropped (many equal rows), the list grows instead.
  mutating func prune() {
    if entries.count >= count {
      var uppers = entries.map(\.upper)
      uppers.sort()
      limit = min(limit, uppers[count - 1])
      let limit = limit
      entries.removeAll { $0.lower > limit }
    }
    if entries.count > capacity / 2 + count { capacity *= 2 }
  }
}
