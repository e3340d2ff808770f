import Foundation

/// What goes wrong with slides, planted in tiles `[y, x, RGB]` of `size` × `size`. Deterministic in the seed.
struct PlantedCorruption {
  enum Kind: CaseIterable { case pen, blur, fold, glass }

  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  /// 0…1.
  private mutating func number() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) / 0x1p53
  }

  mutating func plant(_ kind: Kind, in pixels: [UInt8], size: Int) -> [UInt8] {
    switch kind {
    case .pen: pen(pixels, size)
    case .blur: blur(pixels, size, sigma: 2)
    case .fold: fold(pixels, size)
    case .glass: glass(pixels, size)
    }
  }

  /// A stroke of green, blue, black or red ink across the tile, 20 to 50 µm wide at 0.5 µm a pixel: light that goes through it, or most of it not.
  private mutating func pen(_ pixels: [UInt8], _ size: Int) -> [UInt8] {
    let inks: [[Double]] = [
      [0.1, 0.5, 0.25], [0.05, 0.35, 0.2], [0.1, 0.2, 0.6], [0.05, 0.25, 0.55], [0.08, 0.08, 0.1], [0.15, 0.14, 0.15],
      [0.75, 0.08, 0.12], [0.85, 0.1, 0.1],
    ]
    let ink = inks[Int(number() * 7.999)]
    let isOpaque = number() < 0.5
    return strip(pixels, size, width: 40 + 60 * number(), waviness: 8) { value, channel, share in
      let light = value / 255
      let inked = isOpaque ? 0.8 * ink[channel] + 0.2 * light : light * ink[channel]
      return 255 * ((1 - share) * light + share * inked)
    }
  }

  /// A strip in which tissue lies double: twice the optical density.
  private mutating func fold(_ pixels: [UInt8], _ size: Int) -> [UInt8] {
    strip(pixels, size, width: 50 + 60 * number(), waviness: 3) { value, _, share in
      255 * pow(max(value, 1) / 255, 1 + share)
    }
  }

  private mutating func strip(
    _ pixels: [UInt8], _ size: Int, width: Double, waviness: Double,
    _ change: (_ value: Double, _ channel: Int, _ share: Double) -> Double
  ) -> [UInt8] {
    let angle = number() * .pi
    let (cx, cy) = ((0.35 + 0.3 * number()) * Double(size), (0.35 + 0.3 * number()) * Double(size))
    var result = pixels
    for y in 0..<size {
      for x in 0..<size {
        let across = (Double(x) - cx) * sin(angle) - (Double(y) - cy) * cos(angle)
        let distance = abs(across + waviness * sin(Double(x + y) / 45))
        let share = min(max((width / 2 - distance) / 3 + 0.5, 0), 1)
        if share == 0 { continue }
        for channel in 0..<3 {
          let i = 3 * (y * size + x) + channel
          result[i] = UInt8(min(max(change(Double(pixels[i]), channel, share), 0), 255) + 0.5)
        }
      }
    }
    return result
  }

  /// Glass where there was tissue, but for a strip at one side of 5 to 20 % of the tile.
  private mutating func glass(_ pixels: [UInt8], _ size: Int) -> [UInt8] {
    let kept = Int((0.05 + 0.15 * number()) * Double(size))
    return pixels.enumerated().map { i, value in i / 3 % size < kept ? value : 243 }
  }

  /// A Gaussian, as out of focus, rounded to 8 bits.
  private func blur(_ pixels: [UInt8], _ size: Int, sigma: Double) -> [UInt8] {
    let radius = Int(4 * sigma)
    let weights = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let total = weights.reduce(0, +)
    func pass(_ source: [Double], _ step: Int, _ place: (Int) -> Int) -> [Double] {
      var target = [Double](repeating: 0, count: source.count)
      for i in 0..<size * size {
        let at = place(i)
        for k in -radius...radius {
          let from = i + (min(max(at + k, 0), size - 1) - at) * step
          for channel in 0..<3 { target[3 * i + channel] += weights[k + radius] / total * source[3 * from + channel] }
        }
      }
      return target
    }
    let across = pass(pixels.map { Double($0) }, 1) { $0 % size }
    return pass(across, size) { $0 / size }.map { UInt8(min($0 + 0.5, 255)) }
  }
}
