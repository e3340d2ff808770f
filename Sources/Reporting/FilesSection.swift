import Insight
import Records

/// The files themselves: those refused and why, copies, quality flags.
extension Page {
  /// Longer tables are cut, and the page says so and where the rest is.
  static let tableLimit = 2000

  func files() -> Markup {
    section(
      "files", "Files", "A file that can’t be read is never dropped in silence: it stands here and in rejected.csv.",
      rejected() + "<div class=\"two\">\(duplicates())\(flags())</div>")
  }

  private func rejected() -> Markup {
    if report.rejections.isEmpty { return "<p class=\"card empty\">Every file was read.</p>" }
    let reasons = Page.reasons(of: report.rejections)
    let chips = reasons.map { reason -> Markup in
      "<button type=\"button\" class=\"chip\" data-code=\"\(reason.code.rawValue)\" aria-pressed=\"false\">\(reason.code.rawValue.spaced) <b>\(Wording.count(reason.count))</b></button>"
    }
    let rank = Dictionary(uniqueKeysWithValues: reasons.enumerated().map { ($0.element.code, $0.offset) })
    let sorted = report.rejections.enumerated().sorted {
      (rank[$0.element.code] ?? 0, $0.element.path, $0.offset) < (
        rank[$1.element.code] ?? 0, $1.element.path, $1.offset
      )
    }.map(\.element)
    let rows = sorted.prefix(Page.tableLimit).map { rejection -> Markup in
      "<tr data-code=\"\(rejection.code.rawValue)\"><td class=\"path\"><bdi>\(rejection.path)</bdi></td><td><span class=\"code\">\(rejection.code.rawValue.spaced)</span></td><td>\(rejection.message)</td><td>\(rejection.stage)</td></tr>\n"
    }
    let share = Double(report.rejections.count) / Double(report.rejections.count + report.images.count)
    return """
      <div class="card flush" id="rejected"><div class="filters"><h3>\(Wording.count(report.rejections.count)) rejected <span class="small">\(Wording.percent(share)) of all files</span></h3><span class="push"></span><label class="search"><span class="hush">Search in rejected files</span><input type="search" placeholder="Search path or message" data-search></label><div class="chips" role="group" aria-label="Reasons">\(chips)</div></div>
      \(table("Rejected files", "list", "<th scope=\"col\">Path</th><th scope=\"col\">Reason</th><th scope=\"col\">What happened</th><th scope=\"col\">Step</th>", Markup(rows)))\(cut(sorted.count, "rejected.csv"))</div>

      """
  }

  private func cut(_ count: Int, _ file: String) -> Markup {
    if count <= Page.tableLimit { return "" }
    return
      "<p class=\"under\">The first \(Wording.count(Page.tableLimit)) are shown; all \(Wording.count(count)) are in <code>\(file)</code>.</p>"
  }

  private func duplicates() -> Markup {
    let names = Dictionary(report.images.map { ($0.id, $0.path) }, uniquingKeysWith: { first, _ in first })
    let copies = report.images.filter { $0.duplicateOf != nil }
    if copies.isEmpty {
      return
        "<div class=\"card\" id=\"copies\"><h4>Copies</h4><p class=\"small\">No two images have equal pixels.</p></div>"
    }
    let originals = Set(copies.compactMap(\.duplicateOf)).count
    let rows = copies.prefix(Page.tableLimit).map { image -> Markup in
      let original = image.duplicateOf.map { names[$0] ?? $0.rawValue } ?? ""
      return "<tr><td class=\"path\"><bdi>\(image.path)</bdi></td><td class=\"path\"><bdi>\(original)</bdi></td></tr>\n"
    }
    return """
      <div class="card flush" id="copies"><div class="filters"><h4>\(Wording.count(copies.count, "copy", "copies")) of \(Wording.count(originals, "image"))</h4><span class="small">equal pixels, whatever the format</span></div>\(table("Copies", "list short", "<th scope=\"col\">Copy</th><th scope=\"col\">Of</th>", Markup(rows)))\(cut(copies.count, "manifest.csv"))</div>

      """
  }

  private func flags() -> Markup {
    var counts: [String: Int] = [:]
    for image in report.images { for flag in image.flags { counts[flag, default: 0] += 1 } }
    if counts.isEmpty {
      return "<div class=\"card\"><h4>Quality flags</h4><p class=\"small\">No image was flagged.</p></div>"
    }
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let largest = sorted[0].value
    let rows = sorted.map { flag, count -> Markup in
      let width = Wording.decimal(100 * Double(count) / Double(largest), 1)
      return
        "<tr><th scope=\"row\">\(flag.spaced)</th><td class=\"pair\"><span class=\"meter\"><span class=\"fill\" style=\"width:\(width)%\"></span></span></td><td class=\"figure\">\(Wording.count(count))</td><td class=\"figure rest\">\(Wording.percent(Double(count) / Double(report.images.count)))</td></tr>\n"
    }
    return """
      <div class="card"><h4>Quality flags</h4><p class="small">Flagged images stay in the archive; the flag only says where to look.</p><table class="facts"><tbody>\(rows)</tbody></table></div>

      """
  }
}
