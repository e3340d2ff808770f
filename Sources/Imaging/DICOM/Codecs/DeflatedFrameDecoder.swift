import CZlib
import Records

/// Deflated Image Frame Compression (PS3.5 A.4.13): the native bytes of one frame as a raw deflate stream (RFC 1951).
enum DeflatedFrameDecoder {
  static func decode(_ frame: UnsafeRawBufferPointer, _ layout: SampleLayout) throws(DecodeFailure) -> StoredPixels {
    let needed = layout.nativeBytes
    let native = try inflated(frame.bindMemory(to: UInt8.self), needed)
    let outcome = native.withUnsafeBytes { raw in
      Result { () throws(DecodeFailure) in try NativePixels.decode(raw, layout) }
    }
    return try outcome.get()
  }

  /// The first `count` bytes of the stream.
  private static func inflated(_ source: UnsafeBufferPointer<UInt8>, _ count: Int) throws(DecodeFailure) -> [UInt8] {
    guard count <= SampleLayout.limit, source.count <= UInt32.max else {
      throw DecodeFailure(.tooLarge, "a deflated frame of \(count) bytes")
    }
    var stream = z_stream()
    guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw DecodeFailure(.tooLarge, "no memory to inflate a frame")
    }
    defer { inflateEnd(&stream) }
    stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
    stream.avail_in = UInt32(source.count)
    var status = Z_OK
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(count)
      status = inflate(&stream, Z_FINISH)
      filled = count - Int(stream.avail_out)
    }
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw DecodeFailure(.corrupt, "the deflated frame cannot be inflated")
    }
    guard bytes.count == count else { throw DecodeFailure(.truncated, "\(bytes.count) inflated bytes of \(count)") }
    return bytes
  }
}
