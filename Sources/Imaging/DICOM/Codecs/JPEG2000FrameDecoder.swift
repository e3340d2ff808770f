import CCodecs
import Records

/// JPEG 2000 and high-throughput JPEG 2000 (ISO/IEC 15444-1, -2 and -15) through OpenJPEG, whose colour transforms it undoes.
enum JPEG2000FrameDecoder {
  static func decode(
    _ frame: UnsafeRawBufferPointer, _ layout: SampleLayout, reduction: Int
  ) throws(DecodeFailure) -> StoredPixels {
    guard layout.description.number == .integer else {
      throw DecodeFailure(.unsupportedEncoding, "JPEG 2000 of floating point samples")
    }
    // The library works on 32 bits a sample.
    guard layout.count <= SampleLayout.limit / 4 else {
      throw DecodeFailure(.tooLarge, "a JPEG 2000 frame of \(layout.count) samples")
    }
    var picture: OpaquePointer?
    defer { ccodecs_jpeg_2000_free(picture) }
    let code = ccodecs_jpeg_2000_decode(
      frame.bindMemory(to: UInt8.self).baseAddress, frame.count, UInt32(layout.columns), UInt32(layout.rows),
      UInt32(layout.samples), UInt32(min(max(reduction, 0), 32)), &picture)
    try CodecFailure.check(code, "JPEG 2000")
    var format = CCodecsJPEG2000Format()
    ccodecs_jpeg_2000_format(picture, &format)
    let (columns, rows, precision) = (Int(format.width), Int(format.height), Int(format.precision))
    let width = CodeStreamSamples.width(of: precision)
    let size = columns * rows * layout.samples * width
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      ccodecs_jpeg_2000_copy(picture, UInt32(width), target.baseAddress)
      filled = size
    }
    let samples = CodeStreamSamples(
      bytes: bytes, columns: columns, rows: rows, precision: precision, isSigned: format.is_signed != 0)
    return try finished(samples, layout)
  }

  /// As pydicom does: the header's sign wins over the code stream's, of grey pictures with the bits between filled anew.
  private static func finished(
    _ samples: CodeStreamSamples, _ layout: SampleLayout
  ) throws(DecodeFailure) -> StoredPixels {
    let (columns, rows, precision) = (samples.columns, samples.rows, samples.precision)
    let isOtherSign = samples.isSigned != layout.description.isSigned
    var bytes = samples.converted(to: layout.type)
    if isOtherSign, layout.description.photometric.hasPrefix("MONOCHROME") {
      layout.setSign(&bytes, precision: precision)
    }
    if layout.description.photometric.isYBR { try ColourConversion.convert(&bytes, layout) }
    return layout.picture(bytes, columns: columns, rows: rows)
  }
}
