public import Tensors

/// Rows given to the nearest of fixed centres: how images that came later find their old groups.
public struct CenterAssignment: Sendable, Equatable {
  /// The nearest centre of each row, the lowest of equals.
  public let labels: [Int]
  /// Euclidean distances to it.
  public let distances: [Double]
  /// 1 − (distance to it) / (distance to the next nearest centre), in 0…1; 1 where there is one centre only.
  public let strengths: [Float]

  /// - Throws: `ClusteringError.noRows`, `.notFinite`, or what the medium of `rows` throws.
  /// - Precondition: at least one centre; equal columns; centres are finite.
  /// - Complexity: O(n · k · d) time; rows are read in blocks.
  public init(of rows: any RowSource, to centers: Matrix, workers: WorkerPool) throws {
    precondition(centers.rows >= 1, "no centres")
    precondition(rows.columns == centers.columns, "\(rows.columns) columns against \(centers.columns)")
    let values = centers.storage.map { Double($0) }
    precondition(values.allSatisfy(\.isFinite), "centres that are not finite")
    let problem = try KMeansProblem(points: rows, holding: values, nClusters: 1, workers: workers)
      .asking(for: centers.rows)
    var labels = [Int32](repeating: -1, count: rows.rows)
    _ = try problem.assign(values, &labels, bounds: nil, sums: nil, workers: workers)
    let squares = try problem.squaredDistances(labels, values, workers: workers)
    strengths = try problem.strengths(labels, values, squares, bounds: nil, workers: workers)
    distances = squares.map { $0.squareRoot() }
    self.labels = labels.map { Int($0) }
  }
}
