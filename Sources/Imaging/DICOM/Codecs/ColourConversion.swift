import Records

/// YBR_FULL to RGB (PS3.3 C.7.6.3.1.2; ITU-T T.871 section 7), rounded half up as pydicom rounds.
enum ColourConversion {
  /// Converts interleaved samples in place.
  static func convert(_ bytes: inout [UInt8], _ layout: SampleLayout) throws(DecodeFailure) {
    guard layout.samples == 3 else { throw DecodeFailure(.corrupt, "YBR of \(layout.samples) samples a pixel") }
    try convert(&bytes, layout.type, bits: layout.type == .uint8 ? 8 : layout.description.bitsStored)
  }

  /// Converts interleaved samples, of which `bits` are used, in place.
  static func convert(
    _ bytes: inout [UInt8], _ type: StoredPixels.SampleType, bits: Int
  ) throws(DecodeFailure) {
    switch type {
    case .uint8: bytes.withUnsafeMutableBufferPointer { convert($0, bits: bits) }
    case .uint16: bytes.withUnsafeMutableBytes { convert($0.bindMemory(to: UInt16.self), bits: bits) }
    default: throw DecodeFailure(.unsupportedEncoding, "YBR of samples that are not 8 or 16 bits without sign")
    }
  }

  /// Single precision with one rounding for each product and sum, as pydicom's matrix product has on machines with fused multiplication:
  /// of the 2²⁴ colours of 8 bits none differs.
  private static func convert<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: UnsafeMutableBufferPointer<Sample>, bits: Int
  ) {
    let redOfRed = Double(Float(1.402))
    let greenOfBlue = Double(Float(-0.114 * 1.772 / 0.587))
    let greenOfRed = Double(Float(-0.299 * 1.402 / 0.587))
    let blueOfBlue = Double(Float(1.772))
    let centre = Double(UInt64(1) << UInt64(bits - 1))
    let top = Float((UInt64(1) << UInt64(bits)) - 1)
    var i = 0
    while i + 2 < samples.count {
      let luma = Double(samples[i])
      let blue = Double(samples[i + 1]) - centre
      let red = Double(samples[i + 2]) - centre
      let green = Double(Float(luma + greenOfBlue * blue)) + greenOfRed * red
      samples[i] = rounded(Float(luma + redOfRed * red), top)
      samples[i + 1] = rounded(Float(green), top)
      samples[i + 2] = rounded(Float(luma + blueOfBlue * blue), top)
      i += 3
    }
  }

  @inline(__always)
  private static func rounded<Sample: FixedWidthInteger>(_ value: Float, _ top: Float) -> Sample {
    // Of numbers that are not negative, cutting off is rounding down.
    Sample(truncatingIfNeeded: Int32(min(max(value + 0.5, 0), top)))
  }
}
