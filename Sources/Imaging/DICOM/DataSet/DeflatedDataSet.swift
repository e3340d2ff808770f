import CZlib
import Foundation

/// Undoes Deflated Explicit VR Little Endian: the data set is one raw deflate stream (PS3.5 A.5, RFC 1951).
enum DeflatedDataSet {
  /// What is inflated at most, so that a small file cannot ask for all memory.
  static let maximumBytes = 1 << 30

  /// What the stream holds; cut short where the stream is, whatever follows it is ignored.
  /// - Throws: `corrupt` where nothing can be inflated, `too_large`.
  static func inflate(_ source: DICOMBytes, from start: Int) throws(DecodeFailure) -> DICOMBytes {
    try source.withBytes(start..<source.count) { (input) throws(DecodeFailure) in try inflate(input) }
  }

  private static func inflate(_ input: UnsafeRawBufferPointer) throws(DecodeFailure) -> DICOMBytes {
    var stream = z_stream()
    guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw DecodeFailure(.tooLarge, "no memory to inflate the data set")
    }
    defer { inflateEnd(&stream) }
    var capacity = min(max(4 * input.count, 1 << 16), maximumBytes)
    var memory = malloc(capacity)
    var (used, consumed) = (0, 0)
    while let start = memory {
      let given = min(input.count - consumed, Int(UInt32.max))
      let room = min(capacity - used, Int(UInt32.max))
      stream.next_in = UnsafeMutablePointer(
        mutating: input.baseAddress?.advanced(by: consumed).assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(given)
      stream.next_out = start.advanced(by: used).assumingMemoryBound(to: UInt8.self)
      stream.avail_out = UInt32(room)
      let code = CZlib.inflate(&stream, Z_NO_FLUSH)
      consumed += given - Int(stream.avail_in)
      used += room - Int(stream.avail_out)
      // A stream that breaks off gives what came before: what is missing shows when it is asked for.
      if code != Z_OK || (consumed == input.count && used < capacity) { break }
      if used < capacity { continue }
      guard capacity < maximumBytes else {
        free(start)
        throw DecodeFailure(.tooLarge, "a data set that inflates to more than \(maximumBytes) bytes")
      }
      capacity = min(2 * capacity, maximumBytes)
      let larger = realloc(start, capacity)
      if larger == nil { free(start) }
      memory = larger
    }
    guard let memory else { throw DecodeFailure(.tooLarge, "no memory to inflate the data set") }
    let bytes = DICOMBytes(owning: memory, count: used)
    if used == 0 { throw DecodeFailure(.corrupt, "the data set cannot be inflated") }
    return bytes
  }
}
