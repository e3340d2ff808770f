import CHDF5
import Foundation

/// How text lies in a dataset.
public enum HDF5TextLayout: Sendable {
  /// Every string in as many bytes as the longest needs, the rest zero: compact, equal bytes for equal text. h5py reads `bytes`.
  case fixedLength
  /// Each string on the file's heap, as h5py writes `str`.
  case variableLength
}

extension HDF5File {
  /// Writes UTF-8 strings as a new dataset of one axis.
  /// - Throws: `FormatError` for a string that holds a NUL, which HDF5 cannot tell from its padding.
  public func write(_ strings: [String], to name: String, as layout: HDF5TextLayout = .fixedLength) throws {
    try strings.forEach { try HDF5Text.checkHasNoNUL($0, object: name, path: path) }
    let width = strings.lazy.map { $0.utf8.count }.max() ?? 1
    let type = try HDF5Text.type(bytes: layout == .fixedLength ? max(width, 1) : nil, in: path)
    let properties = try HDF5Handle.timelessProperties(chdf5_dataset_create(), in: path)
    let dataset = try HDF5Dataset(
      creating: name, type: type.id, shape: [strings.count], properties: properties, in: self)
    if strings.isEmpty { return }
    func write(_ source: UnsafeRawPointer?) throws {
      try HDF5Library.call("H5Dwrite \(name)", in: path) {
        H5Dwrite(dataset.handle.id, type.id, chdf5_everything(), chdf5_everything(), chdf5_default(), source)
      }
    }
    switch layout {
    case .fixedLength:
      try HDF5Text.padded(strings, width: max(width, 1)).withUnsafeBytes { try write($0.baseAddress) }
    case .variableLength:
      let copies = strings.map { strdup($0) }
      defer { copies.forEach { free($0) } }
      try copies.withUnsafeBytes { try write($0.baseAddress) }
    }
  }

  /// Writes strings of fixed length as they come: the same bytes as `write(_:to:)`, without holding them.
  /// - Parameter longest: bytes of the longest.
  /// - Precondition: `body` appends `count` strings, none longer.
  public func writeTexts(
    count: Int, longest: Int, to name: String, _ body: (_ append: (String) throws -> Void) throws -> Void
  ) throws {
    let width = max(longest, 1)
    let type = try HDF5Text.type(bytes: width, in: path)
    let properties = try HDF5Handle.timelessProperties(chdf5_dataset_create(), in: path)
    let dataset = try HDF5Dataset(creating: name, type: type.id, shape: [count], properties: properties, in: self)
    var pending: [String] = []
    var written = 0
    func flush() throws {
      let range = written..<written + pending.count
      try HDF5Text.padded(pending, width: width).withUnsafeBytes {
        try dataset.writeRows(range, memoryType: type.id, from: $0.baseAddress)
      }
      written = range.upperBound
      pending.removeAll(keepingCapacity: true)
    }
    try body { text in
      try HDF5Text.checkHasNoNUL(text, object: name, path: path)
      precondition(text.utf8.count <= width, "\(text.utf8.count) bytes of text where \(width) were declared")
      pending.append(text)
      if pending.count == 4096 { try flush() }
    }
    if !pending.isEmpty { try flush() }
    precondition(written == count, "\(written) texts where \(count) were declared")
  }

  /// Reads a dataset of strings, of either layout, whatever its padding.
  /// - Throws: `FormatError` if it holds no text, or text that is not UTF-8; `HDF5Error` if reading fails.
  public func strings(_ name: String) throws -> [String] {
    let dataset = try dataset(name)
    let count = dataset.shape.reduce(1, *)
    return try HDF5Text.read(dataset.storedType, count: count, object: name) { target in
      try HDF5Library.call("H5Dread \(name)", in: path) {
        H5Dread(
          dataset.handle.id, dataset.storedType.id, chdf5_everything(), chdf5_everything(), chdf5_default(), target)
      }
    }
  }
}

/// Text between Swift and HDF5: its types, its padding, its checks.
enum HDF5Text {
  /// The UTF-8 type of `bytes` bytes padded with zeros, or of variable length for nil. The C functions are `H5Tcopy`, `H5Tset_size`.
  static func type(bytes: Int?, in path: String) throws -> HDF5Handle {
    let type = try HDF5Handle("H5Tcopy", in: path, closing: "H5Tclose", { H5Tclose($0) }) { H5Tcopy(chdf5_c_string()) }
    try HDF5Library.call("H5Tset_size", in: path) { H5Tset_size(type.id, bytes ?? chdf5_variable_length()) }
    try HDF5Library.call("H5Tset_cset", in: path) { H5Tset_cset(type.id, H5T_CSET_UTF8) }
    if bytes != nil {
      try HDF5Library.call("H5Tset_strpad", in: path) { H5Tset_strpad(type.id, H5T_STR_NULLPAD) }
    }
    return type
  }

  static func checkHasNoNUL(_ text: String, object: String, path: String) throws {
    if text.utf8.contains(0) { throw FormatError(path: path, problem: .badText(object: object)) }
  }

  static func padded(_ strings: [String], width: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: strings.count * width)
    for (index, text) in strings.enumerated() {
      for (offset, byte) in text.utf8.enumerated() { bytes[index * width + offset] = byte }
    }
    return bytes
  }

  /// Reads `count` strings of a stored type through `body`, which is given room for them.
  static func read(
    _ type: HDF5Handle, count: Int, object: String, _ body: (UnsafeMutableRawPointer?) throws -> Void
  ) throws -> [String] {
    guard HDF5Library.ask({ H5Tget_class(type.id) }) == H5T_STRING else {
      throw FormatError(path: type.path, problem: .wrongType(object: object, wanted: "text"))
    }
    if count == 0 { return [] }
    if HDF5Library.ask({ H5Tis_variable_str(type.id) }) > 0 {
      return try readVariable(type, count: count, object: object, body)
    }
    let (width, padding) = HDF5Library.ask { (H5Tget_size(type.id), H5Tget_strpad(type.id)) }
    var bytes = [UInt8](repeating: 0, count: count * width)
    try bytes.withUnsafeMutableBytes { try body($0.baseAddress) }
    return try (0..<count).map { index in
      var text = bytes[index * width..<(index + 1) * width]
      if padding == H5T_STR_NULLTERM { text = text.prefix { $0 != 0 } }
      while let last = text.last, last == (padding == H5T_STR_SPACEPAD ? 0x20 : 0) { text.removeLast() }
      return try string(text, object: object, path: type.path)
    }
  }

  private static func readVariable(
    _ type: HDF5Handle, count: Int, object: String, _ body: (UnsafeMutableRawPointer?) throws -> Void
  ) throws -> [String] {
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    let space = try HDF5Handle.space([count], in: type.path)
    try pointers.withUnsafeMutableBytes { try body($0.baseAddress) }
    defer {
      pointers.withUnsafeMutableBytes { bytes in
        _ = try? HDF5Library.call("H5Dvlen_reclaim", in: type.path) {
          H5Dvlen_reclaim(type.id, space.id, chdf5_default(), bytes.baseAddress)
        }
      }
    }
    return try pointers.map { pointer in
      guard let pointer else { return "" }
      return try string(
        UnsafeBufferPointer(
          start: UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self), count: strlen(pointer)),
        object: object, path: type.path)
    }
  }

  private static func string(_ bytes: some Sequence<UInt8>, object: String, path: String) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FormatError(path: path, problem: .badText(object: object))
    }
    return text
  }
}
