package import Foundation
import Synchronization

/// Digests of files seen before, so that an archive is hashed once: (path, size, time, inode) → SHA-256.
///
/// Only a memory aid: whatever it holds, a digest is that of the bytes. Planning reads it; only a run saves it. A file
/// changed within the last two seconds is hashed but not remembered, as it could change again within one tick of its clock.
///
/// What an earlier run saved stays in its file, sorted by path; a listing in the order of its paths is joined with it line by line, and
/// what is new of it goes to a file without a name. So archives of any size need no memory. Files asked for one by one are remembered there.
public final class DigestCache: Sendable {
  private struct State {
    var known: [String: Entry] = [:]
    /// The saved table first, then what listings brought.
    var tables: [DigestTable] = []
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
    if let table = DigestTable(contentsOf: file.path) { state.withLock { $0.tables = [table] } }
  }

  /// Writes all that is known to a new file, if anything was learnt since the start or the last call. Files that are gone are forgotten.
  /// - Returns: whether there is now such a file.
  /// - Throws: `FileError`.
  package func writeChanges(to file: URL) throws -> Bool {
    let (known, tables) = state.withLock { state in
      defer { state.isChanged = false }
      return state.isChanged ? (state.known, state.tables) : ([:], [])
    }
    if known.isEmpty && tables.isEmpty { return false }
    var writer = try DigestTable.Writer(to: file)
    do {
      var merged = MergedDigests(tables)
      var single = known.map { (path: Array($0.key.utf8), entry: $0.value) }[...]
      single.sort { $0.path.lexicographicallyPrecedes($1.path) }
      func append(_ path: [UInt8], _ mark: FileMark, _ digest: String) throws {
        if path.contains(UInt8(ascii: "\n")) || FileMark(ofFile: String(decoding: path, as: UTF8.self)) == nil {
          return
        }
        try writer.append(DigestTable.Line(path: path, mark: mark, digest: digest))
      }
      while let line = merged.next() {
        while let first = single.first, first.path.lexicographicallyPrecedes(line.path) {
          try append(first.path, first.entry.mark, first.entry.digest)
          single.removeFirst()
        }
        // What was learnt one by one is written below.
        if single.first?.path != line.path { try append(line.path, line.mark, line.digest) }
      }
      for one in single { try append(one.path, one.entry.mark, one.entry.digest) }
    } catch {
      writer.abandon()
      throw error
    }
    _ = try writer.finish()
    return true
  }

  package func digest(of file: URL) throws -> String {
    let path = file.standardizedFileURL.path
    guard let mark = FileMark(ofFile: path) else { return try ContentDigest.of(file: file) }
    let (known, tables) = state.withLock { ($0.known[path], $0.tables) }
    if let known {
      if known.mark == mark { return known.digest }
    } else {
      for table in tables.reversed() {
        if let line = table.line(of: Array(path.utf8)), line.mark == mark { return line.digest }
      }
    }
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

  /// The digests that are known of files asked for in the order of their absolute paths.
  package func known() -> KnownDigests {
    let (known, tables) = state.withLock { ($0.known, $0.tables) }
    return KnownDigests(known.mapValues { ($0.mark, $0.digest) }, tables)
  }

  /// One digest of many files that come in the order of their names and of their absolute paths.
  package func digest(ofSorted next: () throws -> ListedFile?) throws -> String {
    let known = known()
    var learnt: DigestTable.Writer?
    var hash = ContentDigest.OfNames()
    do {
      while let file = try next() {
        guard let path = file.path else {
          hash.add(file.name, file.otherwise)
          continue
        }
        guard let mark = FileMark(ofFile: path) else {
          hash.add(file.name, "unreadable")
          continue
        }
        if let digest = known.digest(of: path, mark) {
          hash.add(file.name, digest)
          continue
        }
        guard let digest = try? ContentDigest.of(file: URL(filePath: path)) else {
          hash.add(file.name, "unreadable")
          continue
        }
        hash.add(file.name, digest)
        if mark.isSettled, FileMark(ofFile: path) == mark, !path.contains("\n") {
          if learnt == nil { learnt = DigestTable.Writer.nameless() }
          try learnt?.append(DigestTable.Line(path: Array(path.utf8), mark: mark, digest: digest))
        }
      }
    } catch {
      learnt?.abandon()
      throw error
    }
    if let table = try learnt?.finish() {
      state.withLock {
        $0.tables.append(table)
        $0.isChanged = true
      }
    }
    return hash.digest
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

/// One file of a listing.
public struct ListedFile: Sendable {
  /// Under which it enters the digest.
  public var name: String
  /// Nil for a name whose content is not to be read; `otherwise` then stands for it.
  public var path: String?
  public var otherwise: String

  public init(name: String, path: String) {
    self.name = name
    self.path = path
    otherwise = ""
  }

  public init(name: String, otherwise: String) {
    self.name = name
    self.otherwise = otherwise
  }
}

/// Digests known of files that are asked for in the order of their absolute paths, byte by byte. Asked by one thread at a time.
public final class KnownDigests: @unchecked Sendable {
  private let single: [String: (mark: FileMark, digest: String)]
  private var merged: MergedDigests
  private var line: DigestTable.Line?

  init(_ single: [String: (mark: FileMark, digest: String)], _ tables: [DigestTable]) {
    self.single = single
    merged = MergedDigests(tables)
    line = merged.next()
  }

  /// SHA-256 of a file, if it is known and the file looks as it did then; 64 hex digits.
  public func digest(of path: String) -> String? { FileMark(ofFile: path).flatMap { digest(of: path, $0) } }

  func digest(of path: String, _ mark: FileMark) -> String? {
    let bytes = Array(path.utf8)
    while let known = line, known.path.lexicographicallyPrecedes(bytes) { line = merged.next() }
    if let known = single[path], known.mark == mark { return known.digest }
    return line.flatMap { $0.path == bytes && $0.mark == mark ? $0.digest : nil }
  }
}

/// Several tables as one: of a path in more than one, the line of the last counts.
struct MergedDigests {
  private var readers: [DigestTable.Reader]
  private var heads: [DigestTable.Line?]

  init(_ tables: [DigestTable]) {
    readers = tables.map { $0.reader() }
    heads = readers.indices.map { _ in nil }
    for index in readers.indices { heads[index] = readers[index].next() }
  }

  mutating func next() -> DigestTable.Line? {
    var least: DigestTable.Line?
    for head in heads {
      if let head, least.map({ !$0.path.lexicographicallyPrecedes(head.path) }) ?? true { least = head }
    }
    guard let least else { return nil }
    for index in heads.indices where heads[index]?.path == least.path { heads[index] = readers[index].next() }
    return least
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
