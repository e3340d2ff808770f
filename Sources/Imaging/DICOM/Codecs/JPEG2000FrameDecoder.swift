import Records

/// JPEG 2000 and high-throughput JPEG 2000 (ISO/IEC 15444-1, -2 and -15) through OpenJPEG, whose colour transforms it undoes.
enum JPEG2000FrameDecoder {
  static func decode(
    _ frame: UnsafeRawBufferPointer, _ layout: SampleLayout, reduction: Int
  ) throws(DecodeFailure) -> StoredPixels {
    guard layout.description.number == .integer else {
      throw DecodeFailure(.unsupportedEncoding, "JPEG 2000 of floating point samples")
    }
    let picture = try OpenJPEGPicture(
      frame, columns: layout.columns, rows: layout.rows, components: layout.samples, reduction: reduction)
    guard Int(picture.format.components) == layout.samples else {
      throw DecodeFailure(.corrupt, "a JPEG 2000 frame with a palette of its own")
    }
    return try finished(picture.samples, layout)
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
