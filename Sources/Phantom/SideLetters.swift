/// The letters on a film: five by seven dots, as markers and as burned-in text.
enum SideLetters {
  /// Rows of five bits, top first.
  private static let glyphs: [Character: [UInt8]] = [
    "L": [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
    "R": [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
    "A": [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    "P": [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000],
    "D": [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110],
    "E": [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
    "C": [0b01111, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b01111],
    "T": [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
    "1": [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
    "2": [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
    "3": [0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110],
  ]

  /// Calls `dot` for every pixel of `text` set at (x, y), each dot `size` pixels wide; pixels outside the picture are left out.
  static func draw(
    _ text: String, x: Int, y: Int, size: Int, width: Int, height: Int, _ dot: (_ index: Int) -> Void
  ) {
    for (place, letter) in text.enumerated() {
      guard let rows = glyphs[letter] else { preconditionFailure("no glyph for \(letter)") }
      for (row, bits) in rows.enumerated() {
        for column in 0..<5 where bits >> (4 - column) & 1 == 1 {
          for v in 0..<size {
            for u in 0..<size {
              let px = x + (place * 6 + column) * size + u
              let py = y + row * size + v
              if px >= 0 && px < width && py >= 0 && py < height { dot(py * width + px) }
            }
          }
        }
      }
    }
  }
}
