import Foundation

/// Fills a dataset from the top, block by block, however many rows come at a time.
///
///     let writer = try file.appendRows(of: Float.self, to: "/features", rowShape: [384], rows: images.count)
///     for block in blocks { try writer.append(block) }
///     try writer.finish()
///
/// One chunk (about 1 MiB) is gathered here and written whole, so the file's bytes depend on the rows alone and not on the blocks.
/// Not for use by several threads at once. Generic only at the surface: inside there are bytes.
public final class HDF5RowWriter<Element: HDF5Element> {
  private let dataset: HDF5Dataset
  private let declaredRows: Int?
  private let rowElements: Int
  private let pending: UnsafeMutableBufferPointer<Element>
  private let pendingCapacity: Int
  private var pendingRows = 0
  private var writtenRows = 0

  fileprivate init(
    file: HDF5File, name: String, rowShape: [Int], rows: Int?, compression: HDF5Compression
  ) throws {
    rowElements = rowShape.reduce(1, *)
    precondition(rowElements > 0, "rows of shape \(rowShape)")
    let type = Element.scalarType
    let layout = HDF5Layout(rows: rows, rowShape: rowShape, element: type, compression: compression)
    dataset = try HDF5Dataset(
      creating: name, type: type.fileType, shape: [rows ?? 0] + rowShape, growing: rows == nil,
      properties: layout.properties(in: file.path), in: file)
    declaredRows = rows
    pendingCapacity = layout.chunk?[0] ?? max(1, rows ?? 1)
    pending = .allocate(capacity: pendingCapacity * rowElements)
  }

  deinit { pending.deallocate() }

  /// Rows taken so far.
  public var rows: Int { writtenRows + pendingRows }

  /// Appends whole rows.
  /// - Precondition: `values.count` is a multiple of the row's elements, and no more rows come than were declared.
  public func append(_ values: UnsafeBufferPointer<Element>) throws {
    precondition(values.count % rowElements == 0, "\(values.count) numbers for rows of \(rowElements)")
    let count = values.count / rowElements
    precondition(declaredRows.map { rows + count <= $0 } ?? true, "row \(rows + count) of \(declaredRows ?? 0)")
    var taken = 0
    while taken < count {
      let step = min(count - taken, pendingCapacity - pendingRows)
      let source = UnsafeRawBufferPointer(
        rebasing: UnsafeRawBufferPointer(values)[rowBytes * taken..<rowBytes * (taken + step)])
      UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(pending)[(rowBytes * pendingRows)...])
        .copyMemory(from: source)
      pendingRows += step
      taken += step
      if pendingRows == pendingCapacity { try flush() }
    }
  }

  /// Appends whole rows.
  public func append(_ values: [Element]) throws { try values.withUnsafeBufferPointer { try append($0) } }

  /// Writes what is still held. Call it once, after the last row.
  /// - Precondition: as many rows came as were declared.
  public func finish() throws {
    precondition(declaredRows.map { rows == $0 } ?? true, "\(rows) rows where \(declaredRows ?? 0) were declared")
    try flush()
  }

  private var rowBytes: Int { rowElements * MemoryLayout<Element>.stride }

  private func flush() throws {
    if pendingRows == 0 { return }
    let range = writtenRows..<writtenRows + pendingRows
    if declaredRows == nil { try dataset.setRows(range.upperBound) }
    try dataset.writeRows(range, Element.scalarType, from: UnsafeRawPointer(pending.baseAddress))
    writtenRows = range.upperBound
    pendingRows = 0
  }
}

extension HDF5File {
  /// A new dataset to be filled row by row.
  /// - Parameters: `rowShape` is the shape of one row (zero to three axes, none of them 0); `rows` the number to come, nil if unknown.
  public func appendRows<Element: HDF5Element>(
    of _: Element.Type, to name: String, rowShape: [Int], rows: Int?, compression: HDF5Compression = .none
  ) throws -> HDF5RowWriter<Element> {
    try HDF5RowWriter(file: self, name: name, rowShape: rowShape, rows: rows, compression: compression)
  }
}
