import Foundation

/// Digests of files in a text file sorted by path, byte by byte: gone through in order, or looked into by halving, and never held.
///
///     medoid-digests 2: sha256, size, seconds, nanoseconds, inode, path
///     9f86…	4	1700000000	0	1234	/data/a.dcm
final class DigestTable: Sendable {
  struct Line: Equatable {
    var path: [UInt8]
    var mark: FileMark
    var digest: String

    /// Nil for a line that can't be read.
    init?(_ line: ArraySlice<UInt8>) {
      let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 5, omittingEmptySubsequences: false)
      guard parts.count == 6, parts[0].count == 64 else { return nil }
      let texts = parts[..<5].map { String(decoding: $0, as: UTF8.self) }
      guard let size = Int64(texts[1]), let seconds = Int64(texts[2]), let nanoseconds = Int64(texts[3]),
        let inode = UInt64(texts[4])
      else { return nil }
      path = Array(parts[5])
      mark = FileMark(size: size, seconds: seconds, nanoseconds: nanoseconds, inode: inode)
      digest = texts[0]
    }

    init(path: [UInt8], mark: FileMark, digest: String) {
      self.path = path
      self.mark = mark
      self.digest = digest
    }

    var text: String {
      "\(digest)\t\(mark.size)\t\(mark.seconds)\t\(mark.nanoseconds)\t\(mark.inode)\t"
        + String(decoding: path, as: UTF8.self) + "\n"
    }
  }

  static let header = "medoid-digests 2: sha256, size, seconds, nanoseconds, inode, path\n"
  private let descriptor: Int32
  private let size: Int

  /// The file at `path`; nil where there is none of this format.
  convenience init?(contentsOf path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return nil }
    self.init(owning: descriptor)
    var start = [UInt8](repeating: 0, count: DigestTable.header.utf8.count)
    guard DigestTable.read(descriptor, at: 0, into: &start) == start.count, start.elementsEqual(DigestTable.header.utf8)
    else { return nil }
  }

  fileprivate init(owning descriptor: Int32) {
    self.descriptor = descriptor
    var info = stat()
    size = fstat(descriptor, &info) == 0 ? Int(info.st_size) : 0
  }

  deinit { close(descriptor) }

  private static func read(_ descriptor: Int32, at offset: Int, into bytes: inout [UInt8]) -> Int {
    var filled = 0
    bytes.withUnsafeMutableBytes { bytes in
      while filled < bytes.count {
        let count = pread(descriptor, bytes.baseAddress! + filled, bytes.count - filled, off_t(offset + filled))
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return }
        filled += count
      }
    }
    return filled
  }

  /// The line of a path, by halving. - Complexity: some tens of reads.
  func line(of path: [UInt8]) -> Line? {
    var low = DigestTable.header.utf8.count
    var high = size
    while low < high {
      var reader = reader(from: low)
      if high - low > 1 << 16 {
        reader = self.reader(from: low + (high - low) / 2)
        reader.skipLine()
        let place = reader.offset
        guard let line = reader.next(), place < high else { return scan(low..<high, for: path) }
        if line.path == path { return line }
        if line.path.lexicographicallyPrecedes(path) { low = place } else { high = place }
      } else {
        return scan(low..<high, for: path)
      }
    }
    return nil
  }

  private func scan(_ range: Range<Int>, for path: [UInt8]) -> Line? {
    var reader = reader(from: range.lowerBound)
    while reader.offset < range.upperBound, let line = reader.next() {
      if line.path == path { return line }
    }
    return nil
  }

  func reader() -> Reader { reader(from: DigestTable.header.utf8.count) }

  private func reader(from offset: Int) -> Reader { Reader(self, offset) }

  /// Goes through the lines; those that can't be read are left out.
  struct Reader {
    private let table: DigestTable
    private var held: [UInt8] = []
    private var place = 0
    private var readTo: Int

    fileprivate init(_ table: DigestTable, _ offset: Int) {
      self.table = table
      readTo = offset
    }

    /// Where the next line begins.
    var offset: Int { readTo - (held.count - place) }

    mutating func next() -> Line? {
      while let bytes = nextBytes() { if let line = Line(bytes) { return line } }
      return nil
    }

    mutating func skipLine() { _ = nextBytes() }

    private mutating func nextBytes() -> ArraySlice<UInt8>? {
      while true {
        if let end = held[place...].firstIndex(of: UInt8(ascii: "\n")) {
          defer { place = end + 1 }
          return held[place..<end]
        }
        if readTo >= table.size { return nil }
        held.removeFirst(place)
        place = 0
        var piece = [UInt8](repeating: 0, count: min(1 << 15, table.size - readTo))
        let count = DigestTable.read(table.descriptor, at: readTo, into: &piece)
        if count == 0 { return nil }
        readTo += count
        held += piece[..<count]
      }
    }
  }

  /// Writes lines that come in the order of their paths.
  struct Writer {
    private let descriptor: Int32
    private var pending = DigestTable.header

    /// A file without a name, for what a plan learns; nil where there is no room for it.
    static func nameless() -> Writer? {
      var template = Array((FileManager.default.temporaryDirectory.path + "/medoid-digests-XXXXXX").utf8CString)
      let descriptor = mkstemp(&template)
      if descriptor < 0 { return nil }
      unlink(template)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      return Writer(descriptor: descriptor)
    }

    /// A new file. - Throws: `FileError`.
    init(to file: URL) throws {
      descriptor = open(file.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      if descriptor < 0 { throw FileError(.write, path: file.path, code: errno) }
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    mutating func append(_ line: Line) throws {
      pending += line.text
      if pending.utf8.count >= 1 << 16 { try flush() }
    }

    private mutating func flush() throws {
      try Array(pending.utf8).withUnsafeBytes { bytes in
        var done = 0
        while done < bytes.count {
          let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
          if count < 0 && errno == EINTR { continue }
          if count < 0 { throw FileError(.write, path: "the table of digests", code: errno) }
          done += count
        }
      }
      pending = ""
    }

    /// Everything written, as a table that owns the file. - Throws: `FileError`; then the file is closed.
    consuming func finish() throws -> DigestTable {
      do { try flush() } catch {
        close(descriptor)
        throw error
      }
      return DigestTable(owning: descriptor)
    }

    /// Closes the file, whatever is in it.
    func abandon() { close(descriptor) }
  }
}
