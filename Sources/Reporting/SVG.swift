import Insight

/// A small drawing, built piece by piece; text goes through `Markup` and so is escaped. Colours come from the page's style
/// sheet by class, so that a chart is right on a light page, on a dark one and on paper.
package struct SVG {
  package let width: Double
  package let height: Double
  /// Read aloud in place of the drawing.
  package let title: String
  private var body: Markup = ""

  package init(width: Double, height: Double, title: String) {
    self.width = width
    self.height = height
    self.title = title
  }

  package mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
    body += "<line class=\"\(style)\" x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\"/>"
  }

  package mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, hint: String = ""
  ) {
    body +=
      "<rect class=\"\(style)\" x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\"><title>\(hint)</title></rect>"
  }

  /// Joins the points; one that is not a number breaks the line.
  package mutating func curve(_ points: [(x: Double, y: Double)], _ style: String) {
    var path = ""
    var isDown = false
    for point in points {
      if point.x.isFinite && point.y.isFinite {
        path += "\(isDown ? "L" : "M")\(n(point.x)) \(n(point.y))"
        isDown = true
      } else {
        isDown = false
      }
    }
    body += "<path class=\"\(style)\" d=\"\(path)\"/>"
  }

  package mutating func text(_ text: String, _ x: Double, _ y: Double, _ style: String, anchor: String = "start") {
    body += "<text class=\"\(style)\" x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\">\(text)</text>"
  }

  package var markup: Markup {
    """
    <svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(width)) \(n(height))" role="img" aria-label="\(title)"><title>\(title)</title>\(body)</svg>
    """
  }

  /// A coordinate, to a hundredth.
  private func n(_ value: Double) -> String {
    let text = Wording.decimal(value).replacingMinus
    return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
  }
}

extension String {
  fileprivate var replacingMinus: String { hasPrefix("\u{2212}") ? "-" + dropFirst() : self }
}

/// From the values of an axis to its pixels, with round tick marks.
package struct LinearScale {
  package let domain: ClosedRange<Double>
  package let range: (from: Double, to: Double)

  package init(domain: ClosedRange<Double>, range: (from: Double, to: Double)) {
    self.domain = domain
    self.range = range
  }

  package func callAsFunction(_ value: Double) -> Double {
    let width = domain.upperBound - domain.lowerBound
    return range.from + (range.to - range.from) * (width > 0 ? (value - domain.lowerBound) / width : 0.5)
  }

  /// At most `count` + 1 values, all multiples of 1, 2 or 5 times a power of ten, and the decimals they need.
  package func ticks(_ count: Int) -> (values: [Double], places: Int) {
    let width = domain.upperBound - domain.lowerBound
    guard width > 0, width.isFinite, count > 0 else { return ([domain.lowerBound], 1) }
    let least = width / Double(count) * 0.999
    var power = 1.0
    var places = 0
    while power < least { power *= 10 }
    while power / 10 >= least { (power, places) = (power / 10, places + 1) }
    // `power` is now the least power of ten that is wide enough; a fifth or a half of it may do.
    let parts = [5.0, 2.0, 1.0].first { power / $0 >= least } ?? 1
    let step = power / parts
    if parts > 1 && power <= 1 { places += 1 }
    let first = (domain.lowerBound / step).rounded(.up)
    let last = (domain.upperBound / step + 1e-9).rounded(.down)
    return (stride(from: first, through: last, by: 1).map { $0 * step }, places)
  }
}
