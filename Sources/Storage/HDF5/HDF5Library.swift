import CHDF5
import Foundation

/// A call of the HDF5 library that failed: which file, which call, and the library's innermost words about it.
public struct HDF5Error: Error, Equatable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// The C function, with the object inside the file where there is one: `H5Dopen2 /features`.
  public let operation: String
  /// The negative number that the function returned.
  public let code: Int
  /// What the library's error stack says at its deepest.
  public let message: String

  public var description: String { "\(path): \(operation) failed (\(code)): \(message)" }
}

/// The HDF5 library as one resource: every call of it anywhere passes through `call` or `ask`.
///
/// Some builds of HDF5 hold one global lock of their own and others none, so there is one lock here; a read of a block is long
/// beside it. The library's habit of printing its error stack is turned off for the calling thread each time (the stack is per thread).
public enum HDF5Library {
  /// Of the library that is loaded: `1.10.8`.
  public static var version: String {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    _ = ask { H5get_libversion(&major, &minor, &release) }
    return "\(major).\(minor).\(release)"
  }

  private static let lock = NSRecursiveLock()

  /// Runs one C call under the lock and turns a negative result into an error. The only place where results are checked.
  @discardableResult
  static func call<Code: SignedInteger>(_ operation: String, in path: String, _ body: () -> Code) throws -> Code {
    lock.lock()
    defer { lock.unlock() }
    H5Eset_auto2(chdf5_error_stack(), nil, nil)
    let code = body()
    if code < 0 { throw HDF5Error(path: path, operation: operation, code: Int(code), message: deepestMessage()) }
    return code
  }

  /// Runs C calls that only ask about an identifier known to be good, under the lock.
  static func ask<R>(_ body: () -> R) -> R {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }

  /// Innermost entry of the error stack. The C function is `H5Ewalk2`.
  private static func deepestMessage() -> String {
    var message = ""
    withUnsafeMutablePointer(to: &message) { target in
      _ = H5Ewalk2(
        chdf5_error_stack(), H5E_WALK_UPWARD,
        { depth, entry, target in
          guard depth == 0, let text = entry?.pointee.desc else { return 0 }
          target?.assumingMemoryBound(to: String.self).pointee = String(cString: text)
          return 0
        }, target)
    }
    return message.isEmpty ? "no message" : message
  }
}

/// The owner of one HDF5 identifier: holds a good one from `init` on, and closes it exactly once.
final class HDF5Handle: @unchecked Sendable {
  let id: hid_t
  /// The file it belongs to, for errors.
  let path: String
  private let closing: (name: String, function: @Sendable (hid_t) -> herr_t)
  private var isOpen = true  // touched only by the last owner or by `close`

  /// - Parameters: `operation` is the C function that `body` calls, `closing` the function that undoes it.
  init(
    _ operation: String, in path: String, closing name: String, _ function: @escaping @Sendable (hid_t) -> herr_t,
    _ body: () -> hid_t
  ) throws {
    self.path = path
    self.closing = (name, function)
    id = try HDF5Library.call(operation, in: path, body)
  }

  /// Closes now and says whether that worked: a file's last bytes may be written here.
  func close() throws {
    precondition(isOpen, "\(closing.name) on a handle that is closed")
    isOpen = false
    try HDF5Library.call(closing.name, in: path) { closing.function(id) }
  }

  deinit { if isOpen { _ = try? HDF5Library.call(closing.name, in: path) { closing.function(id) } } }
}

extension HDF5Handle {
  /// A property list of a class such as `H5P_DATASET_CREATE`. The C function is `H5Pcreate`.
  static func properties(_ listClass: hid_t, in path: String) throws -> HDF5Handle {
    try HDF5Handle("H5Pcreate", in: path, closing: "H5Pclose", { H5Pclose($0) }) { H5Pcreate(listClass) }
  }

  /// A property list for creating an object whose header holds no time stamps. The C function is `H5Pset_obj_track_times`.
  static func timelessProperties(_ listClass: hid_t, in path: String) throws -> HDF5Handle {
    let list = try properties(listClass, in: path)
    try HDF5Library.call("H5Pset_obj_track_times", in: path) { H5Pset_obj_track_times(list.id, false) }
    return list
  }

  /// A data space: a scalar for nil, else `shape`, growing along the first axis if asked. The C function is `H5Screate_simple`.
  static func space(_ shape: [Int]?, growing: Bool = false, in path: String) throws -> HDF5Handle {
    try HDF5Handle("H5Screate_simple", in: path, closing: "H5Sclose", { H5Sclose($0) }) {
      guard let shape else { return H5Screate(H5S_SCALAR) }
      let extent = shape.map { hsize_t($0) }
      var largest = extent
      if growing { largest[0] = chdf5_unlimited() }
      return H5Screate_simple(Int32(shape.count), extent, largest)
    }
  }
}
