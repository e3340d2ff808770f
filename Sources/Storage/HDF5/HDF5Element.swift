import CHDF5

/// The numbers that our files hold, little-endian on every machine.
public enum HDF5ScalarType: String, Sendable, CaseIterable {
  case float32, float64, uint8, uint16, int64

  var byteCount: Int {
    switch self {
    case .uint8: 1
    case .uint16: 2
    case .float32: 4
    case .float64, .int64: 8
    }
  }

  var memoryType: hid_t {
    switch self {
    case .float32: chdf5_native_float()
    case .float64: chdf5_native_double()
    case .uint8: chdf5_native_uint8()
    case .uint16: chdf5_native_uint16()
    case .int64: chdf5_native_int64()
    }
  }

  var fileType: hid_t {
    switch self {
    case .float32: chdf5_file_float()
    case .float64: chdf5_file_double()
    case .uint8: chdf5_file_uint8()
    case .uint16: chdf5_file_uint16()
    case .int64: chdf5_file_int64()
    }
  }
}

/// A Swift number that can lie in a dataset. Bytes cross as they are, so conformers are fixed here.
public protocol HDF5Element: BitwiseCopyable, Sendable {
  static var scalarType: HDF5ScalarType { get }
}

extension Float: HDF5Element { public static var scalarType: HDF5ScalarType { .float32 } }
extension Double: HDF5Element { public static var scalarType: HDF5ScalarType { .float64 } }
extension UInt8: HDF5Element { public static var scalarType: HDF5ScalarType { .uint8 } }
extension UInt16: HDF5Element { public static var scalarType: HDF5ScalarType { .uint16 } }
extension Int64: HDF5Element { public static var scalarType: HDF5ScalarType { .int64 } }

/// How a dataset's chunks are stored. Compressed bytes depend on the version of zlib; plain ones on nothing.
public enum HDF5Compression: Sendable, Equatable {
  case none
  /// Byte shuffle, then deflate at level 1 (fast) to 9.
  case gzip(level: Int)
}

/// How a dataset lies in its file: contiguous while small, else in chunks of whole rows, as many as fit one MiB (at least one).
struct HDF5Layout {
  /// Bytes of a chunk unless a single row is longer. The library's default chunk cache holds exactly one.
  static let chunkBytes = 1 << 20

  /// Elements along each axis; nil for contiguous.
  let chunk: [Int]?
  let compression: HDF5Compression

  /// - Parameters: `rows` is nil when it isn't known yet; `rowShape` is the rest of the axes.
  init(rows: Int?, rowShape: [Int], element: HDF5ScalarType, compression: HDF5Compression) {
    let rowBytes = rowShape.reduce(element.byteCount, *)
    let isEmpty = rowBytes == 0 || rows == 0
    let isSmall = rows.map { $0 * rowBytes <= HDF5Layout.chunkBytes && compression == .none } ?? false
    if isEmpty || isSmall {
      chunk = nil
      self.compression = .none
    } else {
      chunk = [min(max(1, HDF5Layout.chunkBytes / rowBytes), rows ?? .max)] + rowShape
      self.compression = compression
    }
  }

  /// The creation list: no object times; chunks; filters; edges of chunks filled with zeros, so that no stray memory is stored.
  func properties(in path: String) throws -> HDF5Handle {
    let list = try HDF5Handle.timelessProperties(chdf5_dataset_create(), in: path)
    guard let chunk else { return list }
    try HDF5Library.call("H5Pset_chunk", in: path) {
      H5Pset_chunk(list.id, Int32(chunk.count), chunk.map { hsize_t($0) })
    }
    try HDF5Library.call("H5Pset_fill_time", in: path) { H5Pset_fill_time(list.id, H5D_FILL_TIME_ALLOC) }
    if case .gzip(let level) = compression {
      precondition((1...9).contains(level), "gzip level \(level)")
      try HDF5Library.call("H5Pset_shuffle", in: path) { H5Pset_shuffle(list.id) }
      try HDF5Library.call("H5Pset_deflate", in: path) { H5Pset_deflate(list.id, UInt32(level)) }
    }
    return list
  }
}
