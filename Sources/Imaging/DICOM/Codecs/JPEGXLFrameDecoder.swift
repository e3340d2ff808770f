import CJPEGXL
import Records

/// JPEG XL (ISO/IEC 18181) through libjxl: grey or colour of up to 16 bits, in the code stream's own colour space.
enum JPEGXLFrameDecoder {
  static func decode(_ frame: UnsafeRawBufferPointer, _ layout: SampleLayout) throws(DecodeFailure) -> StoredPixels {
    guard layout.description.number == .integer, layout.description.bitsAllocated > 1 else {
      throw DecodeFailure(.unsupportedEncoding, "JPEG XL of samples that are not whole numbers of bytes")
    }
    guard let decoder = JxlDecoderCreate(nil) else { throw DecodeFailure(.tooLarge, "no memory for a JPEG XL decoder") }
    defer { JxlDecoderDestroy(decoder) }
    try check(JxlDecoderSubscribeEvents(decoder, Int32(JXL_DEC_BASIC_INFO.rawValue | JXL_DEC_FULL_IMAGE.rawValue)))
    try check(JxlDecoderSetInput(decoder, frame.bindMemory(to: UInt8.self).baseAddress, frame.count))
    JxlDecoderCloseInput(decoder)
    guard JxlDecoderProcessInput(decoder) == JXL_DEC_BASIC_INFO else {
      throw CodecFailure.corrupt("JPEG XL")
    }
    var info = JxlBasicInfo()
    try check(JxlDecoderGetBasicInfo(decoder, &info))
    let precision = Int(info.bits_per_sample)
    guard Int(info.xsize) == layout.columns, Int(info.ysize) == layout.rows,
      Int(info.num_color_channels) == layout.samples
    else { throw DecodeFailure(.corrupt, "the size of the JPEG XL code stream is not the header's") }
    guard (1...16).contains(precision), info.exponent_bits_per_sample == 0, info.have_animation == 0,
      precision <= layout.type.width * 8
    else {
      throw DecodeFailure(.unsupportedEncoding, "JPEG XL of \(precision) bits, of floating point or of moving pictures")
    }
    var bytes = try samples(decoder, layout, width: CodeStreamSamples.width(of: precision))
    unscale(&bytes, precision)
    let stored = CodeStreamSamples(bytes: bytes, columns: layout.columns, rows: layout.rows, precision: precision)
    return try layout.finished(stored.converted(to: layout.type), isYBR: false, isShifted: false)
  }

  private static func samples(
    _ decoder: OpaquePointer, _ layout: SampleLayout, width: Int
  ) throws(DecodeFailure) -> [UInt8] {
    var format = JxlPixelFormat(
      num_channels: UInt32(layout.samples), data_type: width == 1 ? JXL_TYPE_UINT8 : JXL_TYPE_UINT16,
      endianness: JXL_LITTLE_ENDIAN, align: 0)
    var bytes = [UInt8](repeating: 0, count: layout.count * width)
    guard JxlDecoderProcessInput(decoder) == JXL_DEC_NEED_IMAGE_OUT_BUFFER else {
      throw CodecFailure.truncated("JPEG XL")
    }
    let status = bytes.withUnsafeMutableBytes { raw in
      JxlDecoderSetImageOutBuffer(decoder, &format, raw.baseAddress, raw.count) == JXL_DEC_SUCCESS
        ? JxlDecoderProcessInput(decoder) : JXL_DEC_ERROR
    }
    switch status {
    case JXL_DEC_FULL_IMAGE: return bytes
    case JXL_DEC_NEED_MORE_INPUT: throw CodecFailure.truncated("JPEG XL")
    default: throw CodecFailure.corrupt("JPEG XL")
    }
  }

  /// The library spreads numbers of `precision` bits over all values of 8 or 16 bits.
  private static func unscale(_ bytes: inout [UInt8], _ precision: Int) {
    let top = (UInt32(1) << UInt32(precision)) - 1
    if precision < 8 {
      for i in bytes.indices { bytes[i] = UInt8(truncatingIfNeeded: (UInt32(bytes[i]) * top + 127) / 255) }
    } else if precision > 8 && precision < 16 {
      bytes.withUnsafeMutableBytes { raw in
        let samples = raw.bindMemory(to: UInt16.self)
        for i in samples.indices {
          samples[i] = UInt16(truncatingIfNeeded: (UInt32(samples[i]) * top + 32767) / 65535)
        }
      }
    }
  }

  private static func check(_ status: JxlDecoderStatus) throws(DecodeFailure) {
    guard status == JXL_DEC_SUCCESS else { throw CodecFailure.corrupt("JPEG XL") }
  }
}
