import Insight

/// How the groups compare with labels that the fit never saw, and with the same clustering on plainer features.
extension Page {
  func truth() -> Markup? {
    guard let column = report.clusterings.compactMap({ $0.truth?.column }).first else { return nil }
    return section(
      "truth", "Against the truth",
      "Labels from the column “\(column)” were compared with the groups after the fact; they never touched the fit. Noise counts as one group. 1 is perfect; for ARI and AMI 0 is chance.",
      panels { step in
        guard let truth = step.truth else {
          return "<p class=\"card empty\">No labels were compared with this step.</p>"
        }
        return "<div class=\"card\">\(scores(step, truth))</div><div class=\"card\">\(confusion(step, truth))</div>"
      })
  }

  private func scores(_ step: Report.ClusteringStep, _ truth: TruthComparison) -> Markup {
    let baselines = report.baselines.filter { $0.step == step.name }
    let all = [("This archive’s own network", truth.scores)] + baselines.map { ($0.name, $0.scores) }
    let best = (
      all.map(\.1.adjustedRandIndex).max()!, all.map(\.1.adjustedMutualInformation).max()!,
      all.map(\.1.normalizedMutualInformation).max()!, all.map(\.1.accuracy).max()!
    )
    let rows = all.enumerated().map { index, entry -> Markup in
      let (name, scores) = entry
      let interval = index == 0 ? Page.wilson(scores.accuracy, truth.matched) : nil
      let band: Markup? = interval.map {
        "<span class=\"small\" title=\"95 % interval (Wilson), images as independent\"> \(Wording.decimal($0.0))–\(Wording.decimal($0.1))</span>"
      }
      func cell(_ value: Double, _ best: Double) -> Markup {
        "<td class=\"\(all.count > 1 && value == best ? "best" : "")\">\(figure(value, 3))</td>"
      }
      return """
        <tr class="\(index == 0 ? "ours" : "")"><th scope="row">\(name)</th>\(cell(scores.adjustedRandIndex, best.0))\(cell(scores.adjustedMutualInformation, best.1))\(cell(scores.normalizedMutualInformation, best.2))<td class="\(all.count > 1 && scores.accuracy == best.3 ? "best" : "")">\(figure(scores.accuracy, 3))\(band)</td><td>\(Wording.percent(scores.noise))</td></tr>

        """
    }
    let head: Markup =
      "<th scope=\"col\">Features</th><th scope=\"col\">ARI</th><th scope=\"col\">AMI</th><th scope=\"col\">NMI</th><th scope=\"col\">Accuracy</th><th scope=\"col\">Noise</th>"
    return """
      <p class="small">\(Wording.count(truth.matched)) of \(Wording.count(report.images.count, "image")) have a label. Accuracy is that of the best one-to-one match of groups and kinds.</p>\(table("Scores against the truth", "numbers", head, Markup(rows)))
      """
  }

  private func confusion(_ step: Report.ClusteringStep, _ truth: TruthComparison) -> Markup {
    let groups = step.summary.groups.count
    let columns = truth.counts.first?.count ?? 0
    let head: [Markup] = (0..<columns).map { column in
      column < groups ? "<th scope=\"col\">\(Palette.mark(column))\(column)</th>" : "<th scope=\"col\">noise</th>"
    }
    // Kinds by the group that holds most of them, so that a good match shows as a diagonal.
    let order = truth.kinds.indices.sorted { a, b in
      (Page.fullest(truth.counts[a]), -(truth.counts[a].max() ?? 0), a)
        < (Page.fullest(truth.counts[b]), -(truth.counts[b].max() ?? 0), b)
    }
    let rows = order.map { (truth.kinds[$0], truth.counts[$0]) }.map { kind, counts -> Markup in
      let total = counts.reduce(0, +)
      let cells = counts.enumerated().map { column, count -> Markup in
        let share = total > 0 ? Double(count) / Double(total) : 0
        let name = column < groups ? "group \(column)" : "noise"
        return """
          <td class="heat" style="--h:\(Wording.decimal(share, 3))" title="\(kind): \(Wording.count(count)) of \(Wording.count(total)) in \(name), \(Wording.percent(share))">\(count == 0 ? "<span class=\"none\">·</span>" as Markup : "\(Wording.count(count))")</td>
          """
      }
      return
        "<tr><th scope=\"row\"><bdi>\(kind)</bdi></th>\(cells)<td class=\"total\">\(Wording.count(total))</td></tr>\n"
    }
    return """
      <h4>Kinds and groups</h4><p class="small">Images of each kind (rows) in each group (columns), shaded by the share of the kind.</p>\(table("Confusion of kinds and groups", "numbers confusion", "<th scope=\"col\">Kind</th>\(head)<th scope=\"col\">All</th>", Markup(rows)))
      """
  }

  private static func fullest(_ counts: [Int]) -> Int {
    counts.indices.min { (-counts[$0], $0) < (-counts[$1], $1) } ?? 0
  }

  /// The 95 % interval of a share (Wilson 1927).
  static func wilson(_ share: Double, _ count: Int) -> (Double, Double)? {
    guard count > 0, share.isFinite else { return nil }
    let z = 1.959963984540054
    let n = Double(count)
    let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
    return (max(0, middle - half), min(1, middle + half))
  }
}
