import Foundation
import Records

/// All bytes of a file in memory of its own: read once, never mapped, because a mapped file that shrinks kills its reader.
final class FileBytes {
  /// Nothing longer is read as a whole.
  static let limit = 1 << 30

  let bytes: UnsafeRawBufferPointer

  /// - Throws: `missing_file`, `permission_denied`, `unreadable`, `empty_file`, `too_large`.
  init(_ path: String) throws(DecodeFailure) {
    let size = try FileState(path).size
    guard size <= FileBytes.limit else {
      throw DecodeFailure(.tooLarge, "a file of \(size) bytes that is read as a whole; at most \(FileBytes.limit)")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileState.failure(errno) }
    defer { close(descriptor) }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(size), alignment: 16)
    var count = 0
    while count < memory.count {
      let got = read(descriptor, memory.baseAddress! + count, memory.count - count)
      if got < 0 && errno == EINTR { continue }
      if got <= 0 {
        let failure =
          got < 0
          ? FileState.failure(errno) : DecodeFailure(.changedWhileReading, "the file became shorter while it was read")
        memory.deallocate()
        throw failure
      }
      count += got
    }
    bytes = UnsafeRawBufferPointer(memory)
  }

  deinit { bytes.deallocate() }
}

/// Numbers at a place in bytes: nil where the place is not inside.
extension UnsafeRawBufferPointer {
  /// `count` bytes from `offset`, or nil.
  func slice(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer? {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
    return UnsafeRawBufferPointer(rebasing: self[offset..<offset + count])
  }

  func byte(_ offset: Int) -> UInt8? { offset >= 0 && offset < count ? self[offset] : nil }

  func integer<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type, bigEndian: Bool) -> Number? {
    guard let place = slice(offset, MemoryLayout<Number>.size) else { return nil }
    let raw = place.loadUnaligned(as: Number.self)
    return bigEndian ? Number(bigEndian: raw) : Number(littleEndian: raw)
  }

  func starts(_ text: StaticString, at offset: Int = 0) -> Bool {
    guard let place = slice(offset, text.utf8CodeUnitCount) else { return false }
    return text.withUTF8Buffer { place.elementsEqual($0) }
  }
}
