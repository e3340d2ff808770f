/// The colours of groups: ten that stay apart for colour-blind readers (after Okabe, Ito 2008 and Tol 2021), one set for light
/// and one for dark pages, and four shapes of mark, so that forty groups differ even without colour. Every group also bears
/// its number.
enum Palette {
  static let light = [
    "#0072b2", "#d55e00", "#00896b", "#b8488f", "#c98a00", "#3d9bd1", "#6a4c93", "#86671a", "#4f7d3a", "#882255",
  ]
  static let dark = [
    "#4ba3e3", "#f0803c", "#2dc495", "#e68bc0", "#f2b632", "#8cd0f7", "#ab8ede", "#c9a64b", "#8fbf70", "#dd6a9a",
  ]
  static let shapes = 4

  /// The class that sets a group's colour.
  static func style(_ group: Int) -> String { "c\(group % light.count)" }

  /// Its mark: 0 disc, 1 square, 2 triangle, 3 diamond.
  static func shape(_ group: Int) -> Int { group / light.count % shapes }

  /// A mark in the group's colour, drawn in text size.
  static func mark(_ group: Int) -> Markup {
    let drawing: Markup =
      switch shape(group) {
      case 0: "<circle cx=\"6\" cy=\"6\" r=\"5\"/>"
      case 1: "<rect x=\"1.5\" y=\"1.5\" width=\"9\" height=\"9\"/>"
      case 2: "<path d=\"M6 1L11.2 10.5H.8Z\"/>"
      default: "<path d=\"M6 .3L11.7 6L6 11.7L.3 6Z\"/>"
      }
    return "<svg class=\"mark \(style(group))\" viewBox=\"0 0 12 12\" aria-hidden=\"true\">\(drawing)</svg>"
  }

  /// The declarations of `--g0`… for the style sheet.
  static func declarations(_ colours: [String]) -> String {
    colours.enumerated().map { "--g\($0.offset):\($0.element);" }.joined()
  }
}
