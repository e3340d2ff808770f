public import Tensors

/// Anything that sorts rows into groups. Contract, checked by one suite for every conformer:
///
/// * equal input and seed give an equal partition, at any thread count;
/// * listing rows in another order changes nothing but (at exact ties) the tied rows, and so does moving all by one vector, unless
///   it is directions that count;
/// * a row that is not finite is refused by its index; too few rows are refused or are noise, as the type says.
public protocol Clusterer: Sendable {
  /// Sorts the rows of `points`. - Throws: `ClusteringError`, or what the medium of `points` throws.
  func partition(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Partition

  /// The same clusterer as it should be for a random `fraction` of the rows: parameters that count rows shrink with it.
  func adapted(toFraction fraction: Double) -> Self
}

extension Clusterer {
  public func adapted(toFraction fraction: Double) -> Self { self }
}

/// What a clusterer refuses.
public enum ClusteringError: Error, Equatable, CustomStringConvertible {
  /// There is nothing to sort.
  case noRows
  /// Fewer rows than groups asked for.
  case tooFewRows(rows: Int, needed: Int)
  /// The row holds a number that is not finite.
  case notFinite(row: Int)

  public var description: String {
    switch self {
    case .noRows: "there are no rows to sort into groups"
    case .tooFewRows(let rows, let needed): "\(rows) rows cannot make \(needed) groups"
    case .notFinite(let row): "row \(row) holds a number that is not finite"
    }
  }
}

extension RowSource {
  /// All rows in memory, checked. - Throws: `ClusteringError.noRows`, `.notFinite`.
  func checkedForClustering() throws -> Matrix {
    if rows == 0 { throw ClusteringError.noRows }
    let points = try loaded()
    if let row = try points.firstRowThatIsNotFinite() { throw ClusteringError.notFinite(row: row) }
    return points
  }
}
