import Foundation
import Records

/// Walks a folder so that files come in the order of their whole paths, byte by byte, with memory for one folder's names a level at most.
///
/// A folder's names are sorted as they stand in paths: `a.dcm` comes before what is in `a/`. Names of a folder of millions are spilled.
/// - Hidden files and folders (names beginning with a dot) are passed over and counted.
/// - A link to what is walked anyway is passed over and counted. A link elsewhere, or to something hidden, is followed once: what it leads to
///   is listed under the link's path. Loops therefore end. To know what was followed takes 16 bytes a link to a file, of which a million are
///   remembered; files that are linked twice beyond that are listed twice, and then are copies.
final class FolderWalk {
  enum Found {
    case file([UInt8])
    case failure([UInt8], DecodeFailure)
  }

  private enum Kind: UInt8 { case file, folder, linkedFile, linkedFolder, brokenLink, irregular }

  private struct Frame {
    /// As listed, and where it really is; both end with a slash.
    let path: [UInt8]
    let real: [UInt8]
    let isLinked: Bool
    let device: UInt64
    var names: ExternalSort.Sorted.Reader
  }

  private struct FileNumber: Hashable {
    let device: UInt64
    let number: UInt64
  }

  private(set) var hidden = 0
  private(set) var passedOverLinks = 0
  private var frames: [Frame] = []
  /// Where walks begin, as real paths that end with a slash: the inputs, and the folders that links lead to.
  private var tops: Set<[UInt8]>
  private var linkedFiles: Set<FileNumber> = []
  private var waiting: [String]
  private var failed: Found?
  private let spill: URL

  private static let rememberedFiles = 1_000_000
  private static let slash = UInt8(ascii: "/")

  /// - Parameter folders: the inputs, none within another, in the order of their paths with a slash at the end.
  init(_ folders: [String], spill: URL) {
    waiting = folders.reversed()
    tops = Set(folders.compactMap { FolderWalk.real(Array($0.utf8)) })
    self.spill = spill
  }

  /// The real path with a slash at its end; nil where it leads nowhere.
  static func real(_ path: [UInt8]) -> [UInt8]? {
    let resolved = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { realpath($0.baseAddress!, nil) }
    guard let resolved else { return nil }
    defer { free(resolved) }
    let bytes = UnsafeRawBufferPointer(start: resolved, count: strlen(resolved))
    return Array(bytes) + (bytes.last == slash ? [] : [slash])
  }

  func next() throws -> Found? {
    while true {
      if let failure = failed {
        failed = nil
        return failure
      }
      if frames.isEmpty {
        guard let top = waiting.popLast() else { return nil }
        let path = Array((top.hasSuffix("/") ? top : top + "/").utf8)
        try enter(path, real: FolderWalk.real(path) ?? path, isLinked: false)
        continue
      }
      guard let record = try frames[frames.count - 1].names.next() else {
        frames.removeLast()
        continue
      }
      if let found = try found(record) { return found }
    }
  }

  /// What is behind one name, if it is to be listed.
  private func found(_ record: ExternalSort.Record) throws -> Found? {
    let frame = frames[frames.count - 1]
    let kind = Kind(rawValue: record.value[0])!
    let path = frame.path + record.key
    switch kind {
    case .file:
      let number = record.value.dropFirst().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if frame.isLinked, linkedFiles.contains(FileNumber(device: frame.device, number: number)) { return nil }
      return .file(path)
    case .folder:
      let real = frame.real + record.key
      // What a link leads to may lie around what is walked by itself.
      if frame.isLinked, tops.contains(real) { return nil }
      try enter(path, real: real, isLinked: frame.isLinked)
      return nil
    case .linkedFile: return try linkedFile(path)
    case .linkedFolder:
      guard let real = FolderWalk.real(path) else {
        return .failure(path, DecodeFailure(.missingFile, "a link to nothing"))
      }
      if isWalked(real) {
        passedOverLinks += 1
        return nil
      }
      tops.insert(real)
      try enter(path, real: real, isLinked: true)
      return nil
    case .brokenLink: return .failure(path, DecodeFailure(.missingFile, "a link to nothing"))
    case .irregular: return .failure(path, DecodeFailure(.notAFile, "a pipe, a socket or a device"))
    }
  }

  private func linkedFile(_ path: [UInt8]) throws -> Found? {
    guard let real = FolderWalk.real(path), let status = FolderWalk.status(path) else {
      return .failure(path, DecodeFailure(.missingFile, "a link to nothing"))
    }
    if status.st_mode & S_IFMT != S_IFREG {
      return .failure(path, DecodeFailure(.notAFile, "a pipe, a socket or a device"))
    }
    if isWalked(real) {
      passedOverLinks += 1
      return nil
    }
    let number = FileNumber(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    if linkedFiles.contains(number) {
      passedOverLinks += 1
      return nil
    }
    if linkedFiles.count < FolderWalk.rememberedFiles { linkedFiles.insert(number) }
    return .file(path)
  }

  private static func status(_ path: [UInt8]) -> stat? {
    var status = stat()
    let code = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { stat($0.baseAddress!, &status) }
    return code == 0 ? status : nil
  }

  /// Whether the walk comes to this place by itself: it lies in one of the tops, and nothing between is hidden.
  private func isWalked(_ real: [UInt8]) -> Bool {
    var part = real.dropLast()
    var isHidden = false
    if tops.contains(real) { return true }
    while let slash = part.lastIndex(of: FolderWalk.slash) {
      if slash + 1 < part.endIndex && part[slash + 1] == UInt8(ascii: ".") { isHidden = true }
      if tops.contains(Array(part[...slash])) { return !isHidden }
      part = part[..<slash]
    }
    return false
  }

  /// Reads and sorts a folder's names. One that can't be listed is a failure.
  private func enter(_ path: [UInt8], real: [UInt8], isLinked: Bool) throws {
    let opened = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { opendir($0.baseAddress!) }
    guard let folder = opened else {
      failed = .failure(
        path.dropLast(),
        errno == EACCES || errno == EPERM
          ? DecodeFailure(.permissionDenied, "the folder may not be listed")
          : DecodeFailure(.unreadable, "the folder cannot be listed (error \(errno))"))
      return
    }
    defer { closedir(folder) }
    var status = stat()
    fstat(dirfd(folder), &status)
    let sort = ExternalSort(in: spill, memory: 8 << 20)
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        if errno != 0 {
          failed = .failure(path.dropLast(), DecodeFailure(.unreadable, "the folder cannot be listed to its end"))
        }
        break
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
          Array(UnsafeBufferPointer(start: $0, count: strlen(UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))))
        }
      }
      if name == [UInt8(ascii: ".")] || name == [UInt8(ascii: "."), UInt8(ascii: ".")] { continue }
      if name.first == UInt8(ascii: ".") {
        hidden += 1
        continue
      }
      let kind = FolderWalk.kind(of: name, type: entry.pointee.d_type, in: dirfd(folder))
      let key = kind == .folder || kind == .linkedFolder ? name + [FolderWalk.slash] : name
      let number = withUnsafeBytes(of: UInt64(entry.pointee.d_ino).bigEndian) { Array($0) }
      try sort.add(key: key, value: [kind.rawValue] + number)
    }
    frames.append(
      Frame(
        path: path, real: real, isLinked: isLinked, device: UInt64(status.st_dev), names: try sort.finish().reader()))
  }

  private static func kind(of name: [UInt8], type: UInt8, in folder: Int32) -> Kind {
    if Int32(type) == Int32(DT_REG) { return .file }
    if Int32(type) == Int32(DT_DIR) { return .folder }
    var status = stat()
    func look(_ flags: Int32) -> mode_t? {
      let code = (name.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
        fstatat(folder, $0.baseAddress!, &status, flags)
      }
      return code == 0 ? status.st_mode & S_IFMT : nil
    }
    switch look(AT_SYMLINK_NOFOLLOW) {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK:
      guard let target = look(0) else { return .brokenLink }
      return target == S_IFDIR ? .linkedFolder : .linkedFile
    // Gone since, or not to be looked at: reading says why.
    case nil: return .file
    default: return .irregular
    }
  }
}
