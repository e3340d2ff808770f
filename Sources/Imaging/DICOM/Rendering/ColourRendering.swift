/// DICOM colour as tones: RGB, and PALETTE COLOR plain or segmented (PS3.3 C.7.6.3.1.2, C.7.9). YBR was turned into RGB when it was decoded.
///
/// Palettes beside a greyscale (supplemental ones) and alpha palettes are ignored.
enum ColourRendering {
  /// - Throws: `unsupported_encoding`, `corrupt` for a palette that is missing or too short.
  static func tone(
    for stored: StoredPixels, _ description: PixelDescription, _ levels: [DICOMDataSet]
  ) throws(DecodeFailure) -> Tone {
    switch (description.photometric, stored.samples) {
    case ("PALETTE COLOR", 1): return try palette(stored, description, levels)
    case ("RGB", 3), ("YBR_FULL", 3), ("YBR_FULL_422", 3), ("YBR_PARTIAL_422", 3), ("YBR_PARTIAL_420", 3),
      ("YBR_ICT", 3), ("YBR_RCT", 3):
      return try colours(stored, description)
    default:
      throw DecodeFailure(
        .unsupportedEncoding, "a photometric interpretation that is not read, of \(stored.samples) samples a pixel")
    }
  }

  /// Over the range of the bits that are stored.
  private static func colours(
    _ stored: StoredPixels, _ description: PixelDescription
  ) throws(DecodeFailure) -> Tone {
    let (bits, width) = (description.bitsStored, 8 * stored.type.width)
    switch stored.type {
    case .uint8, .uint16:
      if bits >= width || bits < 1 { return .unit }
      let top = Double((1 << bits) - 1)
      return .table((0..<1 << width).map { Float(min(Double($0) / top, 1)) })
    case .uint32:
      let top = Double(sign: .plus, exponent: min(max(bits, 1), 32), significand: 1) - 1
      let pixels = stored.rows * stored.columns
      return .shades(
        (0..<3 * pixels).map { Float(min(stored[($0 % pixels) * 3 + $0 / pixels] / top, 1)) }, channels: 3)
    default: throw DecodeFailure(.unsupportedEncoding, "colour of \(stored.type.rawValue) samples")
    }
  }

  private static func palette(
    _ stored: StoredPixels, _ description: PixelDescription, _ levels: [DICOMDataSet]
  ) throws(DecodeFailure) -> Tone {
    guard stored.type.width <= 2 else {
      throw DecodeFailure(.unsupportedEncoding, "palette indices of \(stored.type.rawValue)")
    }
    var channels: [[Float]] = []
    for tags in DICOMTag.palettes {
      let table = levels.nearest { level -> LookupTable? in
        let descriptor = level.words(tags.descriptor)
        let plain = LookupTable(
          descriptor: descriptor, data: level.words(tags.data), isSigned: description.isSigned)
        return plain
          ?? LookupTable(
            descriptor: descriptor, segments: level.words(tags.segmented), isSigned: description.isSigned)
      }
      guard let table else { throw DecodeFailure(.corrupt, "a palette is missing or too short") }
      channels.append(
        (0..<1 << (8 * stored.type.width)).map { pattern in
          let index =
            switch stored.type {
            case .int8: Int(Int8(bitPattern: UInt8(pattern)))
            case .int16: Int(Int16(bitPattern: UInt16(pattern)))
            default: pattern
            }
          return Float(min(Double(table(index)) / table.maximum, 1))
        })
    }
    return .palette(red: channels[0], green: channels[1], blue: channels[2])
  }
}
