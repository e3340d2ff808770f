/// Many rows into one: how vectors of slices become the vector of their series.
///
/// Sums run in 64 bits in the order given, so equal rows in equal order give equal bytes.
public enum RowPooling: String, Sendable, CaseIterable {
  case mean, max
  /// Both side by side.
  case meanMax = "mean+max"

  /// Columns of a pooled row.
  public func columns(of columns: Int) -> Int { self == .meanMax ? 2 * columns : columns }

  /// Pools rows `indices` of a source, in that order. - Throws: what the source throws.
  /// - Complexity: O(indices.count · columns); rows that follow one another are read together, at most 1,024 at a time.
  /// - Precondition: at least one row.
  public func pool(_ indices: [Int], of source: any RowSource) throws -> [Float] {
    precondition(!indices.isEmpty, "no rows to pool")
    let columns = source.columns
    var sum = [Double](repeating: 0, count: columns)
    var largest = [Float](repeating: -.infinity, count: columns)
    var next = 0
    while next < indices.count {
      var end = next + 1
      while end < indices.count && indices[end] == indices[end - 1] + 1 && end - next < 1024 { end += 1 }
      try source.withRows(indices[next]..<indices[end - 1] + 1) { rows in
        for row in 0..<(end - next) {
          for column in 0..<columns {
            let value = rows[row * columns + column]
            sum[column] += Double(value)
            if value > largest[column] { largest[column] = value }
          }
        }
      }
      next = end
    }
    let mean = self == .max ? [] : sum.map { Float($0 / Double(indices.count)) }
    return mean + (self == .mean ? [] : largest)
  }
}
