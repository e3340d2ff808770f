/// One preprocessed picture as integers of 8 or 16 bits, as `images.h5` will hold them: planes [channels, size, size], rounded to the nearest
/// step, in this machine's byte order.
struct QuantisedPixels: Sendable {
  let bytes: [UInt8]
  let channels: Int

  init(_ image: DecodedImage, bits: Int) {
    channels = image.channels
    if bits == 8 {
      bytes = image.pixels.map { UInt8(QuantisedPixels.shade($0) * 255 + 0.5) }
    } else {
      bytes = [UInt8](unsafeUninitializedCapacity: image.pixels.count * 2) { buffer, count in
        for (index, value) in image.pixels.enumerated() {
          let sample = UInt16(QuantisedPixels.shade(value) * 65535 + 0.5)
          UnsafeMutableRawBufferPointer(buffer).storeBytes(of: sample, toByteOffset: 2 * index, as: UInt16.self)
        }
        count = image.pixels.count * 2
      }
    }
  }

  /// Within 0…1 even if a dying decoder sent nonsense: a number that is none becomes 0.
  private static func shade(_ value: Float) -> Float { value > 0 ? min(value, 1) : 0 }
}
