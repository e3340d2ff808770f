package import Foundation
import Synchronization

/// Digests of files seen before, so that an archive is hashed once: (path, size, time, inode) → SHA-256.
///
/// Only a memory aid: whatever it holds, a digest is that of the bytes. Planning reads it; only a run saves it. A file
/// changed within the last two seconds is hashed but not remembered, as it could change again within one tick of its clock.
public final class DigestCache: Sendable {
  private struct State {
    var known: [String: Entry] = [:]
    var isChanged = false
  }

  private struct Entry: Equatable {
    var mark: FileMark
    var digest: String
  }

  private let state = Mutex(State())

  /// A cache that starts empty.
  public init() {}

  /// What an earlier run saved; empty where there is no such file. Lines that can't be read are left out.
  package init(contentsOf file: URL) {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return }
    var known: [String: Entry] = [:]
    for line in text.split(separator: "\n").dropFirst() {
      let parts = line.split(separator: "\t", maxSplits: 5, omittingEmptySubsequences: false)
      guard parts.count == 6, parts[0].utf8.count == 64, let size = Int64(parts[1]), let seconds = Int64(parts[2]),
        let nanoseconds = Int64(parts[3]), let inode = UInt64(parts[4])
      else { continue }
      let mark = FileMark(size: size, seconds: seconds, nanoseconds: nanoseconds, inode: inode)
      known[String(parts[5])] = Entry(mark: mark, digest: String(parts[0]))
    }
    state.withLock { [known] in $0.known = known }
  }

  private static let header = "medoid-digests 1: sha256, size, seconds, nanoseconds, inode, path"

  /// What to save, or nil when nothing was learnt since the start (or the last call). Files that are gone are forgotten.
  package func takeChanges() -> Data? {
    state.withLock { state in
      guard state.isChanged else { return nil }
      state.isChanged = false
      var text = DigestCache.header + "\n"
      for path in state.known.keys.sorted() where !path.contains("\n") {
        let entry = state.known[path]!
        let mark = entry.mark
        if FileMark(ofFile: path) == nil { continue }
        text += "\(entry.digest)\t\(mark.size)\t\(mark.seconds)\t\(mark.nanoseconds)\t\(mark.inode)\t\(path)\n"
      }
      return Data(text.utf8)
    }
  }

  func digest(of file: URL) throws -> String {
    let path = file.standardizedFileURL.path
    guard let mark = FileMark(ofFile: path) else { return try ContentDigest.of(file: file) }
    if let digest = state.withLock({ $0.known[path].flatMap { $0.mark == mark ? $0.digest : nil } }) { return digest }
    let digest = try ContentDigest.of(file: file)
    if FileMark(ofFile: path) == mark, mark.isSettled { remember(path, mark, digest) }
    return digest
  }

  /// Keeps a digest that was just computed from the file while it was written.
  func remember(_ file: URL, digest: String) {
    let path = file.standardizedFileURL.path
    if let mark = FileMark(ofFile: path) { remember(path, mark, digest) }
  }

  private func remember(_ path: String, _ mark: FileMark, _ digest: String) {
    state.withLock { state in
      let entry = Entry(mark: mark, digest: digest)
      if state.known[path] == entry { return }
      state.known[path] = entry
      state.isChanged = true
    }
  }

  func digest(ofFiles files: [(name: String, file: URL)]) -> String {
    ContentDigest.of(files.map { ($0.name, (try? digest(of: $0.file)) ?? "unreadable") })
  }

  func digest(ofFolder folder: URL) throws -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw InputMissing(path: folder.path)
    }
    guard let names = FileManager.default.enumerator(atPath: folder.path) else {
      throw FileError(.list, path: folder.path, code: EACCES)
    }
    var files: [(name: String, file: URL)] = []
    for case let name as String in names where names.fileAttributes?[.type] as? FileAttributeType != .typeDirectory {
      files.append((name, folder.appending(path: name)))
    }
    return digest(ofFiles: files)
  }
}

/// What tells without reading that a file is likely the one seen before.
struct FileMark: Equatable {
  var size: Int64
  var seconds: Int64
  var nanoseconds: Int64
  var inode: UInt64
}

extension FileMark {
  /// Nil where there is no regular file.
  init?(ofFile path: String) {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
    #if canImport(Darwin)
      let time = info.st_mtimespec
    #else
      let time = info.st_mtim
    #endif
    self.init(
      size: Int64(info.st_size), seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec),
      inode: UInt64(info.st_ino))
  }

  /// Whether the file was last changed more than two seconds ago.
  var isSettled: Bool { Date().timeIntervalSince1970 - Double(seconds) > 2 }
}
