import Clustering
import Foundation
import Insight
import Records

/// The report with what its sections share: where rows are, how a picture is drawn.
struct Page {
  let report: Report
  let data: PageData

  init(_ report: Report) {
    self.report = report
    data = PageData(report)
  }

  /// The clustering the archive is sorted by.
  var headline: Report.ClusteringStep? { report.clusterings.last }

  var copies: Int { report.images.count { $0.duplicateOf != nil } }

  func path(_ row: Int) -> String { report.images[row].path }

  /// The small picture of a row as a button that opens it large. `note` says why it is shown.
  func thumbnail(_ row: Int, side: Int, label: String, note: String = "") -> Markup {
    let name: Markup = "\(label): \(path(row))"
    let tail: Markup = note.isEmpty ? "" : "<span class=\"note\">\(note)</span>"
    return """
      <button type="button" class="thumb" data-row="\(data.place[row] ?? 0)" title="\(name)">\(picture(row, side: side, name))\(tail)</button>
      """
  }

  /// The picture alone, with the text that stands for it.
  func picture(_ row: Int, side: Int, _ name: Markup) -> Markup {
    let source: Markup
    switch report.thumbnails {
    case .files(let folder):
      let parts =
        folder.split(separator: "/").map { Escape.url(String($0)) } + [Escape.url(report.images[row].id.rawValue)]
      source = "src=\"\(parts.joined(separator: "/")).jpg\""
    case .embedded(let pictures):
      // The script fills it in, so that no picture stands in the page twice.
      guard pictures[row] != nil else { return "<span class=\"missing\">\(name)</span>" }
      source = "data-picture=\"\(data.place[row] ?? 0)\""
    }
    return "<img \(source) alt=\"\(name)\" width=\"\(side)\" height=\"\(side)\" loading=\"lazy\" decoding=\"async\">"
  }

  /// A section with its heading; its id is what the navigation points to.
  func section(_ id: String, _ title: String, _ lead: Markup, _ body: Markup) -> Markup {
    """
    <section id="\(id)" aria-labelledby="\(id)-title"><div class="head"><h2 id="\(id)-title">\(title)</h2><p class="lead">\(lead)</p></div>
    \(body)</section>

    """
  }

  /// One panel a clustering step, of which the script shows the chosen one; without a script, and on paper, all are shown.
  func panels(_ body: (Report.ClusteringStep) -> Markup) -> Markup {
    Markup(
      report.clusterings.map { step in
        let heading: Markup =
          report.clusterings.count > 1 ? "<h3 class=\"step\">\(step.method) <code>\(step.name)</code></h3>" : ""
        return "<div class=\"panel\" data-step=\"\(Escape.identifier(step.name))\">\(heading)\(body(step))</div>\n"
      })
  }

  /// A table that scrolls sideways on its own when it is wide; focusable, so that the keyboard can scroll it.
  func table(_ label: String, _ style: String, _ head: Markup, _ body: Markup) -> Markup {
    """
    <div class="scroll" tabindex="0" role="region" aria-label="\(label)"><table class="\(style)"><thead><tr>\(head)</tr></thead><tbody>
    \(body)</tbody></table></div>

    """
  }
}

extension Page {
  /// A grade as a badge.
  func badge(_ grade: Trust.Grade) -> Markup {
    "<span class=\"grade g-\(grade.rawValue)\" title=\"\(grade.meaning)\"><span class=\"hush\">Grade </span>\(grade.rawValue)</span>"
  }

  /// A number, or a dash that says it was not measured.
  func figure(_ value: Double?, _ places: Int = 2) -> Markup {
    guard let value else { return "<span class=\"none\" title=\"not measured\">–</span>" }
    return "\(Wording.decimal(value, places))"
  }
}
