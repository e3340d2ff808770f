public import Tensors

/// A dataset of floats [rows, columns] as a `RowSource`: rows are read from the file when asked for.
///
/// Each call of `withRows` holds `range.count * columns` floats and no more. Several threads may read; the library lets one at a time in,
/// and `body` runs outside its lock.
public struct HDF5Rows: RowSource {
  public let rows: Int
  public let columns: Int
  private let dataset: HDF5Dataset

  /// - Throws: `FormatError` unless the dataset has two axes and holds floats.
  public init(_ dataset: HDF5Dataset) throws {
    guard dataset.shape.count == 2 else {
      throw FormatError(
        path: dataset.path, problem: .wrongShape(object: dataset.name, found: dataset.shape, wanted: "(N, D)"))
    }
    guard dataset.scalarType == .float32 || dataset.scalarType == .float64 else {
      throw FormatError(
        path: dataset.path, problem: .wrongType(object: dataset.name, wanted: HDF5ScalarType.float32.rawValue))
    }
    self.dataset = dataset
    rows = dataset.shape[0]
    columns = dataset.shape[1]
  }

  public func withRows<R>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: range.count * columns)
    defer { buffer.deallocate() }
    try dataset.readRows(range, into: buffer)
    return try body(UnsafeBufferPointer(buffer))
  }
}
