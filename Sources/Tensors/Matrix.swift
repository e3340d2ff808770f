/// A dense matrix of 32-bit floats in row-major order: element (r, c) is `storage[r * columns + c]`.
///
/// Rows are things (images, points, centres), columns are features. Anything that needs 64 bits says so by using
/// `[Double]` locally; there is no generic scalar, because a generic loop across a module border is some thirty times
/// slower than this concrete one.
public struct Matrix: Sendable, Equatable {
  public let rows: Int
  public let columns: Int
  /// `rows * columns` numbers.
  public private(set) var storage: [Float]

  /// A matrix over the numbers given.
  /// - Precondition: `storage.count == rows * columns`, neither negative.
  public init(rows: Int, columns: Int, storage: [Float]) {
    precondition(rows >= 0 && columns >= 0, "a matrix of \(rows) × \(columns)")
    precondition(storage.count == rows * columns, "\(rows) × \(columns) numbers wanted, \(storage.count) given")
    self.rows = rows
    self.columns = columns
    self.storage = storage
  }

  /// A matrix of one repeated number, zero unless told otherwise.
  public init(rows: Int, columns: Int, repeating value: Float = 0) {
    self.init(rows: rows, columns: columns, storage: [Float](repeating: value, count: rows * columns))
  }

  /// A matrix from its rows, which must be of one length.
  public init(rowsOf values: [[Float]]) {
    let columns = values.first?.count ?? 0
    precondition(values.allSatisfy { $0.count == columns }, "rows of unequal length")
    self.init(rows: values.count, columns: columns, storage: Array(values.joined()))
  }

  @inlinable
  public subscript(row: Int, column: Int) -> Float {
    get { storage[row * columns + column] }
    set { setElement(row * columns + column, to: newValue) }
  }

  @usableFromInline
  mutating func setElement(_ index: Int, to value: Float) { storage[index] = value }

  /// A copy of one row. - Complexity: O(columns).
  public func row(_ index: Int) -> [Float] {
    Array(storage[index * columns..<(index + 1) * columns])
  }

  /// The rows at `indices`, in that order. - Complexity: O(indices.count · columns).
  public func rows(at indices: [Int]) -> Matrix {
    var picked: [Float] = []
    picked.reserveCapacity(indices.count * columns)
    for index in indices { picked.append(contentsOf: storage[index * columns..<(index + 1) * columns]) }
    return Matrix(rows: indices.count, columns: columns, storage: picked)
  }

  public func withUnsafeBufferPointer<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    try storage.withUnsafeBufferPointer(body)
  }

  public mutating func withUnsafeMutableBufferPointer<R>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    try storage.withUnsafeMutableBufferPointer { try body($0) }
  }
}
