import CHDF5

/// One dataset: the owner of its handle, with its shape and whole or row-wise reading.
///
/// Rows are what the first axis counts. Keeps its file open. Safe to share between threads; calls take turns.
public final class HDF5Dataset: Sendable {
  /// The file.
  public var path: String { file.path }
  /// The path inside the file: `/features`.
  public let name: String
  /// Elements along each axis; empty for a scalar.
  public let shape: [Int]
  /// What is stored; nil for text and for numbers that our files don't use (they can be read if they widen into ours).
  public let scalarType: HDF5ScalarType?

  let file: HDF5File
  let handle: HDF5Handle
  let storedType: HDF5Handle

  /// Opens a dataset. The C function is `H5Dopen2`.
  convenience init(_ name: String, in file: HDF5File) throws {
    let handle = try HDF5Handle("H5Dopen2 \(name)", in: file.path, closing: "H5Dclose", { H5Dclose($0) }) {
      H5Dopen2(file.handle.id, name, chdf5_default())
    }
    try self.init(handle, name: name, file: file)
  }

  /// Creates a dataset, and the groups above it. The C function is `H5Dcreate2`.
  convenience init(
    creating name: String, type: hid_t, shape: [Int], growing: Bool = false, properties: HDF5Handle, in file: HDF5File
  ) throws {
    precondition((1...4).contains(shape.count), "a dataset of \(shape.count) axes")
    try file.createParents(of: name)
    let space = try HDF5Handle.space(shape, growing: growing, in: file.path)
    let handle = try HDF5Handle("H5Dcreate2 \(name)", in: file.path, closing: "H5Dclose", { H5Dclose($0) }) {
      H5Dcreate2(file.handle.id, name, type, space.id, chdf5_default(), properties.id, chdf5_default())
    }
    try self.init(handle, name: name, file: file)
  }

  private init(_ handle: HDF5Handle, name: String, file: HDF5File) throws {
    self.handle = handle
    self.name = name
    self.file = file
    storedType = try HDF5Handle("H5Dget_type", in: file.path, closing: "H5Tclose", { H5Tclose($0) }) {
      H5Dget_type(handle.id)
    }
    shape = try HDF5Dataset.shape(of: handle)
    scalarType = try HDF5Dataset.scalarType(of: storedType)
  }

  /// Numbers in one row: the product of all axes but the first.
  public var rowElements: Int { shape.dropFirst().reduce(1, *) }

  private static func shape(of handle: HDF5Handle) throws -> [Int] {
    let space = try HDF5Handle("H5Dget_space", in: handle.path, closing: "H5Sclose", { H5Sclose($0) }) {
      H5Dget_space(handle.id)
    }
    let rank = try HDF5Library.call("H5Sget_simple_extent_ndims", in: handle.path) {
      H5Sget_simple_extent_ndims(space.id)
    }
    var extent = [hsize_t](repeating: 0, count: Int(rank))
    try HDF5Library.call("H5Sget_simple_extent_dims", in: handle.path) {
      H5Sget_simple_extent_dims(space.id, &extent, nil)
    }
    // A product that leaves 48 bits is a damaged header, and no later arithmetic on it can overflow.
    let size = extent.reduce(1.0) { $0 * Double(max($1, 1)) }
    if size > 0x1p48 {
      throw FormatError(path: handle.path, problem: .impossibleShape(extent.map { "\($0)" }.joined(separator: "×")))
    }
    return extent.map { Int($0) }
  }

  private static func scalarType(of type: HDF5Handle) throws -> HDF5ScalarType? {
    try HDF5ScalarType.allCases.first { candidate in
      try HDF5Library.call("H5Tequal", in: type.path) { H5Tequal(type.id, candidate.fileType) } > 0
    }
  }
}

// MARK: - Reading numbers

extension HDF5Dataset {
  /// All numbers in row-major order. Floats convert between widths; whole numbers widen, and never narrow.
  /// - Throws: `FormatError` if the stored numbers don't fit `Element`, `HDF5Error` if reading fails.
  public func read<Element: HDF5Element>(_: Element.Type) throws -> [Element] {
    let count = shape.reduce(1, *)
    return try [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      try checkFits(Element.scalarType)
      try readAll(Element.scalarType, into: UnsafeMutableRawPointer(buffer.baseAddress))
      filled = count
    }
  }

  /// Rows `range` in row-major order.
  /// - Precondition: `range` lies within the rows.
  public func readRows<Element: HDF5Element>(_ range: Range<Int>, _: Element.Type) throws -> [Element] {
    try [Element](unsafeUninitializedCapacity: range.count * rowElements) { buffer, filled in
      try readRows(range, into: buffer)
      filled = range.count * rowElements
    }
  }

  /// Reads rows `range` into memory that the caller owns. The C function is `H5Dread` on a hyperslab.
  /// - Precondition: `range` lies within the rows, and `target` has room for `range.count * rowElements` numbers.
  public func readRows<Element: HDF5Element>(_ range: Range<Int>, into target: UnsafeMutableBufferPointer<Element>)
    throws
  {
    precondition(
      target.count >= range.count * rowElements, "\(target.count) places for \(range.count) rows of \(rowElements)")
    try checkFits(Element.scalarType)
    let slab = try rows(range)
    if slab.count == 0 { return }
    try HDF5Library.call("H5Dread \(name)", in: path) {
      H5Dread(
        handle.id, Element.scalarType.memoryType, slab.memory.id, slab.file.id, chdf5_default(),
        UnsafeMutableRawPointer(target.baseAddress))
    }
  }

  private func readAll(_ type: HDF5ScalarType, into target: UnsafeMutableRawPointer?) throws {
    if shape.contains(0) { return }
    try HDF5Library.call("H5Dread \(name)", in: path) {
      H5Dread(handle.id, type.memoryType, chdf5_everything(), chdf5_everything(), chdf5_default(), target)
    }
  }

  /// Refuses conversions that lose whole numbers; the library would clip in silence.
  private func checkFits(_ wanted: HDF5ScalarType) throws {
    if scalarType == wanted { return }
    let stored = HDF5Library.ask {
      (
        kind: H5Tget_class(storedType.id), isUnsigned: H5Tget_sign(storedType.id) == H5T_SGN_NONE,
        bytes: H5Tget_size(storedType.id)
      )
    }
    let fits =
      switch wanted {
      case .float32, .float64: stored.kind == H5T_FLOAT
      case .uint8, .uint16: stored.kind == H5T_INTEGER && stored.isUnsigned && stored.bytes <= wanted.byteCount
      case .int64: stored.kind == H5T_INTEGER && stored.bytes <= (stored.isUnsigned ? 4 : 8)
      }
    if !fits { throw FormatError(path: path, problem: .wrongType(object: name, wanted: wanted.rawValue)) }
  }
}

// MARK: - Writing numbers

extension HDF5Dataset {
  /// Writes rows `range` from memory. The C function is `H5Dwrite` on a hyperslab.
  func writeRows(_ range: Range<Int>, _ type: HDF5ScalarType, from source: UnsafeRawPointer?) throws {
    try writeRows(range, memoryType: type.memoryType, from: source)
  }

  func writeRows(_ range: Range<Int>, memoryType: hid_t, from source: UnsafeRawPointer?) throws {
    let slab = try rows(range)
    if slab.count == 0 { return }
    try HDF5Library.call("H5Dwrite \(name)", in: path) {
      H5Dwrite(handle.id, memoryType, slab.memory.id, slab.file.id, chdf5_default(), source)
    }
  }

  /// The selection of rows `range` in the file and its twin in memory.
  private func rows(_ range: Range<Int>) throws -> (memory: HDF5Handle, file: HDF5Handle, count: Int) {
    precondition(!shape.isEmpty, "rows of a scalar")
    let rows = try currentRows()
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    let extent = [range.count] + shape.dropFirst()
    let memory = try HDF5Handle.space(extent, in: path)
    let file = try HDF5Handle("H5Dget_space", in: path, closing: "H5Sclose", { H5Sclose($0) }) {
      H5Dget_space(handle.id)
    }
    let start = [hsize_t(range.lowerBound)] + shape.dropFirst().map { _ in hsize_t(0) }
    let count = extent.map { hsize_t($0) }
    if count.contains(0) { return (memory, file, 0) }
    try HDF5Library.call("H5Sselect_hyperslab", in: path) {
      H5Sselect_hyperslab(file.id, H5S_SELECT_SET, start, nil, count, nil)
    }
    return (memory, file, extent.reduce(1, *))
  }

  /// Rows at this moment: a dataset being appended to has more than when it was opened.
  private func currentRows() throws -> Int { try HDF5Dataset.shape(of: handle)[0] }

  /// Sets the number of rows. The C function is `H5Dset_extent`.
  func setRows(_ rows: Int) throws {
    let extent = [hsize_t(rows)] + shape.dropFirst().map { hsize_t($0) }
    try HDF5Library.call("H5Dset_extent \(name)", in: path) { H5Dset_extent(handle.id, extent) }
  }
}

extension HDF5File {
  /// The dataset of that path. - Throws: `HDF5Error` if there is none.
  public func dataset(_ name: String) throws -> HDF5Dataset { try HDF5Dataset(name, in: self) }

  /// Writes an array as a new dataset, row-major.
  /// - Precondition: one to four axes, whose product is `values.count`.
  public func write<Element: HDF5Element>(
    _ values: [Element], shape: [Int], to name: String, compression: HDF5Compression = .none
  ) throws {
    precondition(shape.reduce(1, *) == values.count, "\(values.count) numbers for \(shape)")
    let type = Element.scalarType
    let layout = HDF5Layout(
      rows: shape.first, rowShape: Array(shape.dropFirst()), element: type, compression: compression)
    let properties = try layout.properties(in: path)
    let dataset = try HDF5Dataset(
      creating: name, type: type.fileType, shape: shape, properties: properties, in: self)
    try values.withUnsafeBytes { try dataset.writeRows(0..<shape[0], type, from: $0.baseAddress) }
  }
}
