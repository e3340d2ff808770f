import CCodecs
import Records

/// JPEG 2000 files (ISO/IEC 15444-1, -2 and -15), bare code streams and JP2, through OpenJPEG.
///
/// Stored samples are those of the code stream, palettes resolved and colour differences turned into RGB; transparency is the last sample. As looked
/// at: alpha over black, samples of up to 16 bits over the range of their bits, others between their 0.5th and 99.5th percentiles.
/// Profiles are ignored.
enum JPEG2000Decoder {
  /// Pixels that any file may state, and how many a byte of a larger one: empty blocks cost next to nothing, so that a few damaged bytes may
  /// state hours of work, while an empty slide still has several bytes for each of its blocks of 64 × 64.
  private static let freePixels = 1 << 24
  private static let pixelsPerByte = 4096

  static func read(_ path: String, _ options: ReadingOptions) throws(DecodeFailure) -> SourcePicture {
    let file = try FileBytes(path)
    return try withExtendedLifetime(file) { () throws(DecodeFailure) in try decode(file.bytes, options) }
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, _ options: ReadingOptions
  ) throws(DecodeFailure) -> SourcePicture {
    let header = try OpenJPEGPicture.header(bytes)
    let (width, height, components) = (Int(header.width), Int(header.height), Int(header.components))
    try DecodingLimits.check(width: width, height: height)
    guard components <= 4 else { throw DecodeFailure(.unsupportedEncoding, "a picture of \(components) components") }
    guard width * height <= max(freePixels, pixelsPerByte * bytes.count) else {
      throw DecodeFailure(.corrupt, "\(width) × \(height) pixels in \(bytes.count) bytes")
    }
    let reduction = options.isExact ? 1 : JPEGDecoder.reduction(width, height, options.preprocessing)
    let picture = try OpenJPEGPicture(
      bytes, columns: width, rows: height, components: components, reduction: reduction.trailingZeroBitCount)
    var facts = ImageFacts(
      kind: .jpeg2000, width: width, height: height, frames: 1, bits: Int(picture.format.precision),
      samples: Int(picture.format.components))
    facts.hasColourProfile = picture.format.has_profile != 0
    let stored = try samples(of: picture)
    let (shown, rendering) = try shades(of: stored, picture.format)
    facts.rendering = rendering
    return SourcePicture(stored: stored, picture: shown, facts: facts)
  }

  private static func samples(of picture: OpenJPEGPicture) throws(DecodeFailure) -> StoredPixels {
    let format = picture.format
    guard format.is_uniform != 0 else {
      throw DecodeFailure(.unsupportedEncoding, "JPEG 2000 components of different depths")
    }
    let type: StoredPixels.SampleType =
      switch (picture.samples.width, format.is_signed != 0) {
      case (1, false): .uint8
      case (1, true): .int8
      case (2, false): .uint16
      case (2, true): .int16
      case (_, false): .uint32
      case (_, true): .int32
      }
    var bytes = picture.samples.bytes
    switch Int(format.colours) {
    case Int(CCODECS_GREY), Int(CCODECS_RGB): break
    case Int(CCODECS_YCC):
      guard format.has_alpha == 0 else {
        throw DecodeFailure(.unsupportedEncoding, "JPEG 2000 colour differences with transparency")
      }
      try ColourConversion.convert(&bytes, type, bits: picture.samples.precision)
    default: throw DecodeFailure(.unsupportedEncoding, "JPEG 2000 colours that are neither grey, RGB nor YCC")
    }
    return StoredPixels(
      bytes: bytes, columns: picture.samples.columns, rows: picture.samples.rows, samples: Int(format.components),
      type: type)
  }

  private static func shades(
    of stored: StoredPixels, _ format: CCodecsJPEG2000Format
  ) throws(DecodeFailure) -> (Picture, Rendering) {
    let precision = Int(format.precision)
    let hasAlpha = format.has_alpha != 0
    guard stored.type == .uint8 || stored.type == .uint16 else {
      let kept = stored.keeping(first: stored.samples - (hasAlpha ? 1 : 0))
      return (ValueWindow.picture(kept, .percentiles(of: kept)), .percentiles)
    }
    let isFull = precision == 8 * stored.type.width
    if hasAlpha {
      guard isFull else {
        throw DecodeFailure(.unsupportedEncoding, "transparent JPEG 2000 of \(precision) bits")
      }
      return (stored.overBlack(), .stored)
    }
    if isFull { return (Picture(stored), .stored) }
    return (Picture(stored, .over((1 << precision) - 1, stored.type)), .stored)
  }
}
