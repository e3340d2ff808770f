import Insight

/// The groups: a table to compare them, then a card for each with its pictures, how sure, and what the files say.
extension Page {
  func groups() -> Markup {
    section(
      "groups", "Groups",
      "The medoid is the image in the middle of its group. Whether a group means something in medicine is for an expert to say; the grade only says how sure it is that the group is there.",
      panels { step in
        if step.summary.groups.isEmpty {
          return "<p class=\"card empty\">This step found no groups: every image is noise.</p>"
        }
        return
          "\(finding(step))\(comparison(step))\(agreements(step))<div class=\"cards\">\(step.summary.groups.map { card(step, $0) })</div>"
      } + reading())
  }

  /// How many groups there are, and how sure that is.
  private func finding(_ step: Report.ClusteringStep) -> Markup {
    step.count.map { "<p class=\"card\">\($0.sentence)</p>\n" } ?? ""
  }

  private func comparison(_ step: Report.ClusteringStep) -> Markup {
    let head: Markup =
      "<th scope=\"col\">Group</th><th scope=\"col\" class=\"wide\">Size</th><th scope=\"col\">Grade</th><th scope=\"col\">Stability</th><th scope=\"col\">Silhouette</th><th scope=\"col\">Margin</th><th scope=\"col\">Probability</th><th scope=\"col\">Nearest</th>"
    let largest = step.summary.groups.map(\.size).max() ?? 1
    let rows = step.summary.groups.map { group -> Markup in
      let width = Wording.decimal(100 * Double(group.size) / Double(largest), 1)
      let nearest: Markup = group.neighbours.first.map { link(step, $0.group) } ?? "–"
      return """
        <tr><th scope="row">\(Palette.mark(group.group))<a href="#\(anchor(step, group.group))">\(group.group)</a></th><td class="wide"><span class="meter"><span class="fill \(Palette.style(group.group))" style="width:\(width)%"></span></span><span class="figure">\(Wording.count(group.size))</span></td><td>\(badge(group.trust.grade))</td><td>\(figure(group.stability))</td><td>\(figure(group.silhouette))</td><td>\(figure(group.margin))</td><td>\(figure(group.meanProbability))</td><td>\(nearest)</td></tr>

        """
    }
    let whole =
      [
        step.summary.silhouette.map { "silhouette \(Wording.decimal($0))" },
        step.summary.stability.map { "stability \(Wording.decimal($0))" },
      ].compactMap { $0 } + step.measures.map { "\($0.name) \(Wording.decimal($0.value))" }
    let note: Markup =
      whole.isEmpty ? "" : "<p class=\"under\">The clustering as a whole: \(whole.joined(separator: " · ")).</p>"
    return "<div class=\"card flush\">\(table("Groups compared", "numbers", head, Markup(rows)))\(note)</div>"
  }

  private func agreements(_ step: Report.ClusteringStep) -> Markup {
    Markup(
      report.agreements.filter { $0.first == step.name }.map { entry in
        let pairs = entry.agreement.partners.map { "\($0.first) ≈ \($0.second) (\(Wording.percent($0.jaccard)))" }
        return """
          <details class="card"><summary><span>Agreement with <code>\(entry.second)</code>: ARI \(Wording.decimal(entry.agreement.adjustedRandIndex))</span></summary><p>Group here ≈ its best partner there, with the images they share over the images in either: \(Wording.list(pairs, limit: 40)).</p></details>

          """
      })
  }

  private func link(_ step: Report.ClusteringStep, _ group: Int) -> Markup {
    "<a class=\"near\" href=\"#\(anchor(step, group))\">\(Palette.mark(group))\(group)</a>"
  }

  private func card(_ step: Report.ClusteringStep, _ group: GroupSummary) -> Markup {
    let profile = step.profiles.first { $0.group == group.group }
    let warnings: [Markup] =
      profile?.warnings.map { "<p class=\"warning\"><span aria-hidden=\"true\">!</span>\($0.sentence)</p>" } ?? []
    let copy: Markup =
      data.isWhole ? "<button type=\"button\" class=\"quiet\" data-copy=\"\(group.group)\">Copy paths</button>" : ""
    let show: Markup =
      report.map.isEmpty
      ? "" : "<button type=\"button\" class=\"quiet\" data-show=\"\(group.group)\">Show on map</button>"
    return """
      <article class="card group \(Palette.style(group.group))" id="\(anchor(step, group.group))" data-step="\(Escape.identifier(step.name))" tabindex="-1">
      <header>\(Palette.mark(group.group))<h4>\(title(step, group.group))</h4><span class="small">\(Wording.count(group.size, "image")) · \(Wording.percent(group.share))</span><span class="push"></span>\(badge(group.trust.grade))</header>
      <div class="who"><figure>\(thumbnail(group.medoid, side: 168, label: "Medoid of group \(group.group)"))<figcaption>Medoid\(group.medoidIsExact ? "" : " (nearest to the mean)")<bdi class="path">\(path(group.medoid))</bdi></figcaption></figure>
      <div class="what"><p class="sure">\(group.trust.sentence)</p>\(numbers(group))</div></div>
      \(warnings)\(strip("Typical", "near the medoid, spread out", group.typical, group.group))\(strip("Odd", "farthest out or least sure", group.odd, group.group))\(facts(profile))
      <footer>\(neighbours(step, group))<span class="push"></span>\(show)\(copy)</footer></article>

      """
  }

  private func numbers(_ group: GroupSummary) -> Markup {
    let entries: [(String, String, Markup)] = [
      ("Stability", "how well it comes back in resamples, 0 to 1", figure(group.stability)),
      ("Silhouette", "−1 to 1; above 0.25 is apart", figure(group.silhouette)),
      ("Margin", "distance to the nearest group over their widths; above 1 is apart", figure(group.margin)),
      ("Probability", "mean strength of membership", figure(group.meanProbability)),
      ("Cohesion", "mean distance to the medoid", figure(group.cohesion)),
      ("Separation", "distance to the nearest other medoid", figure(group.separation)),
    ]
    let cells = entries.map { name, hint, value -> Markup in
      "<div title=\"\(hint)\"><dt>\(name)</dt><dd>\(value)</dd></div>"
    }
    return "<dl class=\"figures\">\(cells)</dl>"
  }

  private func strip(_ name: String, _ hint: String, _ exemplars: [Exemplar], _ group: Int) -> Markup {
    if exemplars.isEmpty { return "" }
    let pictures = exemplars.map { exemplar -> Markup in
      let note =
        switch exemplar.reason {
        case .typical: ""
        case .farthest: "far"
        case .leastProbable: "p \(Wording.decimal(exemplar.probability))"
        }
      return thumbnail(exemplar.row, side: 64, label: "\(name) member of group \(group)", note: note)
    }
    return "<div class=\"row\"><h5>\(name) <span>\(hint)</span></h5><div class=\"strip\">\(pictures)</div></div>\n"
  }

  private func facts(_ profile: MetadataProfile?) -> Markup {
    guard let profile, !profile.facts.isEmpty else { return "" }
    let shown = profile.facts.prefix(6)
    let rows = shown.map { fact -> Markup in
      let inside = Wording.decimal(100 * fact.insideShare, 1)
      let outside = Wording.decimal(100 * fact.outsideShare, 1)
      return """
        <tr title="\(Wording.count(fact.inside)) of \(Wording.count(fact.insideTotal)) inside, \(Wording.count(fact.outside)) of \(Wording.count(fact.outsideTotal)) outside, q = \(Page.small(fact.q))"><th scope="row">\(fact.attribute.title)</th><td><bdi>\(fact.value.spaced)</bdi></td><td class="pair"><span class="meter"><span class="fill" style="width:\(inside)%"></span><span class="tick" style="left:\(outside)%"></span></span></td><td class="figure">\(Wording.percent(fact.insideShare))</td><td class="figure rest">\(Wording.percent(fact.outsideShare))</td></tr>

        """
    }
    let more: Markup =
      profile.facts.count > shown.count
      ? "<p class=\"small\">and \(Wording.count(profile.facts.count - shown.count, "weaker fact"))</p>" : ""
    return """
      <div class="row"><h5>Over-represented <span>share here, and elsewhere</span></h5><table class="facts"><tbody>\(rows)</tbody></table>\(more)</div>

      """
  }

  /// A q-value: two places, or a bound.
  private static func small(_ value: Double) -> String { value < 0.001 ? "under 0.001" : Wording.decimal(value, 3) }

  private func neighbours(_ step: Report.ClusteringStep, _ group: GroupSummary) -> Markup {
    if group.neighbours.isEmpty { return "" }
    return "<span class=\"small\">Nearest \(group.neighbours.prefix(3).map { link(step, $0.group) })</span>"
  }

  /// How grades come about, in the words and thresholds that `Trust` judges by.
  private func reading() -> Markup {
    let thresholds = [Trust.stabilityThreshold, Trust.silhouetteThreshold, Trust.marginThreshold]
    let rows = thresholds.map { threshold -> Markup in
      let cells = threshold.least.map { "<td>≥ \(Wording.decimal($0))</td>" as Markup }
      return
        "<tr><th scope=\"row\">\(threshold.measure)</th>\(cells)<td>below</td><td class=\"small\">\(threshold.source)</td></tr>\n"
    }
    let head: Markup =
      "<th scope=\"col\">Measure</th>\(Trust.Grade.allCases.map { "<th scope=\"col\">\(badge($0))</th>" as Markup })<th scope=\"col\">What it is</th>"
    let rules = Trust.rule.map { "<li>\($0)</li>" as Markup }
    let meanings = Trust.Grade.allCases.map { "<li>\(badge($0)) \($0.meaning)</li>" as Markup }
    return """
      <details class="card reading"><summary>How the grades come about</summary><ul class="meanings">\(meanings)</ul><ol>\(rules)</ol>\(table("Thresholds of the grades", "numbers", head, Markup(rows)))<p class="small">Facts are tested with the hypergeometric test, one-sided, false discovery rate 5 % over all groups and facts; images of one patient are treated as independent, which makes the tests too sure.</p></details>

      """
  }
}
