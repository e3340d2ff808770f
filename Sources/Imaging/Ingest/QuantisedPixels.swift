import Tensors

/// One preprocessed picture as integers, waiting for the stack: planes [channels, size, size], rounded to the nearest step.
enum QuantisedPixels: Sendable {
  case bits8([UInt8])
  case bits16([UInt16])

  init(_ image: DecodedImage, bits: Int) {
    self =
      bits == 8
      ? .bits8(image.pixels.map { UInt8(QuantisedPixels.shade($0) * 255 + 0.5) })
      : .bits16(image.pixels.map { UInt16(QuantisedPixels.shade($0) * 65535 + 0.5) })
  }

  /// Within 0…1 even if a dying decoder sent nonsense: a number that is none becomes 0.
  private static func shade(_ value: Float) -> Float { value > 0 ? min(value, 1) : 0 }

  private var count: Int {
    switch self {
    case .bits8(let samples): samples.count
    case .bits16(let samples): samples.count
    }
  }

  /// All pictures one after the other: three channels if any of them has three, grey then repeated.
  static func stack(_ pictures: [QuantisedPixels], size: Int, bits: Int) -> PixelStack {
    let plane = size * size
    let channels = pictures.contains { $0.count > plane } ? 3 : 1
    func joined<Sample>(_ samples: (QuantisedPixels) -> [Sample]) -> [Sample] {
      var all: [Sample] = []
      all.reserveCapacity(pictures.count * channels * plane)
      for picture in pictures {
        let own = samples(picture)
        for _ in 0..<(channels * plane / own.count) { all += own }
      }
      return all
    }
    let samples: PixelStack.Samples =
      bits == 8
      ? .bits8(joined { if case .bits8(let own) = $0 { own } else { preconditionFailure("mixed depths") } })
      : .bits16(joined { if case .bits16(let own) = $0 { own } else { preconditionFailure("mixed depths") } })
    return PixelStack(count: pictures.count, channels: channels, height: size, width: size, samples: samples)
  }
}
