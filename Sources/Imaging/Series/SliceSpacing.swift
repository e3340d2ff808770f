/// How far apart the places of a stack are, and where slices are missing between them.
struct SliceSpacing: Equatable {
  /// Millimetres from one place to the next, across the plane; nil for fewer than two places.
  var spacing: Double?
  /// Places after which slices are missing, and how many.
  var gaps: [(after: Int, missing: Int)] = []
  /// Distances that no common spacing explains.
  var isUneven = false

  /// What positions written in a few digits may be off by: a share of the spacing, or millimetres.
  private static let tolerance = (share: 0.05, millimetres: 0.02)
  /// More missing slices than this in one gap are two stacks, not a loss.
  private static let mostMissing = 10_000.0

  /// - Parameters:
  ///   - distances: along the normal, rising.
  ///   - stated: what headers say of the spacing, best first: asked where the distances themselves have no common unit.
  init(_ distances: [Double], stated: [Double]) {
    if distances.count < 2 { return }
    let steps = zip(distances.dropFirst(), distances).map { $0 - $1 }
    let median = SliceSpacing.median(steps)
    spacing = median
    if SliceSpacing.missing(steps, unit: median)?.allSatisfy({ $0 == 0 }) == true { return }
    for unit in [median, steps.min() ?? median] + stated {
      guard let missing = SliceSpacing.missing(steps, unit: unit) else { continue }
      spacing = unit
      gaps = missing.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
      return
    }
    isUneven = true
  }

  /// How many slices each step passes over, if every step is a multiple of the unit.
  private static func missing(_ steps: [Double], unit: Double) -> [Int]? {
    guard unit > tolerance.millimetres else { return nil }
    let allowed = max(tolerance.share * unit, tolerance.millimetres)
    var result: [Int] = []
    for step in steps {
      let multiple = (step / unit).rounded()
      guard multiple >= 1, multiple <= mostMissing, abs(step - multiple * unit) <= allowed else { return nil }
      result.append(Int(multiple) - 1)
    }
    return result
  }

  /// The lower middle one: a number that is among them.
  static func median(_ values: [Double]) -> Double { values.sorted()[(values.count - 1) / 2] }

  static func == (a: SliceSpacing, b: SliceSpacing) -> Bool {
    a.spacing == b.spacing && a.isUneven == b.isUneven && a.gaps.elementsEqual(b.gaps) { $0 == $1 }
  }
}
