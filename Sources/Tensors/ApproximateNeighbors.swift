/// Most of the k nearest rows of every row, with exact distances, and how many of the true ones they are.
///
///     let found = ApproximateNeighbors(of: points, count: 15, seed: seed, workers: pool)
///     found.neighbors.index(row, 0)       // probably the nearest other row
///     found.recall.interval               // 0.991…0.997 of them are the true ones
///
/// Rows are grouped by k-means, each group is compared with the groups nearest to it, and the lists found so are improved by
/// neighbours of neighbours until little changes (NN-descent: Dong, Moses, Li, *Efficient k-nearest neighbor graph construction for
/// generic similarity measures*, WWW 2011, with whole rounds from a frozen graph). Equal bytes at any thread count, on one kernel family.
public struct ApproximateNeighbors: Sendable {
  /// How hard to look.
  public struct Effort: Sendable, Hashable {
    /// Groups that each group is compared with.
    public var groups: Int
    /// Rounds of neighbours of neighbours, at most.
    public var rounds: Int
    /// Rows that are compared with the exact answer, to state the recall; each costs a pass over all rows.
    public var sampled: Int

    public init(groups: Int = 8, rounds: Int = 6, sampled: Int = 200) {
      precondition(groups >= 0 && rounds >= 0 && sampled >= 0, "effort \(groups), \(rounds), \(sampled)")
      self.groups = groups
      self.rounds = rounds
      self.sampled = sampled
    }
  }

  /// What was found: of each row `count` other rows, nearest first, distances in 64 bits.
  public let neighbors: Neighbors
  public let recall: NeighborRecall

  /// Neighbours of every row of `points`; `count` is lowered to `rows − 1` where need be.
  /// - Parameter seed: draws the rows whose neighbours are compared with the exact ones.
  /// - Precondition: all numbers are finite; `count >= 0`.
  /// - Complexity: about O(rows · (√rows · groups + count²) · columns) time, O(rows · (columns + count)) memory, and a pass over all rows
  ///   for each row sampled.
  public init(of points: Matrix, count: Int, seed: Seed, effort: Effort = Effort(), workers: WorkerPool) {
    precondition(count >= 0, "\(count) neighbours")
    precondition(points.rows <= Int(Int32.max), "\(points.rows) rows")
    let count = max(0, min(count, points.rows - 1))
    if count == 0 || points.columns == 0 {
      neighbors = Neighbors(of: points, count: count, workers: workers)
      recall = NeighborRecall(shares: [], count: count)
      return
    }
    let search = NeighborSearch(points, among: points, isMutual: true, count: count, workers: workers)
    search.fill(near: max(effort.groups, 2 * count / NeighborGroups.fewestRows + 1))
    // Groups may be of any size: whoever still lacks neighbours compares all.
    if !search.isFull {
      search.discard()
      neighbors = Neighbors(of: points, count: count, workers: workers)
    } else {
      var descent = NeighborDescent(search)
      for _ in 0..<effort.rounds where descent.isMoving { descent.run(workers) }
      neighbors = descent.neighbors
    }
    let found = neighbors
    let asked = Self.drawn(effort.sampled, of: points.rows, seed)
    let exact = Neighbors(of: points.rows(at: asked), among: points, count: count + 1, workers: workers)
    recall = NeighborRecall(exact, skippingFirst: true, count: count) { i in
      found.distances[asked[i] * count..<(asked[i] + 1) * count]
    }
  }
  /// Neighbours of new rows, the `queries`, among `references`; `count` is lowered to `references.rows` where need be.
  ///
  /// Each group of queries is compared with the `groups + 1` groups of references nearest to it; there are no rounds.
  /// - Precondition: equal columns, all numbers finite, `count >= 0`.
  public init(
    of queries: Matrix, among references: Matrix, count: Int, seed: Seed, effort: Effort = Effort(), workers: WorkerPool
  ) {
    precondition(queries.columns == references.columns, "\(queries.columns) columns against \(references.columns)")
    precondition(count >= 0, "\(count) neighbours")
    precondition(references.rows <= Int(Int32.max), "\(references.rows) rows")
    let count = max(0, min(count, references.rows))
    if count == 0 || queries.rows == 0 || queries.columns == 0 {
      neighbors = Neighbors(of: queries, among: references, count: count, workers: workers)
      recall = NeighborRecall(shares: [], count: count)
      return
    }
    let search = NeighborSearch(
      queries, among: references, isMutual: false, count: count, isGrouped: true, workers: workers)
    search.fill(near: max(effort.groups, 2 * count / NeighborGroups.fewestRows + 1))
    if search.isFull {
      var indices = [Int32](repeating: 0, count: queries.rows * count)
      var squares = [Double](repeating: 0, count: queries.rows * count)
      search.drain(&indices, &squares)
      neighbors = Neighbors(
        rows: queries.rows, count: count, indices: indices, distances: squares.map { $0.squareRoot() })
    } else {
      search.discard()
      neighbors = Neighbors(of: queries, among: references, count: count, workers: workers)
    }
    let found = neighbors
    let asked = Self.drawn(effort.sampled, of: queries.rows, seed)
    let exact = Neighbors(of: queries.rows(at: asked), among: references, count: count, workers: workers)
    recall = NeighborRecall(exact, skippingFirst: false, count: count) { i in
      found.distances[asked[i] * count..<(asked[i] + 1) * count]
    }
  }

  /// The rows whose recall is measured: all, or independent draws.
  private static func drawn(_ sampled: Int, of rows: Int, _ seed: Seed) -> [Int] {
    if sampled >= rows { return Array(0..<rows) }
    var generator = seed.split("recall").generator()
    return (0..<sampled).map { _ in generator.integer(below: rows) }
  }
}
