/// DICOM colour as planes of red, green and blue in 0…1: RGB, YBR_FULL and PALETTE COLOR (PS3.3 C.7.6.3.1.2).
enum ColourRendering {
  /// - Parameter palette: the red (0), green (1) and blue (2) table, asked for only by PALETTE COLOR.
  static func planes(
    of stored: DICOMPixels, palette: (Int) -> LookupTable?
  ) throws(DecodeFailure) -> [Float] {
    let pixels = stored.rows * stored.columns
    let width = stored.bitsAllocated / 8
    guard [8, 16, 32].contains(stored.bitsAllocated), (1...stored.bitsAllocated).contains(stored.bitsStored) else {
      throw DecodeFailure(
        .unsupportedEncoding, "colour of \(stored.bitsStored) in \(stored.bitsAllocated) bits a sample")
    }
    guard stored.bytes.count >= pixels * stored.samples * width else {
      throw DecodeFailure(.truncated, "\(stored.bytes.count) pixel bytes of \(pixels * stored.samples * width)")
    }
    let samples = Samples(stored)
    switch (stored.photometric, stored.samples) {
    case ("PALETTE COLOR", 1): return try paletted(samples, pixels, palette)
    case ("RGB", 3), ("YBR_RCT", 3), ("YBR_ICT", 3):
      // The JPEG 2000 transforms are undone by its codec.
      let scale = 1 / Float((UInt64(1) << UInt64(stored.bitsStored)) - 1)
      return (0..<3 * pixels).map { min(Float(samples[pixel: $0 % pixels, $0 / pixels]) * scale, 1) }
    case ("YBR_FULL", 3), ("YBR_FULL_422", 3):
      guard stored.bitsAllocated == 8 else {
        throw DecodeFailure(.unsupportedEncoding, "YBR_FULL of \(stored.bitsAllocated) bits")
      }
      return converted(samples, pixels)
    default: throw DecodeFailure(.unsupportedEncoding, "a photometric interpretation that is not read")
    }
  }

  private static func paletted(
    _ samples: Samples, _ pixels: Int, _ palette: (Int) -> LookupTable?
  ) throws(DecodeFailure) -> [Float] {
    var planes: [Float] = []
    planes.reserveCapacity(3 * pixels)
    for channel in 0..<3 {
      guard let table = palette(channel) else { throw DecodeFailure(.corrupt, "a palette is missing or too short") }
      // Some writers keep 16-bit entries under an 8-bit descriptor.
      let bits = table.entries.contains { $0 > 255 } ? 16 : table.bits
      let scale = 1 / Float((1 << bits) - 1)
      planes += (0..<pixels).map { min(Float(table(Int(samples[pixel: $0, 0]))) * scale, 1) }
    }
    return planes
  }

  /// ITU-R BT.601 full range, rounded to 8 bits as every other reader does.
  private static func converted(_ samples: Samples, _ pixels: Int) -> [Float] {
    var planes = [Float](repeating: 0, count: 3 * pixels)
    for i in 0..<pixels {
      let y = Float(samples[pixel: i, 0])
      let blue = Float(samples[pixel: i, 1]) - 128
      let red = Float(samples[pixel: i, 2]) - 128
      let rgb = (y + 1.402 * red, y - 0.114 * 1.772 / 0.587 * blue - 0.299 * 1.402 / 0.587 * red, y + 1.772 * blue)
      planes[i] = min(max((rgb.0 + 0.5).rounded(.down), 0), 255) / 255
      planes[pixels + i] = min(max((rgb.1 + 0.5).rounded(.down), 0), 255) / 255
      planes[2 * pixels + i] = min(max((rgb.2 + 0.5).rounded(.down), 0), 255) / 255
    }
    return planes
  }

  /// Stored samples by pixel and channel, whatever their width and arrangement.
  private struct Samples {
    private let bytes: [UInt8]
    private let width: Int
    private let pixelStride: Int
    private let channelStride: Int
    private let shift: UInt32
    private let mask: UInt32

    init(_ stored: DICOMPixels) {
      bytes = stored.bytes
      width = stored.bitsAllocated / 8
      pixelStride = stored.isPlanar ? 1 : stored.samples
      channelStride = stored.isPlanar ? stored.rows * stored.columns : 1
      shift = UInt32(max(stored.highBit + 1 - stored.bitsStored, 0))
      mask = stored.bitsStored == 32 ? .max : (1 << UInt32(stored.bitsStored)) - 1
    }

    subscript(pixel pixel: Int, channel: Int) -> UInt32 {
      let start = (pixel * pixelStride + channel * channelStride) * width
      var value: UInt32 = 0
      for k in 0..<width { value |= UInt32(bytes[start + k]) << UInt32(8 * k) }
      return (value >> shift) & mask
    }
  }
}
