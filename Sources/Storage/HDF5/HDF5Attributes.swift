import CHDF5

/// A single value attached to an object: text, a whole number or a real one.
public enum HDF5Attribute: Sendable, Equatable {
  case string(String)
  case integer(Int64)
  case real(Double)
}

extension HDF5File {
  /// Attaches a value to an object, the root unless told otherwise. The C functions are `H5Acreate2` and `H5Awrite`.
  /// - Throws: `HDF5Error` if it is there already, `FormatError` for text with a NUL.
  public func setAttribute(_ name: String, to value: HDF5Attribute, on object: String = "/") throws {
    switch value {
    case .string(let text):
      try HDF5Text.checkHasNoNUL(text, object: name, path: path)
      let width = max(text.utf8.count, 1)
      let type = try HDF5Text.type(bytes: width, in: path)
      try HDF5Text.padded([text], width: width).withUnsafeBytes {
        try writeAttribute(name, on: object, fileType: type.id, memoryType: type.id, from: $0.baseAddress)
      }
    case .integer(var number):
      try writeAttribute(
        name, on: object, fileType: chdf5_file_int64(), memoryType: chdf5_native_int64(), from: &number)
    case .real(var number):
      try writeAttribute(
        name, on: object, fileType: chdf5_file_double(), memoryType: chdf5_native_double(), from: &number)
    }
  }

  /// The value of that name; nil if there is none. The C functions are `H5Aopen` and `H5Aread`.
  /// - Throws: `FormatError` unless it is a single text or number.
  public func attribute(_ name: String, on object: String = "/") throws -> HDF5Attribute? {
    let owner = try self.object(object)
    if try HDF5Library.call("H5Aexists \(name)", in: path, { H5Aexists(owner.id, name) }) == 0 { return nil }
    let handle = try HDF5Handle("H5Aopen \(name)", in: path, closing: "H5Aclose", { H5Aclose($0) }) {
      H5Aopen(owner.id, name, chdf5_default())
    }
    let type = try HDF5Handle("H5Aget_type", in: path, closing: "H5Tclose", { H5Tclose($0) }) { H5Aget_type(handle.id) }
    let space = try HDF5Handle("H5Aget_space", in: path, closing: "H5Sclose", { H5Sclose($0) }) {
      H5Aget_space(handle.id)
    }
    let count = try HDF5Library.call("H5Sget_simple_extent_npoints", in: path) {
      H5Sget_simple_extent_npoints(space.id)
    }
    guard count == 1 else { throw FormatError(path: path, problem: .wrongType(object: name, wanted: "a single value")) }
    func read(_ memoryType: hid_t, _ target: UnsafeMutableRawPointer?) throws {
      try HDF5Library.call("H5Aread \(name)", in: path) { H5Aread(handle.id, memoryType, target) }
    }
    switch HDF5Library.ask({ H5Tget_class(type.id) }) {
    case H5T_STRING:
      return .string(try HDF5Text.read(type, count: 1, object: name) { try read(type.id, $0) }[0])
    case H5T_INTEGER:
      var number: Int64 = 0
      try read(chdf5_native_int64(), &number)
      return .integer(number)
    case H5T_FLOAT:
      var number = 0.0
      try read(chdf5_native_double(), &number)
      return .real(number)
    default:
      throw FormatError(path: path, problem: .wrongType(object: name, wanted: "text or a number"))
    }
  }

  private func writeAttribute(
    _ name: String, on object: String, fileType: hid_t, memoryType: hid_t, from source: UnsafeRawPointer?
  ) throws {
    let owner = try self.object(object)
    let space = try HDF5Handle.space(nil, in: path)
    let handle = try HDF5Handle("H5Acreate2 \(name)", in: path, closing: "H5Aclose", { H5Aclose($0) }) {
      H5Acreate2(owner.id, name, fileType, space.id, chdf5_default(), chdf5_default())
    }
    try HDF5Library.call("H5Awrite \(name)", in: path) { H5Awrite(handle.id, memoryType, source) }
  }
}
