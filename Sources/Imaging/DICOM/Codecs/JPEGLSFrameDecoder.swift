import CCharLS
import Kernels
import Records

/// JPEG-LS, lossless and near lossless (ISO/IEC 14495-1): by a decoder of our own, and through CharLS what that lacks (restart markers, mapping
/// tables, colour transforms).
enum JPEGLSFrameDecoder {
  /// - Parameter stream: the frame header, of the size and number of samples that `layout` has.
  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: jpeg_frame, _ layout: SampleLayout, isYBR: Bool
  ) throws(DecodeFailure) -> StoredPixels {
    let precision = Int(stream.precision)
    guard (2...16).contains(precision) else {
      throw DecodeFailure(.unsupportedEncoding, "JPEG-LS of \(precision) bits")
    }
    let size = layout.count * CodeStreamSamples.width(of: precision)
    var stream = stream
    var status = Int32(jpeg_ok)
    var samples = [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      status = jpeg_decode_ls(bytes.baseAddress, bytes.count, &stream, target.baseAddress)
      filled = status == jpeg_ok ? size : 0
    }
    if status == jpeg_unsupported {
      samples = try decodeByCharLS(bytes, layout, size: size)
    } else {
      try CodecFailure.check(ofOurOwn: status, "JPEG-LS")
    }
    var converted = CodeStreamSamples(
      bytes: samples, columns: layout.columns, rows: layout.rows, precision: precision
    ).converted(to: layout.type)
    // The code stream knows no sign.
    if layout.description.isSigned { layout.setSign(&converted, precision: precision) }
    if isYBR { try ColourConversion.convert(&converted, layout) }
    return layout.picture(converted)
  }

  private static func decodeByCharLS(
    _ bytes: UnsafeBufferPointer<UInt8>, _ layout: SampleLayout, size: Int
  ) throws(DecodeFailure) -> [UInt8] {
    guard let decoder = charls_jpegls_decoder_create() else {
      throw DecodeFailure(.tooLarge, "no memory for a JPEG-LS decoder")
    }
    defer { charls_jpegls_decoder_destroy(decoder) }
    guard let source = bytes.baseAddress else { throw DecodeFailure(.truncated, "the JPEG-LS data are empty") }
    try check(charls_jpegls_decoder_set_source_buffer(decoder, source, bytes.count))
    try check(charls_jpegls_decoder_read_header(decoder))
    var frame = charls_frame_info()
    try check(charls_jpegls_decoder_get_frame_info(decoder, &frame))
    var interleaving = CHARLS_INTERLEAVE_MODE_NONE
    try check(charls_jpegls_decoder_get_interleave_mode(decoder, &interleaving))
    let width = CodeStreamSamples.width(of: Int(frame.bits_per_sample))
    guard Int(frame.width) == layout.columns, Int(frame.height) == layout.rows,
      Int(frame.component_count) == layout.samples, layout.count * width == size
    else { throw DecodeFailure(.corrupt, "the size of the JPEG-LS code stream is not the header's") }
    var code = CHARLS_JPEGLS_ERRC_SUCCESS
    let samples = [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      guard let start = target.baseAddress else { return }
      code = charls_jpegls_decoder_decode_to_buffer(decoder, start, size, 0)
      filled = code == CHARLS_JPEGLS_ERRC_SUCCESS ? size : 0
    }
    try check(code)
    let isPlanar = layout.samples > 1 && interleaving == CHARLS_INTERLEAVE_MODE_NONE
    return isPlanar ? NativePixels.interleaved(samples, layout.pixels, layout.samples, width) : samples
  }

  /// Turns a code of CharLS into an error.
  private static func check(_ code: charls_jpegls_errc) throws(DecodeFailure) {
    switch code {
    case CHARLS_JPEGLS_ERRC_SUCCESS: return
    case CHARLS_JPEGLS_ERRC_SOURCE_BUFFER_TOO_SMALL, CHARLS_JPEGLS_ERRC_END_OF_IMAGE_MARKER_NOT_FOUND:
      throw CodecFailure.truncated("JPEG-LS")
    case CHARLS_JPEGLS_ERRC_NOT_ENOUGH_MEMORY: throw CodecFailure.noMemory("JPEG-LS")
    case CHARLS_JPEGLS_ERRC_PARAMETER_VALUE_NOT_SUPPORTED, CHARLS_JPEGLS_ERRC_ENCODING_NOT_SUPPORTED,
      CHARLS_JPEGLS_ERRC_COLOR_TRANSFORM_NOT_SUPPORTED, CHARLS_JPEGLS_ERRC_BIT_DEPTH_FOR_TRANSFORM_NOT_SUPPORTED,
      CHARLS_JPEGLS_ERRC_JPEGLS_PRESET_EXTENDED_PARAMETER_TYPE_NOT_SUPPORTED:
      throw CodecFailure.unsupported("JPEG-LS")
    default: throw CodecFailure.corrupt("JPEG-LS")
    }
  }
}
