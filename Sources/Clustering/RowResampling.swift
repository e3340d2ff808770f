import Tensors

/// Draws rows, or all rows of a drawn unit together: rows of one patient are not independent, so neither may stand alone.
struct RowResampling: Sendable {
  /// The rows of each unit, units in order of their first rows.
  private let units: [[Int]]
  private let rows: Int

  /// - Parameter units: a number for each row, equal for rows that belong together; nil when every row stands for itself.
  init(rows: Int, units: [Int]?) {
    self.rows = rows
    guard let units else {
      self.units = (0..<rows).map { [$0] }
      return
    }
    precondition(units.count == rows, "\(units.count) units for \(rows) rows")
    var place: [Int: Int] = [:]
    var members: [[Int]] = []
    for (row, unit) in units.enumerated() {
      if let known = place[unit] {
        members[known].append(row)
      } else {
        place[unit] = members.count
        members.append([row])
      }
    }
    self.units = members
  }

  var unitCount: Int { units.count }

  /// Whole units without replacement until at least `count` rows are drawn, ascending; and the rows left over.
  func subsample(_ count: Int, _ generator: inout RandomGenerator) -> (drawn: [Int], left: [Int]) {
    var order = Array(units.indices)
    generator.shuffle(&order)
    var (drawn, left) = ([Int](), [Int]())
    for unit in order {
      if drawn.count < count { drawn += units[unit] } else { left += units[unit] }
    }
    return (drawn.sorted(), left.sorted())
  }

  /// As many units as there are, with replacement: rows ascending, repeated as drawn.
  func bootstrap(_ generator: inout RandomGenerator) -> [Int] {
    var drawn: [Int] = []
    for _ in units.indices { drawn += units[generator.integer(below: units.count)] }
    return drawn.sorted()
  }
}
