/// How much bright text is written into a picture: connected parts of the size and shape of glyphs that stand in rows.
///
/// 1. A morphological opening by 15 × 15 pixels leaves what is wider than a stroke; what rises above it by 0.12, 0.25 or 0.45 is written, each tried.
/// 2. A part (8-connected) of 5…64 rows is a glyph if it is not wider than 1.6 of its height and fills a fitting share of its box; a wider one is a
///    word if its rows cross as many strokes as so many letters would.
/// 3. Glyphs of like height on one line, none further from the next than its height, are a row. Rows of at least 4 glyphs count: a side letter doesn't.
///
/// Pictures of at most 512 pixels a side are doubled first, so that the letters of small print come apart.
enum BurnedInText {
  /// The glyphs of all rows, at the threshold that gives most; 0 for a plane of less than 32 pixels a side. - Complexity: O(pixels + glyphs²).
  static func glyphs(_ plane: GreyPlane) -> Int {
    guard min(plane.width, plane.height) >= 32 else { return 0 }
    let plane = max(plane.width, plane.height) <= 512 ? plane.doubled() : plane
    let rise = strokes(plane)
    return [Float(0.12), 0.25, 0.45].map { threshold in
      count(StrokeParts.find(rise, width: plane.width, height: plane.height, above: threshold).compactMap(Glyph.init))
    }.max()!
  }

  /// What stands above the opening by a square of 15 pixels.
  private static func strokes(_ plane: GreyPlane) -> [Float] {
    let (w, h) = (plane.width, plane.height)
    var opened = plane.values
    Opening.extreme(&opened, w, h, .infinity) { $0 < $1 ? $0 : $1 }
    Opening.extreme(&opened, w, h, -.infinity) { $0 > $1 ? $0 : $1 }
    for i in opened.indices { opened[i] = plane.values[i] - opened[i] }
    return opened
  }

  /// A part that may be a letter, or several that touch.
  struct Glyph {
    var left, top, width, height: Int
    /// How many letters it stands for.
    var letters: Int

    init?(_ part: StrokeParts.Part) {
      left = part.left
      top = part.top
      width = part.right - part.left + 1
      height = part.bottom - part.top + 1
      guard (5...64).contains(height), part.area >= 8 else { return nil }
      let shape = Double(width) / Double(height)
      let fill = Double(part.area) / Double(width * height)
      if shape <= 1.6 {
        guard fill >= 0.15, fill <= (shape <= 0.45 ? 1 : 0.85) else { return nil }
        letters = 1
      } else {
        let crossings = Double(part.runs) / Double(height)
        guard shape <= 14, (0.2...0.75).contains(fill), crossings >= max(2, 0.9 * shape / 0.8) else { return nil }
        letters = Int((shape / 0.8).rounded())
      }
    }

    /// Whether `next` may follow in one row of text.
    func isFollowed(by next: Glyph) -> Bool {
      let (lower, higher) = (min(height, next.height), max(height, next.height))
      guard next.left - (left + width) <= higher, 2 * next.left >= 2 * left + width else { return false }
      guard 10 * higher <= 17 * lower else { return false }
      return 5 * min(abs(top + height - next.top - next.height), abs(top - next.top)) <= higher
    }
  }

  /// The letters in rows of at least four. More than 3000 candidates are texture, not text.
  private static func count(_ candidates: [Glyph]) -> Int {
    if candidates.count > 3000 { return 0 }
    let glyphs = candidates.sorted { ($0.left, $0.top, $0.width, $0.height) < ($1.left, $1.top, $1.width, $1.height) }
    var isUsed = [Bool](repeating: false, count: glyphs.count)
    var total = 0
    for start in glyphs.indices where !isUsed[start] {
      isUsed[start] = true
      var current = start
      var letters = glyphs[start].letters
      while true {
        let end = glyphs[current].left + glyphs[current].width
        guard
          let next = (current + 1..<glyphs.count).lazy.prefix(while: { glyphs[$0].left <= end + 64 }).first(where: {
            !isUsed[$0] && glyphs[current].isFollowed(by: glyphs[$0])
          })
        else { break }
        isUsed[next] = true
        letters += glyphs[next].letters
        current = next
      }
      if letters >= 4 { total += letters }
    }
    return total
  }
}

/// Least or greatest values under a square of 15 pixels.
private enum Opening {
  /// Replaces each value by the extreme of those at most 7 away in both directions; beyond the edge nothing counts. - Complexity: O(pixels).
  @inline(__always)
  static func extreme(
    _ values: inout [Float], _ width: Int, _ height: Int, _ neutral: Float, _ pick: (Float, Float) -> Float
  ) {
    // Windows of 2, 4, 8 by doubling; two of 8 make 15. Rows first, then whole rows at a time.
    var padded = [Float](repeating: neutral, count: width + 16)
    values.withUnsafeMutableBufferPointer { values in
      padded.withUnsafeMutableBufferPointer { line in
        for y in 0..<height {
          let row = values.baseAddress! + y * width
          for x in 0..<7 { line[x] = neutral }
          for x in 0..<width { line[x + 7] = row[x] }
          for x in width + 7..<width + 16 { line[x] = neutral }
          for step in [1, 2, 4] { for x in 0..<width + 16 - step { line[x] = pick(line[x], line[x + step]) } }
          for x in 0..<width { row[x] = pick(line[x], line[x + 7]) }
        }
      }
    }
    var lines = [Float](repeating: neutral, count: width * (height + 16))
    lines.withUnsafeMutableBufferPointer { lines in
      values.withUnsafeMutableBufferPointer { values in
        for i in 0..<width * height { lines[7 * width + i] = values[i] }
        for step in [1, 2, 4] {
          for i in 0..<width * (height + 16 - step) { lines[i] = pick(lines[i], lines[i + step * width]) }
        }
        for i in 0..<width * height { values[i] = pick(lines[i], lines[i + 7 * width]) }
      }
    }
  }
}
