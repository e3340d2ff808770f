import Foundation
import Imaging

/// A grey picture that tests may spoil: shades of 0…1, rows from the top.
struct Canvas {
  var width: Int
  var height: Int
  var shades: [Float]

  init(_ width: Int, _ height: Int, _ shade: (Int, Int) -> Float) {
    self.width = width
    self.height = height
    shades = (0..<height).flatMap { y in (0..<width).map { x in min(max(shade(x, y), 0), 1) } }
  }

  /// The mean grey of a file, reduced by a whole factor to at most 512 pixels a side.
  init(file: String) throws {
    let image = try DirectDecoder().decode(file, nil)
    let plane = image.width * image.height
    let factor = max(1, (max(image.width, image.height) + 511) / 512)
    self.init(image.width / factor, image.height / factor) { _, _ in 0 }
    let scale = 1 / Float(factor * factor * image.channels)
    for y in 0..<height * factor {
      for x in 0..<width * factor {
        for channel in 0..<image.channels {
          shades[y / factor * width + x / factor] += scale * image.pixels[channel * plane + y * image.width + x]
        }
      }
    }
    for i in shades.indices { shades[i] = min(shades[i], 1) }
  }

  subscript(x: Int, y: Int) -> Float {
    shades[min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)]
  }

  func mapped(_ change: (Int, Int, Float) -> Float) -> Canvas { Canvas(width, height) { change($0, $1, self[$0, $1]) } }

  /// As PGM of 8 bits.
  var data: Data { Samples.pgm(width, height) { UInt8((shades[$1 * width + $0] * 255).rounded()) } }
}

/// The defects that flags are to find, put into a picture on purpose. `strength` of 0, 1, 2 makes them worse.
enum Defect: String, CaseIterable {
  case blank, black, low_contrast, clipped, inverted, collimated, blurred, burned_in_text

  func spoil(_ picture: Canvas, _ strength: Int, seed: Int) -> Canvas {
    switch self {
    case .blank: return picture.mapped { x, y, _ in [0.8, 0.5, 0.3][strength] + 0.004 * Noise.unit(x, y, seed) }
    case .black: return picture.mapped { x, y, shade in shade * [0.04, 0.02, 0][strength] }
    case .low_contrast: return picture.mapped { _, _, shade in 0.5 + (shade - 0.5) * [0.09, 0.06, 0.03][strength] }
    case .clipped:
      let sorted = picture.shades.sorted()
      let top = max(sorted[Int(Double(sorted.count - 1) * [0.95, 0.88, 0.75][strength])], 0.02)
      return picture.mapped { _, _, shade in shade / top }
    case .inverted: return picture.mapped { _, _, shade in 1 - shade }
    case .collimated:
      // Off centre, tilted by −6°, 0° and 6°, dark or bright, over four to six tenths of the picture.
      let tilt = Double([-6, 0, 6][strength]) * .pi / 180
      let half = [0.38, 0.34, 0.3][(strength + seed) % 3]
      let level: Float = seed % 2 == 0 ? 0.02 : 0.98
      return picture.mapped { x, y, shade in
        let (u, v) = (Double(x) / Double(picture.width) - 0.52, Double(y) / Double(picture.height) - 0.49)
        let (a, b) = (u * cos(tilt) + v * sin(tilt), v * cos(tilt) - u * sin(tilt))
        return abs(a) < half && abs(b) < half ? shade : level
      }
    case .blurred:
      let pixel = max(1, max(picture.width, picture.height) / 512)
      return Blur.gaussian(picture, radius: [2, 3, 5][strength] * pixel)
    case .burned_in_text:
      let scale = max(1, max(picture.width, picture.height) / 500) + strength
      return BitmapText.draw(
        ["DOE JANE 1961", "MRN 00482913", "KV 81 MAS 25"], on: picture, scale: scale, at: (4, [4, 30, 60][seed % 3]))
    }
  }
}

private enum Noise {
  /// −1…1, the same for the same place and seed.
  static func unit(_ x: Int, _ y: Int, _ seed: Int) -> Float {
    var value = UInt64(truncatingIfNeeded: x &* 73_856_093 ^ y &* 19_349_663 ^ seed &* 83_492_791)
    value ^= value >> 33
    value = value &* 0xff51_afd7_ed55_8ccd
    value ^= value >> 33
    return Float(value % 2001) / 1000 - 1
  }
}

private enum Blur {
  /// Two box means of `2 * radius + 1` in each direction: near a Gaussian of standard deviation 0.82 · (radius + ½).
  static func gaussian(_ picture: Canvas, radius: Int) -> Canvas {
    var result = picture
    for _ in 0..<2 {
      for isAcross in [true, false] {
        let source = result
        let (lines, length) = isAcross ? (source.height, source.width) : (source.width, source.height)
        for line in 0..<lines {
          func at(_ i: Int) -> Float { isAcross ? source[i, line] : source[line, i] }
          var sum = (-radius...radius).reduce(Float(0)) { $0 + at($1) }
          for i in 0..<length {
            result.shades[isAcross ? line * source.width + i : i * source.width + line] = min(
              max(sum / Float(2 * radius + 1), 0), 1)
            sum += at(i + radius + 1) - at(i - radius)
          }
        }
      }
    }
    return result
  }
}

/// Capital letters and digits of 5 × 7 dots.
enum BitmapText {
  private static let rows: [Character: [UInt8]] = [
    "A": [14, 17, 17, 31, 17, 17, 17], "D": [30, 17, 17, 17, 17, 17, 30], "E": [31, 16, 16, 30, 16, 16, 31],
    "J": [7, 2, 2, 2, 2, 18, 12], "K": [17, 18, 20, 24, 20, 18, 17], "M": [17, 27, 21, 21, 17, 17, 17],
    "N": [17, 25, 21, 19, 17, 17, 17], "O": [14, 17, 17, 17, 17, 17, 14], "R": [30, 17, 17, 30, 20, 18, 17],
    "S": [15, 16, 16, 14, 1, 1, 30], "V": [17, 17, 17, 17, 17, 10, 4], "0": [14, 17, 19, 21, 25, 17, 14],
    "1": [4, 12, 4, 4, 4, 4, 14], "2": [14, 17, 1, 2, 4, 8, 31], "3": [14, 17, 1, 6, 1, 17, 14],
    "4": [2, 6, 10, 18, 31, 2, 2], "5": [31, 16, 30, 1, 1, 17, 14], "6": [14, 16, 30, 17, 17, 17, 14],
    "8": [14, 17, 17, 14, 17, 17, 14], "9": [14, 17, 17, 15, 1, 1, 14],
  ]

  /// White, `scale` pixels a dot, at a place in hundredths of the picture; a dark box behind where the picture itself is bright there.
  static func draw(_ lines: [String], on picture: Canvas, scale: Int, at place: (x: Int, y: Int)) -> Canvas {
    var result = picture
    let (left, top) = (picture.width * place.x / 100, picture.height * place.y / 100)
    for (number, line) in lines.enumerated() {
      for (position, letter) in line.enumerated() {
        let glyph = rows[letter] ?? [UInt8](repeating: 0, count: 7)
        for y in 0..<9 * scale {
          for x in 0..<6 * scale {
            let (u, v) = (left + 6 * scale * position + x, top + 9 * scale * number + y)
            guard u < picture.width, v < picture.height else { continue }
            let isInk = y / scale < 7 && x / scale < 5 && glyph[y / scale] >> (4 - x / scale) & 1 == 1
            let index = v * picture.width + u
            result.shades[index] = isInk ? 1 : min(result.shades[index], 0.6)
          }
        }
      }
    }
    return result
  }
}

/// The probability that a positive's score is above a negative's, ties counting half (Mann and Whitney's U over the pairs).
func areaUnderCurve(_ positives: [Double], _ negatives: [Double]) -> Double {
  var sum = 0.0
  for p in positives { for n in negatives { sum += p > n ? 1 : p == n ? 0.5 : 0 } }
  return sum / Double(positives.count * negatives.count)
}
