/// The house as SVG: floors from the ground up, rooms by lines of code, arrows from who imports to who is imported.
///
/// Text in, text out: equal houses give equal bytes. Colours follow the reader's light or dark theme; the ground is opaque, so the
/// picture is readable on any page.
package struct Drawing {
  private let layout: Layout
  private let top: [Double]  // of the tallest room of a floor
  private let bottom: [Double]  // where its rooms stand
  private let size: (width: Double, height: Double)

  private static let margin = (side: 34.0, left: 64.0, top: 34.0, bottom: 62.0)
  private static let corridor = 62.0
  private static let borderSize = (width: 104.0, height: 34.0)

  /// - Throws: `Floors.Cycle`.
  package static func svg(of house: House) throws -> String {
    try Drawing(house).text()
  }

  /// Lines as the picture says them: to the nearest hundred, or fifty below a thousand, so that small edits don't change it.
  package static func rounded(_ lines: Int) -> Int {
    let step = lines < 1000 ? 50 : 100
    return max(50, (lines + step / 2) / step * step)
  }

  private init(_ house: House) throws {
    let layout = Layout(house, try Floors(house).number) { room in
      if room.isBorder { return Drawing.borderSize }
      let area = Double(Drawing.rounded(room.lines)) * 6.5
      let label = Double(room.name.count) * 8.8 + 30
      let width = max(label, (area * 2.1).squareRoot()).rounded()
      return (width, max(52, area / width).rounded())
    }
    self.layout = layout
    let heights = layout.floors.map { floor in floor.map { layout.places[$0].height }.max() ?? 0 }
    var y = Drawing.margin.top
    var top: [Double] = []
    var bottom: [Double] = []
    for height in heights.reversed() {
      top.insert(y, at: 0)
      bottom.insert(y + height, at: 0)
      y += height + Drawing.corridor
    }
    self.top = top
    self.bottom = bottom
    size = (
      Drawing.margin.left + layout.width + Drawing.margin.side,
      y - Drawing.corridor + Drawing.margin.bottom
    )
  }

  private func text() -> String {
    let rooms = layout.places.compactMap(\.room).filter { !$0.isBorder }
    let title = "The floors of the house: \(rooms.count) rooms, each above those that it imports"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(size.width)) \(number(size.height))" width="\(number(size.width))" height="\(number(size.height))" role="img" aria-labelledby="title">
      <title id="title">\(title)</title>
      <style>
      \(Style.sheet(floors: layout.floors.count))
      </style>
      <rect class="paper" x="0.5" y="0.5" width="\(number(size.width - 1))" height="\(number(size.height - 1))" rx="14"/>
      \((slabs() + arrows() + layout.places.indices.compactMap(room)).joined(separator: "\n"))
      <text class="note" x="\(number(Drawing.margin.left))" y="\(number(size.height - 22))">An arrow means “imports”; those that follow from others are left out. The bigger a room, the more lines.</text>
      </svg>

      """
  }

  // MARK: Parts

  private func slabs() -> [String] {
    layout.floors.indices.flatMap { floor -> [String] in
      if floor == 0 {
        if layout.floors[0].isEmpty { return [] }
        let y = top[0] - 16
        return [
          "<rect class=\"ground\" x=\"16\" y=\"\(number(y))\" width=\"\(number(size.width - 32))\" height=\"\(number(bottom[0] - top[0] + 32))\" rx=\"10\"/>",
          "<text class=\"storey\" x=\"38\" y=\"\(number((top[0] + bottom[0]) / 2 + 4))\">C</text>",
        ]
      }
      return [
        "<path class=\"slab\" d=\"M16 \(number(bottom[floor] + 0.5))H\(number(size.width - 16))\"/>",
        "<text class=\"storey\" x=\"38\" y=\"\(number(bottom[floor] - 12))\">\(floor)</text>",
      ]
    }
  }

  private func room(_ index: Int) -> String? {
    let place = layout.places[index]
    guard let room = place.room else { return nil }
    let (x, y) = (Drawing.margin.left + place.x - place.width / 2, bottom[place.floor] - place.height)
    let box =
      "x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(place.width))\" height=\"\(number(place.height))\""
    let middle = "x=\"\(number(Drawing.margin.left + place.x))\""
    if room.isBorder {
      return """
        <rect class="border" \(box) rx="8"/>
        <text class="library" \(middle) y="\(number(y + place.height / 2 + 4))">\(room.name)</text>
        """
    }
    return """
      <rect class="room f\(place.floor)" \(box) rx="7"/>
      <text class="name" \(middle) y="\(number(y + place.height / 2 - 2))">\(room.name)</text>
      <text class="lines" \(middle) y="\(number(y + place.height / 2 + 16))">\(Drawing.grouped(Drawing.rounded(room.lines))) lines</text>
      """
  }

  /// One curve for each piece, through the corridor below the upper floor; a head where it reaches a room.
  private func arrows() -> [String] {
    let ends = ports()
    return layout.pieces.enumerated().sorted { isLibrary($0.element) && !isLibrary($1.element) }.flatMap {
      index, piece -> [String] in
      let (upper, lower) = (layout.places[piece.upper], layout.places[piece.lower])
      let (x1, x2) = (ends.upper[index], ends.lower[index])
      let y1 = bottom[upper.floor] + (upper.room == nil ? 0 : 1)
      let y2 = top[lower.floor]
      let middle = (y1 + y2) / 2
      let kind = isLibrary(piece) ? "wire" : "arrow"
      var path =
        upper.room == nil ? "M\(number(x1)) \(number(top[upper.floor]))V\(number(y1))" : "M\(number(x1)) \(number(y1))"
      path += "C\(number(x1)) \(number(middle)) \(number(x2)) \(number(middle)) \(number(x2)) \(number(y2))"
      guard lower.room != nil else { return ["<path class=\"\(kind)\" d=\"\(path)\"/>"] }
      let tip = bottom[lower.floor] - lower.height - 1
      path += "V\(number(tip - 5))"
      let head = "M\(number(x2)) \(number(tip))l-4 -8l4 1.6l4 -1.6z"
      return ["<path class=\"\(kind)\" d=\"\(path)\"/>", "<path class=\"\(kind)head\" d=\"\(head)\"/>"]
    }
  }

  /// Where each piece leaves its upper place and reaches its lower: spread along the walls of rooms in the order of the other ends.
  private func ports() -> (upper: [Double], lower: [Double]) {
    var ends = (
      upper: [Double](repeating: 0, count: layout.pieces.count),
      lower: [Double](repeating: 0, count: layout.pieces.count)
    )
    for (index, place) in layout.places.enumerated() {
      func spread(_ touching: [(piece: Int, other: Int)]) -> [(piece: Int, x: Double)] {
        let sorted = touching.sorted { (layout.places[$0.other].x, $0.piece) < (layout.places[$1.other].x, $1.piece) }
        let step = place.room == nil ? 0 : min(22, (place.width - 24) / Double(max(sorted.count, 1)))
        return sorted.enumerated().map { position, end in
          (end.piece, Drawing.margin.left + place.x + (Double(position) - Double(sorted.count - 1) / 2) * step)
        }
      }
      let pieces = layout.pieces.enumerated()
      for end in spread(pieces.filter { $0.element.upper == index }.map { ($0.offset, $0.element.lower) }) {
        ends.upper[end.piece] = end.x
      }
      for end in spread(pieces.filter { $0.element.lower == index }.map { ($0.offset, $0.element.upper) }) {
        ends.lower[end.piece] = end.x
      }
    }
    return ends
  }

  /// Whether a piece leads to a border in the end.
  private func isLibrary(_ piece: Layout.Piece) -> Bool {
    var lower = piece.lower
    while layout.places[lower].room == nil, let next = layout.pieces.first(where: { $0.upper == lower }) {
      lower = next.lower
    }
    return layout.places[lower].room?.isBorder == true
  }

  // MARK: Numbers

  private func number(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
  }

  private static func grouped(_ value: Int) -> String {
    value < 1000 ? "\(value)" : "\(value / 1000),\(String("\(value % 1000 + 1000)".dropFirst()))"
  }
}
