import Insight

/// The map of points, its legend and its hover card; the script draws it from `PageData`.
extension Page {
  func map() -> Markup? {
    if report.map.isEmpty { return nil }
    let whole =
      data.isWhole
      ? "Each mark is an image"
      : "Each mark is an image; an even choice of \(Wording.count(data.place.count)) of \(Wording.count(report.images.count)) is drawn"
    return section(
      "map", "Map",
      "\(whole). \(report.mapCaption) Near on the map means alike to the network; far is less reliable, for many dimensions are folded into two.",
      """
      <div class="map card"><div class="stage"><canvas id="canvas" tabindex="0" role="img" aria-label="Map of the images, coloured by group. The list beside it holds the same groups."></canvas>
      <div class="tools"><button type="button" data-zoom="in" aria-label="Zoom in">+</button><button type="button" data-zoom="out" aria-label="Zoom out">−</button><button type="button" data-zoom="all" aria-label="Show all">⤢</button></div>
      <p class="help">Drag to move, scroll with Ctrl or pinch to zoom, click an image or a group. Keys: arrows, + and −, 0 for all.</p>
      <noscript><p class="noscript">The map needs JavaScript; the groups below don’t.</p></noscript><div id="tip" class="tip" hidden></div></div>
      <div class="side"><h3>Groups</h3>\(panels(legend))</div></div>

      """)
  }

  private func legend(_ step: Report.ClusteringStep) -> Markup {
    let entries = step.summary.groups.map { group -> Markup in
      """
      <li><button type="button" class="entry" data-group="\(group.group)" aria-pressed="false">\(Palette.mark(group.group))<span class="who">\(title(step, group.group))</span><span class="size">\(Wording.count(group.size))</span>\(badge(group.trust.grade))</button><a class="go" href="#\(anchor(step, group.group))" aria-label="Read about group \(group.group)">↓</a></li>

      """
    }
    let noise: Markup =
      step.summary.noise == 0
      ? ""
      : "<li><button type=\"button\" class=\"entry\" data-group=\"-1\" aria-pressed=\"false\"><span class=\"mark noise\"></span><span class=\"who\">Noise</span><span class=\"size\">\(Wording.count(step.summary.noise))</span></button></li>"
    return "<ul class=\"legend\">\(entries)\(noise)</ul>"
  }
}
