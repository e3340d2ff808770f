import Insight

/// What to do next, and what was done: suggestions, parameters in force, versions, how to run it again.
extension Page {
  func next() -> Markup? {
    if report.nextSteps.isEmpty { return nil }
    let items = report.nextSteps.map { item -> Markup in
      let links = headline.map { step in
        item.groups.filter { $0 < step.summary.groups.count }.prefix(24).map { group -> Markup in
          "<a class=\"near\" href=\"#\(anchor(step, group))\" aria-label=\"Group \(group)\"><span class=\"thumb\">\(picture(step.summary.groups[group].medoid, side: 34, ""))</span>\(Palette.mark(group))\(group)</a>"
        }
      }
      return "<li><h4>\(item.title)</h4><p>\(item.detail)</p><p class=\"links\">\(links ?? [])</p></li>\n"
    }
    return section("next", "What to do next", "In this order.", "<ol class=\"card next\">\(items)</ol>")
  }

  func parameters() -> Markup {
    let steps = report.steps.map { step -> Markup in
      let rows = step.parameters.map { "<tr><th scope=\"row\">\($0.name)</th><td>\($0.value)</td></tr>\n" as Markup }
      let digest: Markup = step.digest.isEmpty ? "" : "<p class=\"digest\">sha256 <code>\(step.digest)</code></p>"
      return """
        <details class="card"><summary><b>\(step.name)</b> <code>\(step.stage)</code><span class="push"></span><span class="small">\(Wording.count(step.parameters.count, "parameter"))</span></summary><table class="values"><tbody>\(rows)</tbody></table>\(digest)</details>

        """
    }
    let facts = report.facts.map {
      "<tr><th scope=\"row\">\($0.name)</th><td><code>\($0.value)</code></td></tr>\n" as Markup
    }
    let versions: Markup =
      facts.isEmpty
      ? ""
      : "<details class=\"card\"><summary><b>Versions and digests</b></summary><table class=\"values\"><tbody>\(facts)</tbody></table></details>\n"
    let again: Markup =
      report.commands.isEmpty
      ? ""
      : "<div class=\"card again\"><h4>Run it again</h4><pre><code>\(report.commands.joined(separator: "\n"))</code></pre><button type=\"button\" class=\"quiet\" data-copy-text>Copy</button></div>\n"
    return section(
      "parameters", "How it was made",
      "Every parameter in force, defaults included. Equal inputs, parameters and key give equal bytes.",
      "\(again)<div class=\"steps\">\(steps)\(versions)</div>")
  }
}
