import Tensors

/// What lies over the anatomy of a film: the rim of a collimator, a black box of de-identification, burned-in letters. Places and sizes are
/// shares of the crop's side.
public enum FilmMark: Hashable, Sendable {
  /// Widths at the left, top, right and lower edge.
  case rim(left: Float, top: Float, right: Float, bottom: Float, level: Float)
  case cover(left: Float, top: Float, width: Float, height: Float, level: Float)
  /// Indices of `glyphs`, in a row.
  case letters([Int], left: Float, top: Float, height: Float, level: Float)

  /// Grey value, 0…1.
  var level: Float {
    switch self {
    case .rim(_, _, _, _, let level), .cover(_, _, _, _, let level), .letters(_, _, _, _, let level): level
    }
  }

  /// Letters and digits as technicians put them on films, five dots wide and seven high; a dot is the bit of its column from the left.
  package static let glyphs: [[UInt8]] = [
    [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],  // L
    [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],  // R
    [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],  // A
    [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000],  // P
    [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],  // S
    [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],  // U
    [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],  // T
    [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],  // E
    [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],  // 0
    [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],  // 1
    [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],  // 2
    [0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110],  // 3
  ]

  /// Dots from one letter to the next, the gap with it.
  static let advance: Float = 6
  static let dotsHigh: Float = 7

  /// The share of the crop's side that a row of `count` letters takes.
  static func width(letters count: Int, height: Float) -> Float { height / dotsHigh * (advance * Float(count) - 1) }

  /// Draws it on one square plane. Edges between pixels are mixed by area, to a quarter of a pixel.
  func draw(on plane: UnsafeMutablePointer<Float>, side: Int) {
    let size = Float(side)
    func fill(_ x0: Float, _ y0: Float, _ x1: Float, _ y1: Float, _ holds: (Float, Float) -> Bool) {
      let columns = max(0, Int(x0 * size))..<max(0, min(side, Int((x1 * size).rounded(.up))))
      for y in max(0, Int(y0 * size))..<max(0, Int(y0 * size), min(side, Int((y1 * size).rounded(.up)))) {
        for x in columns {
          var inside = 0
          for part in 0..<16 {
            let (px, py) = (Float(x) + (Float(part % 4) + 0.5) / 4, Float(y) + (Float(part / 4) + 0.5) / 4)
            if holds(px / size, py / size) { inside += 1 }
          }
          plane[y * side + x] += Float(inside) / 16 * (level - plane[y * side + x])
        }
      }
    }
    switch self {
    case .rim(let left, let top, let right, let bottom, _):
      fill(0, 0, 1, 1) { x, y in x < left || y < top || x >= 1 - right || y >= 1 - bottom }
    case .cover(let left, let top, let width, let height, _):
      fill(left, top, left + width, top + height) { x, y in
        x >= left && y >= top && x < left + width && y < top + height
      }
    case .letters(let indices, let left, let top, let height, _):
      let dot = height / FilmMark.dotsHigh
      fill(left, top, left + FilmMark.width(letters: indices.count, height: height), top + height) { x, y in
        let (column, row) = ((x - left) / dot, (y - top) / dot)
        guard column >= 0, row >= 0, row < FilmMark.dotsHigh else { return false }
        let letter = Int(column / FilmMark.advance)
        let within = Int(column - Float(letter) * FilmMark.advance)
        guard letter < indices.count, within < 5 else { return false }
        return FilmMark.glyphs[indices[letter]][Int(row)] >> UInt8(4 - within) & 1 == 1
      }
    }
  }
}

extension AugmentationPreset {
  /// Black three times of four, else white; `inverted` the other way.
  private func drawLevel(_ generator: inout RandomGenerator, inverted: Bool = false) -> Float {
    generator.chance(0.25) != inverted ? 1 : 0
  }

  /// A place for a box of this size near one of the four edges: at most 0.12 of the side away.
  private func drawPlace(width: Float, height: Float, _ generator: inout RandomGenerator) -> (left: Float, top: Float) {
    let edge = generator.integer(below: 4)
    let (along, away) = (Float(generator.uniform()), Float(generator.uniform(0.01...0.12)))
    let (freeX, freeY) = (max(0, 1 - width), max(0, 1 - height))
    switch edge {
    case 0: return (along * freeX, min(away, freeY))
    case 1: return (along * freeX, max(0, freeY - away))
    case 2: return (min(away, freeX), along * freeY)
    default: return (max(0, freeX - away), along * freeY)
    }
  }

  func drawRim(_ generator: inout RandomGenerator) -> FilmMark {
    func width() -> Float {
      let drawn = Float(generator.uniform(rimWidth))
      return generator.chance(0.5) ? drawn : 0
    }
    let widths = (width(), width(), width(), width())
    return .rim(
      left: widths.0, top: widths.1, right: widths.2, bottom: widths.3, level: drawLevel(&generator))
  }

  func drawCover(_ generator: inout RandomGenerator) -> FilmMark {
    let height = Float(generator.uniform(coverSize))
    let width = min(1, height * Float(generator.uniform(1...2)))
    let place = drawPlace(width: width, height: height, &generator)
    return .cover(left: place.left, top: place.top, width: width, height: height, level: drawLevel(&generator))
  }

  func drawLetters(_ generator: inout RandomGenerator) -> FilmMark {
    let height = Float(generator.uniform(letterHeight))
    let letters = (0..<1 + generator.integer(below: 3)).map { _ in generator.integer(below: FilmMark.glyphs.count) }
    let place = drawPlace(
      width: FilmMark.width(letters: letters.count, height: height), height: height, &generator)
    return .letters(
      letters, left: place.left, top: place.top, height: height, level: drawLevel(&generator, inverted: true))
  }
}
