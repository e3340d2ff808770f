import Records

/// Deflated Image Frame Compression (PS3.5 A.4.13): the native bytes of one frame as a raw deflate stream (RFC 1951).
enum DeflatedFrameDecoder {
  static func decode(_ frame: UnsafeRawBufferPointer, _ layout: SampleLayout) throws(DecodeFailure) -> StoredPixels {
    let needed = layout.nativeBytes
    guard needed <= SampleLayout.limit else {
      throw DecodeFailure(.tooLarge, "a deflated frame of \(needed) bytes")
    }
    let native = UnsafeMutableRawBufferPointer.allocate(byteCount: needed, alignment: 16)
    defer { native.deallocate() }
    let count = try InflateStream(.raw).inflate(frame, into: native)
    guard count == needed else { throw DecodeFailure(.truncated, "\(count) inflated bytes of \(needed)") }
    return try NativePixels.decode(UnsafeRawBufferPointer(native), layout)
  }
}
