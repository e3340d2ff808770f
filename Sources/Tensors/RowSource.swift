/// A matrix that may not fit in memory: an array, or a dataset in a file. Algorithms that stream take this.
///
/// Contract: `rows` and `columns` never change; equal ranges yield equal numbers; `withRows` may be called from several
/// threads at once; the buffer is valid only inside `body`.
public protocol RowSource: Sendable {
  var rows: Int { get }
  var columns: Int { get }

  /// Lends rows `range` as `range.count * columns` numbers in row-major order.
  /// - Throws: what the medium throws (a file that can't be read); memory never throws.
  /// - Precondition: `range` lies in `0..<rows`.
  func withRows<R>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R
}

extension RowSource {
  /// The whole source in memory. - Complexity: O(rows · columns) time and memory.
  public func loaded() throws -> Matrix {
    if let matrix = self as? Matrix { return matrix }
    return try withRows(0..<rows) { Matrix(rows: rows, columns: columns, storage: Array($0)) }
  }

  /// Visits all rows in blocks of a fixed size, in order; sums made block by block then never depend on memory or threads.
  public func forEachBlock(
    of size: Int, _ body: (_ range: Range<Int>, _ rows: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    precondition(size > 0, "blocks of \(size) rows")
    for start in stride(from: 0, to: rows, by: size) {
      let range = start..<min(start + size, rows)
      try withRows(range) { try body(range, $0) }
    }
  }
}

extension Matrix: RowSource {
  public func withRows<R>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    return try storage.withUnsafeBufferPointer {
      try body(UnsafeBufferPointer(rebasing: $0[range.lowerBound * columns..<range.upperBound * columns]))
    }
  }
}
