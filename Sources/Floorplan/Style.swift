/// Colours and letters of the picture, for light and for dark pages. One hue a floor, from cool at the ground to warm at the top.
enum Style {
  static func sheet(floors: Int) -> String {
    """
    text{font-family:-apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;text-anchor:middle}
    .name{font-size:15px;font-weight:600}.lines{font-size:11.5px}.library{font-size:11.5px;font-weight:500}
    .note{font-size:12px;text-anchor:start}.storey{font-size:13px;font-weight:600}
    .arrow,.wire{fill:none;stroke-width:1.5}.wire{stroke-width:1.1;stroke-dasharray:1 3.5;stroke-linecap:round}.slab{fill:none;stroke-width:1}
    \(theme(floors: floors, Theme(paper: "#ffffff", frame: "#d9dee5", ink: "#1f2328", muted: "#667080", slab: "#dfe4ea", ground: "#f3f5f8", arrow: "#7b8798", wire: "#98a2b0", border: "#ffffff", fill: (64, 94), stroke: (48, 66))))
    @media (prefers-color-scheme:dark){
    \(theme(floors: floors, Theme(paper: "#0f141b", frame: "#2b323c", ink: "#e8edf4", muted: "#98a3b3", slab: "#2a313b", ground: "#171d26", arrow: "#8692a4", wire: "#6d7888", border: "#0f141b", fill: (32, 22), stroke: (40, 48))))
    }
    """
  }

  private struct Theme {
    let paper, frame, ink, muted, slab, ground, arrow, wire, border: String
    /// Saturation and lightness, per cent.
    let fill, stroke: (Int, Int)
  }

  private static func theme(floors: Int, _ theme: Theme) -> String {
    var rules = [
      ".paper{fill:\(theme.paper);stroke:\(theme.frame)}.ground{fill:\(theme.ground)}.slab{stroke:\(theme.slab)}",
      ".name{fill:\(theme.ink)}.lines,.note,.storey,.library{fill:\(theme.muted)}",
      ".arrow{stroke:\(theme.arrow)}.arrowhead{fill:\(theme.arrow)}.wire{stroke:\(theme.wire)}.wirehead{fill:\(theme.wire)}",
      ".border{fill:\(theme.border);stroke:\(theme.frame)}",
    ]
    for floor in 1..<max(floors, 2) {
      let hue = (205 + (floor - 1) * 150 / max(floors - 2, 1)) % 360
      rules.append(
        ".f\(floor){fill:hsl(\(hue),\(theme.fill.0)%,\(theme.fill.1)%);stroke:hsl(\(hue),\(theme.stroke.0)%,\(theme.stroke.1)%)}"
      )
    }
    return rules.joined(separator: "\n")
  }
}
