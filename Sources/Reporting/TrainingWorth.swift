import Insight

/// Whether training was worth it.
extension Page {
  /// The trained network beside raw pixels and what it began with.
  func worth() -> Markup? {
    guard let training = report.training, !training.contenders.isEmpty else { return nil }
    let hasLabels = training.contenders.contains { $0.labels != nil }
    let rows = training.contenders.enumerated().map { index, contender -> Markup in
      let labels: Markup =
        hasLabels
        ? "<td>\(figure(contender.labels?.neighborAccuracy, 3))</td><td>\(figure(contender.labels?.adjustedRandIndex, 3))</td>"
        : ""
      return """
        <tr class="\(index == training.contenders.count - 1 ? "ours" : "")"><th scope="row">\(contender.name)\(contender.place.isEmpty ? "" : "<br><span class=\"small\">\(contender.place)</span>" as Markup)</th><td>\(figure(contender.neighborsKept, 3))</td><td>\(figure(contender.viewRetrieval, 3))</td><td>\(figure(contender.stability, 3))</td><td>\(figure(contender.effectiveRank, 1))</td>\(labels)</tr>

        """
    }
    let head: Markup =
      "<th scope=\"col\">Features</th><th scope=\"col\">Neighbours kept</th><th scope=\"col\">View retrieval</th><th scope=\"col\">Group stability</th><th scope=\"col\">Effective rank</th>\(hasLabels ? "<th scope=\"col\">k-NN</th><th scope=\"col\">ARI</th>" as Markup : "")"
    return """
      <div class="card"><h4>Was training worth it?</h4><p>\(training.verdict)</p>\(training.labelVerdict.map { "<p>\($0)</p>" as Markup } ?? "")\(table("What training is compared with", "numbers", head, Markup(rows)))<p class="small">Measured on a sample of the images it learned from, without labels\(hasLabels ? " but for the last two columns" : ""): the share of nearest neighbours that stay when images are varied, the share of varied images nearest to their own original, how far k-means finds the same groups in random halves, and in how many directions vectors differ.</p></div>

      """
  }
}
