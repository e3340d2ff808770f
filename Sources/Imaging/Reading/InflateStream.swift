import CZlib
import Records

/// Owns one zlib inflater: bytes in at one end, bytes out at the other, as many as asked for.
final class InflateStream {
  enum Wrapper: Int32 {
    /// Nothing around the stream (RFC 1951), as in DICOM.
    case raw = -15
    /// A zlib header, as in PNG.
    case zlib = 15
    /// A gzip header, and what follows it up to the end of that member.
    case gzip = 31
  }

  private var stream = z_stream()

  init(_ wrapper: Wrapper) throws(DecodeFailure) {
    // The corresponding C macro is `inflateInit2`.
    let code = inflateInit2_(&stream, wrapper.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    if code != Z_OK { throw DecodeFailure(.unreadable, "no memory for an inflater") }
  }

  deinit { inflateEnd(&stream) }

  /// Whether the stream, or its member, has come to its end.
  private(set) var isDone = false

  /// Begins with the next member.
  func restart() {
    inflateReset(&stream)
    isDone = false
  }

  /// How many bytes of the last input are left.
  var unread: Int { Int(stream.avail_in) }

  /// Inflates `source` until `target` is full or `source` is used up; returns how many bytes came. What is left of `source` must be handed in again.
  /// - Throws: `corrupt`.
  func inflate(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(DecodeFailure) -> Int {
    let block = min(source.count, Int(Int32.max))
    stream.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
    stream.avail_in = UInt32(block)
    var count = 0
    while count < target.count && !isDone {
      let room = min(target.count - count, Int(Int32.max))
      stream.next_out = target.baseAddress!.assumingMemoryBound(to: UInt8.self) + count
      stream.avail_out = UInt32(room)
      let code = CZlib.inflate(&stream, Z_NO_FLUSH)
      count += room - Int(stream.avail_out)
      switch code {
      case Z_OK: if stream.avail_in == 0 && stream.avail_out > 0 { return count }
      case Z_BUF_ERROR: return count
      case Z_STREAM_END: isDone = true
      default: throw DecodeFailure(.corrupt, "the compressed data cannot be inflated")
      }
    }
    return count
  }
}
