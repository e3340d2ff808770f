import CHDF5
public import Foundation

/// One HDF5 file: the owner of its handle, and the way to everything inside it by path (`/pca/mean`).
///
///     try HDF5File.write(to: url) { file in
///       try file.write(mean, shape: [mean.count], to: "/pca/mean")
///       try file.setAttribute("format_version", to: .integer(1))
///     }
///     let mean = try HDF5File(reading: url).dataset("/pca/mean").read(Double.self)
///
/// Determinism: equal calls leave equal bytes: object times are off, the file format is that of HDF5 1.8 whatever library writes
/// it, numbers are little-endian, unused bytes are zero. The 1.8 format is the oldest whose headers carry checksums.
/// Safe to share between threads; calls take turns.
public final class HDF5File: Sendable {
  /// The file's path as given.
  public let path: String
  let handle: HDF5Handle

  /// Opens a file to read. The C function is `H5Fopen`.
  /// - Throws: `HDF5Error` for a file that is missing, not HDF5, or shorter than it says.
  public init(reading url: URL) throws {
    let path = url.path
    let access = try HDF5File.accessProperties(in: path)
    self.path = path
    handle = try HDF5Handle("H5Fopen", in: path, closing: "H5Fclose", { H5Fclose($0) }) {
      H5Fopen(path, chdf5_read_only(), access.id)
    }
  }

  /// Writes a file aside, then renames it over `url`: readers see the old file or the whole new one. The C function is `H5Fcreate`.
  /// - Throws: `HDF5Error`, the system's error when renaming fails, or what `body` throws; then nothing is left behind.
  /// - Precondition: `body` lets go of every dataset and writer it opened.
  public static func write<R>(to url: URL, _ body: (HDF5File) throws -> R) throws -> R {
    try AtomicFile.replace(url) { aside in
      let file = try HDF5File(creating: aside)
      let result = try body(file)
      try file.finish()
      return result
    }
  }

  private init(creating url: URL) throws {
    let path = url.path
    let access = try HDF5File.accessProperties(in: path)
    let creation = try HDF5Handle.timelessProperties(chdf5_file_create(), in: path)
    self.path = path
    handle = try HDF5Handle("H5Fcreate", in: path, closing: "H5Fclose", { H5Fclose($0) }) {
      H5Fcreate(path, chdf5_truncate(), creation.id, access.id)
    }
  }

  private func finish() throws {
    let open = try HDF5Library.call("H5Fget_obj_count", in: path) { H5Fget_obj_count(handle.id, chdf5_any_object()) }
    precondition(open == 1, "\(open - 1) objects of \(path) are still open where it should be finished")
    try HDF5Library.call("H5Fflush", in: path) { H5Fflush(handle.id, H5F_SCOPE_GLOBAL) }
    try handle.close()
  }

  private static func accessProperties(in path: String) throws -> HDF5Handle {
    let access = try HDF5Handle.properties(chdf5_file_access(), in: path)
    try HDF5Library.call("H5Pset_libver_bounds", in: path) {
      H5Pset_libver_bounds(access.id, H5F_LIBVER_V18, H5F_LIBVER_V18)
    }
    try HDF5Library.call("H5Pset_file_locking", in: path) { chdf5_no_file_locks(access.id) }
    return access
  }
}

// MARK: - Groups and links

extension HDF5File {
  /// Makes a group and those above it, as far as they are missing. The C function is `H5Gcreate2`.
  public func createGroup(_ name: String) throws {
    for prefix in HDF5File.prefixes(of: name) where try !linkExists(prefix) {
      let creation = try HDF5Handle.timelessProperties(chdf5_group_create(), in: path)
      _ = try HDF5Handle("H5Gcreate2 \(prefix)", in: path, closing: "H5Gclose", { H5Gclose($0) }) {
        H5Gcreate2(handle.id, prefix, chdf5_default(), creation.id, chdf5_default())
      }
    }
  }

  /// Whether there is an object of that path. The C function is `H5Lexists`.
  public func contains(_ name: String) throws -> Bool {
    for prefix in HDF5File.prefixes(of: name) where try !linkExists(prefix) { return false }
    return true
  }

  /// Paths of all datasets, depth first, names in byte order. The C functions are `H5Lget_name_by_idx` and `H5Iget_type`.
  public func datasetPaths() throws -> [String] {
    var found: [String] = []
    try collectDatasets(under: "/", depth: 0, into: &found)
    return found
  }

  /// The open object, be it the root, a group or a dataset. The C function is `H5Oopen`.
  func object(_ name: String) throws -> HDF5Handle {
    try HDF5Handle("H5Oopen \(name)", in: path, closing: "H5Oclose", { H5Oclose($0) }) {
      H5Oopen(handle.id, name, chdf5_default())
    }
  }

  /// Makes the groups above an object that is about to be created.
  func createParents(of name: String) throws {
    let above = HDF5File.prefixes(of: name).dropLast()
    if let parent = above.last { try createGroup(parent) }
  }

  private func linkExists(_ name: String) throws -> Bool {
    try HDF5Library.call("H5Lexists \(name)", in: path) { H5Lexists(handle.id, name, chdf5_default()) } > 0
  }

  /// `/a/b` → `/a`, `/a/b`.
  private static func prefixes(of name: String) -> [String] {
    var prefix = ""
    return name.split(separator: "/").map {
      prefix += "/" + $0
      return prefix
    }
  }

  private func collectDatasets(under group: String, depth: Int, into found: inout [String]) throws {
    if depth > 32 { return }  // hard links may form a ring in a stranger's file
    var index: hsize_t = 0
    while let name = try linkName(index, of: group) {
      index += 1
      let full = group == "/" ? "/" + name : group + "/" + name
      guard let child = try? object(full) else { continue }  // a link that leads nowhere
      let type = HDF5Library.ask { H5Iget_type(child.id) }
      if type == H5I_DATASET { found.append(full) }
      if type == H5I_GROUP { try collectDatasets(under: full, depth: depth + 1, into: &found) }
    }
  }

  /// Name of the link at a place in name order; nil past the end.
  private func linkName(_ index: hsize_t, of group: String) throws -> String? {
    var buffer = [CChar](repeating: 0, count: 1024)
    let count = buffer.count
    let length = try? HDF5Library.call("H5Lget_name_by_idx", in: path) {
      H5Lget_name_by_idx(handle.id, group, H5_INDEX_NAME, H5_ITER_INC, index, &buffer, count, chdf5_default())
    }
    guard let length, length < count else { return nil }
    return String(validating: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
