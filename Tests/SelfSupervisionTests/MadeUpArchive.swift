import Foundation
import Tensors

/// Small archives, made up, of three sorts as far apart as those of medicine.
enum MadeUpArchive: String, CaseIterable {
  /// Stained tissue: pink ground, dark round nuclei; kinds differ in their number and size.
  case tissue
  /// Grey, 8 bits: an outline, a bright or a dark patch inside; kinds differ in the outline.
  case radiographs
  /// Stripes over a tint, in colour.
  case stripes

  /// `count` pictures of 16 × 16, of four kinds in turn.
  func images(_ count: Int, seed: UInt64 = 5) -> PixelStack {
    var samples: [UInt8] = []
    for image in 0..<count {
      var generator = Seed(seed).split(rawValue).split(image).generator()
      let values = picture(kind: image % 4, &generator)
      samples += values.map { UInt8(min(max($0, 0), 1) * 255) }
    }
    return PixelStack(count: count, channels: 3, height: 16, width: 16, samples: .bits8(samples))
  }

  /// [3, 16, 16], about 0…1.
  private func picture(kind: Int, _ generator: inout RandomGenerator) -> [Double] {
    var planes = [Double](repeating: 0, count: 768)
    switch self {
    case .tissue:
      let ground = [0.9, 0.65 + generator.uniform(-0.1...0.1), 0.8]
      let nuclei = kind % 2 == 0 ? 4 : 14
      let radius = kind < 2 ? 1.2 : 2.4
      let centres = (0..<nuclei).map { _ in (generator.uniform(0...16), generator.uniform(0...16)) }
      for pixel in 0..<256 {
        let (x, y) = (Double(pixel % 16), Double(pixel / 16))
        let isNucleus = centres.contains { hypot($0.0 - x, $0.1 - y) < radius }
        for channel in 0..<3 {
          planes[channel * 256 + pixel] =
            (isNucleus ? [0.35, 0.2, 0.5][channel] : ground[channel]) + 0.03 * generator.normal()
        }
      }
    case .radiographs:
      let (cx, cy) = (generator.uniform(6...10), generator.uniform(6...10))
      let (level, inside) = (generator.uniform(0.05...0.15), generator.uniform(0.4...0.7))
      for pixel in 0..<256 {
        let (x, y) = (Double(pixel % 16) - cx, Double(pixel / 16) - cy)
        let isInside =
          switch kind {
          case 0: hypot(x, y) < 6
          case 1: abs(x) < 2.5
          case 2: hypot(abs(x) - 3.5, y) < 3
          default: abs(x) + abs(y) < 4
          }
        let value = (isInside ? inside - 0.03 * abs(y) : level) + 0.03 * generator.normal()
        for channel in 0..<3 { planes[channel * 256 + pixel] = value }
      }
    case .stripes:
      let (phase, contrast) = (generator.uniform(0...6), generator.uniform(0.1...0.25))
      let frequency = kind % 2 == 0 ? 0.6 : 1.6
      let level = generator.uniform(0.3...0.6)
      for pixel in 0..<256 {
        let (x, y) = (Double(pixel % 16), Double(pixel / 16))
        let stripes = contrast * sin((kind < 2 ? x : y) * frequency + phase)
        for channel in 0..<3 {
          planes[channel * 256 + pixel] =
            level + 0.08 * Double(channel - 1) + stripes + 0.03 * generator.normal()
        }
      }
    }
    return planes
  }
}
