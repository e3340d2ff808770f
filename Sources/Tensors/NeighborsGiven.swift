extension Neighbors {
  /// Neighbours that were found elsewhere: by another program, another metric, or approximately.
  ///
  /// - Parameters:
  ///   - indices: `rows × count` row indices, nearest first; a row is not its own neighbour.
  ///   - distances: as many, ascending along each row.
  /// - Precondition: the counts fit; no index is negative; distances are finite and not negative.
  public init(rows: Int, count: Int, indices: [Int32], distances: [Double]) {
    precondition(rows >= 0 && count >= 0, "\(count) neighbours of \(rows) rows")
    precondition(indices.count == rows * count && distances.count == rows * count, "\(indices.count) neighbours")
    precondition(indices.allSatisfy { $0 >= 0 }, "a negative row")
    precondition(distances.allSatisfy { $0 >= 0 && $0.isFinite }, "a distance that is none")
    self.rows = rows
    self.count = count
    self.indices = indices
    self.distances = distances
  }
}
