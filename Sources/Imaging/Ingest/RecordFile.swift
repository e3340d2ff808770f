import Foundation

/// A file of byte records, written once from the top and then read as often as wanted: what would not fit in memory.
///
/// It loses its name as soon as it is made, so that nothing is left of it however the program ends. Its space is that of `folder`'s disk.
/// One writer; readers are independent of each other. Not for use by several threads at once.
final class RecordFile: @unchecked Sendable {
  private let descriptor: Int32
  private var pending: [UInt8] = []
  private var flushed = 0
  private static let block = 1 << 18

  /// - Throws: `SpillError` when the disk refuses.
  init(in folder: URL) throws {
    var template = Array((folder.path + "/.spill-XXXXXX").utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw SpillError(code: errno) }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(descriptor) }

  /// Where the next record will begin.
  var end: Int { flushed + pending.count }

  func append(_ record: UnsafeRawBufferPointer) throws {
    withUnsafeBytes(of: UInt64(record.count).littleEndian) { pending.append(contentsOf: $0) }
    pending.append(contentsOf: record)
    if pending.count >= RecordFile.block { try flush() }
  }

  func append(_ record: [UInt8]) throws { try record.withUnsafeBytes { try append($0) } }

  func flush() throws {
    try pending.withUnsafeBytes { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(flushed))
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { throw SpillError(code: errno) }
        flushed += count
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Reads the records between two places, in order. - Precondition: everything was flushed.
  func reader(_ range: Range<Int>? = nil) -> Reader {
    precondition(pending.isEmpty, "\(pending.count) bytes were not flushed")
    return Reader(self, range ?? 0..<flushed)
  }

  struct Reader {
    private let file: RecordFile
    private var offset: Int
    private let end: Int
    private var held: [UInt8] = []
    private var place = 0

    fileprivate init(_ file: RecordFile, _ range: Range<Int>) {
      self.file = file
      offset = range.lowerBound
      end = range.upperBound
    }

    /// The next record, or nil after the last.
    mutating func next() throws -> [UInt8]? {
      if place == held.count && offset == end { return nil }
      try need(8)
      var length: UInt64 = 0
      withUnsafeMutableBytes(of: &length) { $0.copyBytes(from: held[place..<place + 8]) }
      let count = Int(UInt64(littleEndian: length))
      place += 8
      try need(count)
      defer { place += count }
      return Array(held[place..<place + count])
    }

    /// Makes sure that `count` bytes are held from `place` on.
    private mutating func need(_ count: Int) throws {
      if held.count - place >= count { return }
      held.removeFirst(place)
      place = 0
      let wanted = min(max(count - held.count, 1 << 16), end - offset)
      guard held.count + wanted >= count else { throw SpillError(code: EIO) }
      let old = held.count
      held.append(contentsOf: repeatElement(0, count: wanted))
      try held.withUnsafeMutableBytes { bytes in
        var filled = old
        while filled < bytes.count {
          let count = pread(file.descriptor, bytes.baseAddress! + filled, bytes.count - filled, off_t(offset))
          if count < 0 && errno == EINTR { continue }
          if count <= 0 { throw SpillError(code: count < 0 ? errno : EIO) }
          filled += count
          offset += count
        }
      }
    }
  }
}

/// What doesn't fit in memory could not be put on disk, or not be read back.
public struct SpillError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The system's error number.
  public let code: Int32
  public var description: String { "a temporary file cannot be written or read: \(String(cString: strerror(code)))" }
}
