import Tensors

/// A side letter with, sometimes, the initials of whoever took the film.
struct Marker {
  let text: String
  let x, y, size, width, height: Int

  init(_ side: String, width: Int, height: Int, _ random: inout RandomGenerator) {
    self.width = width
    self.height = height
    let initials = ["", "", "", " AP", "2", "3", "DT", "EC"][random.integer(below: 8)].filter { $0 != " " }
    text = side.isEmpty ? "" : side + initials
    size = max(2, min(width, height) / 110)
    let inset = 0.06 + 0.1 * random.uniform()
    let right = random.chance(0.5)
    x = Int(Double(width) * (right ? 1 - inset : inset)) - (right ? 6 * size * text.count : 0)
    y = Int(Double(height) * (random.chance(0.8) ? inset : 1 - inset - 0.06))
  }

  func draw(_ dot: (Int) -> Void) {
    SideLetters.draw(text, x: x, y: y, size: size, width: width, height: height, dot)
  }
}

/// The open field: a rectangle, often a little turned, sometimes much smaller than the detector.
struct Collimator {
  private let values: [Float]

  init(width: Int, height: Int, _ random: inout RandomGenerator) {
    let closes = random.chance(0.2)
    let turn = random.normal() * 0.07
    let halfWidth = Double(width) * (closes ? random.uniform(0.41...0.5) : 2)
    let halfHeight = Double(height) * (closes ? random.uniform(0.41...0.5) : 2)
    let x = Double(width) * (0.5 + random.normal() * 0.03)
    let y = Double(height) * (0.5 + random.normal() * 0.03)
    values = [Float](unsafeUninitializedCapacity: width * height) { buffer, count in
      let c = cosine(turn)
      let s = sine(turn)
      for row in 0..<height {
        for column in 0..<width {
          let dx = Double(column) - x
          let dy = Double(row) - y
          let inside = min(halfWidth - abs(c * dx + s * dy), halfHeight - abs(-s * dx + c * dy))
          buffer[row * width + column] = Float(min(max(inside * 0.5 + 0.5, 0.012), 1))
        }
      }
      count = width * height
    }
  }

  /// 1 in the open, nearly 0 behind the lead.
  func open(_ index: Int) -> Float { values[index] }
}
