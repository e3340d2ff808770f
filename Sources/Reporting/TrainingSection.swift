import Foundation
import Insight

/// How the features came about: the course of training, and what PCA kept.
extension Page {
  func training() -> Markup? {
    let charts = [curve(), teacher(), variance()].compactMap { $0 }
    if charts.isEmpty { return nil }
    return section(
      "training", "Features",
      "The network learned from this archive’s images alone, without labels."
        + (report.heldOut > 0 ? " \(Wording.count(report.heldOut, "image")) held out: it never saw them." : ""),
      "\(worth() ?? "")<div class=\"two\">\(charts)</div>")
  }

  private func curve() -> Markup? {
    guard let training = report.training, training.epoch.count > 1 else { return nil }
    let loss = LineChart(
      title: "Loss by epoch", x: training.epoch, y: training.loss, floor: nil, ceiling: nil, style: "line-a")
    let entropy = LineChart(
      title: "Entropy of the teacher by epoch, in nats", x: training.epoch, y: training.teacherEntropy, floor: 0,
      ceiling: (training.greatestEntropy, "uniform"), style: "line-b")
    return """
      <figure class="card chart-card"><figcaption><h4>Training</h4>\(training.contenders.isEmpty ? "<p class=\"small\">\(training.verdict)</p>" as Markup : "")</figcaption>\(alarms(training))<h5 class="key"><span class="swatch a"></span>Loss</h5>\(loss.markup)<h5 class="key"><span class="swatch b"></span>Teacher entropy <span>near 0 or near uniform would be collapse</span></h5>\(entropy.markup)</figure>

      """
  }

  private func alarms(_ training: Report.TrainingCurve) -> [Markup] {
    training.alarms.map { "<p class=\"warning\"><span aria-hidden=\"true\">!</span>\($0)</p>" }
  }

  /// How student and teacher get on, and how well the teacher tells images apart.
  private func teacher() -> Markup? {
    guard let training = report.training, training.epoch.count > 1 else { return nil }
    let curves: [(name: String, note: String, values: [Double], ceiling: (value: Double, name: String)?)] = [
      ("Divergence", "of the student from the teacher, in nats", training.divergence, nil),
      ("Effective rank", "directions in which features differ; 1 would be collapse", training.effectiveRank, nil),
      (
        "View retrieval", "images whose second crop is the nearest to their first, of the batch",
        training.viewRetrieval, (1, "all")
      ),
    ]
    let drawn = curves.filter { !$0.values.isEmpty }.map { curve -> Markup in
      let chart = LineChart(
        title: "\(curve.name) by epoch", x: training.epoch, y: curve.values, floor: 0, ceiling: curve.ceiling,
        style: "line-b")
      return
        "<h5 class=\"key\"><span class=\"swatch b\"></span>\(curve.name) <span>\(curve.note)</span></h5>\(chart.markup)"
    }
    if drawn.isEmpty { return nil }
    return """
      <figure class="card chart-card"><figcaption><h4>What the teacher tells apart</h4><p class="small">Measured in every step on the batch’s two large crops.</p></figcaption>\(drawn)</figure>

      """
  }

  private func variance() -> Markup? {
    let ratios = report.explainedVarianceRatio.prefix(100)
    if ratios.isEmpty { return nil }
    let kept = report.explainedVarianceRatio.reduce(0, +)
    var svg = SVG(width: 560, height: 300, title: "Explained variance by component")
    let x = LinearScale(domain: 0...Double(ratios.count), range: (44, 548))
    let y = LinearScale(domain: 0...1, range: (266, 14))
    for value in [0.0, 0.25, 0.5, 0.75, 1] {
      svg.line(44, y(value), 548, y(value), "grid")
      svg.text(Wording.percent(value), 38, y(value) + 4, "axis", anchor: "end")
    }
    var sum = 0.0
    var sums: [(x: Double, y: Double)] = [(x(0), y(0))]
    let gap = min(2, (x(1) - x(0)) / 4)
    for (index, ratio) in ratios.enumerated() {
      sum += ratio
      let left = x(Double(index)) + gap / 2
      svg.rectangle(
        left, y(ratio), x(Double(index + 1)) - gap / 2 - left, y(0) - y(ratio), "bar-a",
        hint: "Component \(index + 1): \(Wording.percent(ratio)), together \(Wording.percent(sum))")
      sums.append((x(Double(index) + 0.5), y(sum)))
    }
    svg.curve(sums, "line-b")
    let ticks = x.ticks(6)
    for value in ticks.values where value > 0 {
      svg.text(Wording.decimal(value, ticks.places), x(value), 286, "axis", anchor: "middle")
    }
    svg.text("component", 548, 298, "axis", anchor: "end")
    return """
      <figure class="card chart-card"><figcaption><h4>Principal components</h4><p class="small">\(Wording.count(report.explainedVarianceRatio.count, "component")) keep \(Wording.percent(kept)) of the variance.</p></figcaption><h5 class="key"><span class="swatch a"></span>Each <span class="swatch b"></span>Together</h5>\(svg.markup)</figure>

      """
  }
}

/// A curve over epochs with its axes.
private struct LineChart {
  init(
    title: String, x: [Double], y: [Double], floor: Double?, ceiling: (value: Double, name: String)?, style: String
  ) {
    self.title = title
    (self.x, self.y) = LineChart.thinned(x, y)
    (self.floor, self.ceiling, self.style) = (floor, ceiling, style)
  }

  let title: String
  let x: [Double]
  let y: [Double]
  let floor: Double?
  let ceiling: (value: Double, name: String)?
  let style: String

  var markup: Markup {
    var svg = SVG(width: 560, height: 180, title: title)
    let known = y.filter(\.isFinite)
    let low = floor ?? known.min() ?? 0
    let high = max(known.max() ?? 1, ceiling?.value ?? -.infinity, low + 1e-6)
    let pad = floor == nil ? (high - low) * 0.06 : 0
    let across = LinearScale(domain: (x.first ?? 0)...max(x.last ?? 1, x.first ?? 0), range: (44, 548))
    let up = LinearScale(domain: (low - pad)...(high + (high - low) * 0.06), range: (154, 8))
    let marks = up.ticks(4)
    for value in marks.values {
      svg.line(44, up(value), 548, up(value), "grid")
      svg.text(Wording.decimal(value, marks.places), 38, up(value) + 4, "axis", anchor: "end")
    }
    let ticks = across.ticks(8)
    for value in ticks.values {
      svg.text(Wording.decimal(value, ticks.places), across(value), 172, "axis", anchor: "middle")
    }
    if let ceiling {
      svg.line(44, up(ceiling.value), 548, up(ceiling.value), "limit")
      svg.text(ceiling.name, 546, up(ceiling.value) + 13, "axis", anchor: "end")
    }
    svg.curve(zip(x, y).map { (across($0), up($1)) }, style)
    return svg.markup
  }

  /// As many points as the drawing has pixels, each the mean of what falls there: a long run is a smooth curve and a small page.
  private static func thinned(_ x: [Double], _ y: [Double]) -> (x: [Double], y: [Double]) {
    let most = 504
    if x.count <= most { return (x, y) }
    let parts = (0..<most).map { $0 * x.count / most..<($0 + 1) * x.count / most }
    func means(_ values: [Double]) -> [Double] {
      parts.map { values[$0].reduce(0, +) / Double($0.count) }
    }
    return (means(x), means(y))
  }
}
