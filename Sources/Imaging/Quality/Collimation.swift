import Foundation

/// How much of a picture is a border of one shade with straight edges: a collimator's shadow, a shutter, the frame of a scanned film.
///
/// From each side every column is followed until it leaves the shade of that side's edge. Where these depths lie on one line, tilted by up to 12°, for at
/// least 55 % of the columns that end at all, the line is an edge, and what lies outside of it counts. The round outline of a head or a body
/// in air is no line. A black shutter in black air cannot be seen.
enum Collimation {
  /// The share of pixels outside of the edges found, 0…1; 0 for a plane of less than 32 pixels a side. - Complexity: O(pixels · log).
  static func measure(_ plane: GreyPlane) -> Double {
    guard min(plane.width, plane.height) >= 32 else { return 0 }
    var isOutside = [Bool](repeating: false, count: plane.values.count)
    for side in 0..<4 { mark(plane, side, &isOutside) }
    return Double(isOutside.count { $0 }) / Double(isOutside.count)
  }

  private static func mark(_ plane: GreyPlane, _ side: Int, _ isOutside: inout [Bool]) {
    let (width, height) = (plane.width, plane.height)
    // The side looked at is on top: as many columns as it is long, as many rows as the picture is deep.
    let (columns, rows) = side % 2 == 0 ? (width, height) : (height, width)
    func place(_ y: Int, _ x: Int) -> Int {
      switch side {
      case 0: y * width + x
      case 1: x * width + width - 1 - y
      case 2: (height - 1 - y) * width + width - 1 - x
      default: (height - 1 - x) * width + y
      }
    }
    var edge: [Float] = []
    for y in 0..<max(1, rows / 64) { for x in 0..<columns { edge.append(plane.values[place(y, x)]) } }
    edge.sort()
    let level = edge[edge.count / 2]
    let depths = (0..<columns).map { x in
      (0..<rows).first { abs(plane.values[place($0, x)] - level) > 0.06 } ?? rows
    }
    let ending = (0..<columns).filter { Double(depths[$0]) < 0.9 * Double(rows) }
    guard ending.count * 5 >= columns else { return }
    let tolerance = max(1.5, Double(rows) / 170)
    let centre = Double(columns) / 2
    var best = (count: 0, depth: 0.0, slope: 0.0)
    for degrees in -12...12 {
      let slope = tan(Double(degrees) * .pi / 180)
      let rests = ending.map { Double(depths[$0]) - slope * (Double($0) - centre) }.sorted()
      var end = 0
      for start in rests.indices {
        while end < rests.count && rests[end] <= rests[start] + 2 * tolerance { end += 1 }
        if end - start > best.count { best = (end - start, rests[start] + tolerance, slope) }
      }
    }
    guard Double(best.count) >= 0.55 * Double(ending.count), best.depth > 0.015 * Double(rows) else { return }
    for x in 0..<columns {
      let depth = best.depth + best.slope * (Double(x) - centre)
      for y in 0..<rows where Double(y) < depth { isOutside[place(y, x)] = true }
    }
  }
}
