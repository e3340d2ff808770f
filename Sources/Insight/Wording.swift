import Foundation

/// Numbers as a reader wants them, the same in every locale: findings in words and the page both take them from here.
public enum Wording {
  /// `0.8`, `12.35`: a fixed number of decimals, with a true minus sign. Not a number reads as `–`.
  public static func decimal(_ value: Double, _ places: Int = 2) -> String {
    guard value.isFinite else { return "–" }
    let text = String(format: "%.\(places)f", abs(value))
    let isZero = !text.contains { $0 != "0" && $0 != "." }
    return value < 0 && !isZero ? "\u{2212}" + text : text
  }

  /// `12 %`, `3.4 %`, `0.2 %`, `under 0.1 %`: one decimal below ten per cent, a no-break space; never rounds up to a whole that it isn't.
  public static func percent(_ share: Double) -> String {
    guard share.isFinite else { return "–" }
    let value = share * 100
    if value <= 0 { return "0\u{a0}%" }
    if value < 0.1 { return "under 0.1\u{a0}%" }
    if value < 9.95 { return "\(String(format: "%.1f", value))\u{a0}%" }
    if value < 100 && value >= 99.5 {
      return value >= 99.95 ? "over 99.9\u{a0}%" : "\(String(format: "%.1f", value))\u{a0}%"
    }
    return "\(String(format: "%.0f", value))\u{a0}%"
  }

  /// `1,234,567`.
  public static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return value < 0 ? "\u{2212}" + text : text
  }

  /// `1 image`, `12 images`, `0 images`; an irregular plural is given in full.
  public static func count(_ value: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(count(value)) \(value == 1 ? singular : plural ?? singular + "s")"
  }

  /// `1, 2 and 5`; a long list is cut with its rest counted.
  public static func list(_ items: [String], limit: Int = 6) -> String {
    if items.count > limit {
      return items.prefix(limit).joined(separator: ", ") + " and \(count(items.count - limit)) more"
    }
    if items.count < 2 { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + items[items.count - 1]
  }
}
