import Records

/// One frame's bytes in any transfer syntax to samples, exactly as pydicom's `pixel_array` hands them out.
///
/// Where a code stream and the header disagree, what pydicom makes of it is made here, if it makes a picture; else the frame is `corrupt`.
/// A frame that ends early is `truncated`, never filled up. Linear in the pixels; safe on any bytes; deterministic.
package enum FrameDecoder {
  /// The samples of one frame.
  /// - Parameters:
  ///   - frame: the native bytes of the frame, in little endian order and beginning with a byte, or all its fragments joined.
  ///   - reduction: how often the picture may be halved on the way: its sides become ⌈side / 2ʳ⌉ (JPEG by the DCT, up to 3 times;
  ///     JPEG 2000 as far as it has levels). Other encodings give the whole picture.
  /// - Throws: `truncated`, `corrupt`, `too_large` or `unsupported_encoding`.
  package static func decode(
    _ frame: UnsafeRawBufferPointer, _ transferSyntax: String, _ description: PixelDescription, reduction: Int = 0
  ) throws(DecodeFailure) -> StoredPixels {
    let encoding = try PixelEncoding(transferSyntax: transferSyntax)
    let layout = try SampleLayout(description)
    switch encoding {
    case .native: return try NativePixels.decode(frame, layout)
    case .runLength: return try RunLengthDecoder.decode(frame, layout)
    case .deflatedFrame: return try DeflatedFrameDecoder.decode(frame, layout)
    case .jpeg: return try JPEGFrameDecoder.decode(frame, layout, reduction: reduction)
    case .jpeg2000: return try JPEG2000FrameDecoder.decode(frame, layout, reduction: reduction)
    case .jpegXL: return try JPEGXLFrameDecoder.decode(frame, layout)
    }
  }
}
