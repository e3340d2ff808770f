import Foundation

/// The bytes that a data set is read from: a mapped file, or memory of our own. Reading beyond them gives nil, never a crash.
///
/// A file that someone shortens while it is mapped ends the process: outside tests this runs in a `DecoderPool` child.
final class DICOMBytes: @unchecked Sendable {
  /// Never changes, and is never written to.
  private let base: UnsafeRawPointer
  let count: Int
  private let isMapped: Bool

  /// Maps a file. - Throws: `missing_file`, `permission_denied`, `unreadable`, `empty_file`.
  init(mapping path: String) throws(DecodeFailure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileState.failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileState.failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw DecodeFailure(.unreadable, "not a regular file") }
    guard status.st_size > 0 else { throw DecodeFailure(.emptyFile, "the file holds no bytes") }
    count = Int(status.st_size)
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw FileState.failure(errno)
    }
    base = UnsafeRawPointer(start)
    isMapped = true
  }

  /// Copies what is given. - Complexity: O(n).
  convenience init<Bytes: Collection<UInt8>>(_ bytes: Bytes) {
    let count = bytes.count
    guard let memory = malloc(max(count, 1)) else { preconditionFailure("no memory for \(count) bytes") }
    UnsafeMutableRawBufferPointer(start: memory, count: count).copyBytes(from: bytes)
    self.init(owning: memory, count: count)
  }

  /// Takes over memory of `malloc`.
  init(owning memory: UnsafeMutableRawPointer, count: Int) {
    base = UnsafeRawPointer(memory)
    self.count = count
    isMapped = false
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: base), count)
    } else {
      free(UnsafeMutableRawPointer(mutating: base))
    }
  }

  /// Borrows a range, cut to what there is.
  func withBytes<R, Failure: Error>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
  ) throws(Failure) -> R {
    let range = range.clamped(to: 0..<count)
    return try body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  func array(_ range: Range<Int>) -> [UInt8] { withBytes(range) { Array($0) } }

  /// The byte at an offset that was checked before. - Precondition: 0 ≤ offset < count.
  subscript(offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < count, "byte \(offset) of \(count)")
    return base.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// nil where fewer than two bytes are left.
  func word(_ offset: Int, isBigEndian: Bool = false) -> UInt16? {
    guard offset >= 0, offset <= count - 2 else { return nil }
    let word = base.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    return isBigEndian ? UInt16(bigEndian: word) : UInt16(littleEndian: word)
  }

  /// nil where fewer than four bytes are left.
  func doubleWord(_ offset: Int, isBigEndian: Bool = false) -> UInt32? {
    guard offset >= 0, offset <= count - 4 else { return nil }
    let word = base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
  }

  /// Where `pattern` stands first in `range`. - Complexity: O(n). - Precondition: the pattern is not empty.
  func firstIndex(of pattern: [UInt8], in range: Range<Int>) -> Int? {
    let range = range.clamped(to: 0..<count)
    var position = range.lowerBound
    while position <= range.upperBound - pattern.count,
      let found = memchr(base + position, Int32(pattern[0]), range.upperBound - position)
    {
      let offset = UnsafeRawPointer(found) - base
      if offset > range.upperBound - pattern.count { break }
      if memcmp(found, pattern, pattern.count) == 0 { return offset }
      position = offset + 1
    }
    return nil
  }
}
