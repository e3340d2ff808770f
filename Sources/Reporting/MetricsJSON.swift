import Insight
import Records

/// `metrics.json`: how good each clustering is, in figures for a program.
///
/// One key a step, in recipe order: `silhouette`, `stability` and the step's further measures where they were computed, and
/// `ari`, `ami`, `nmi`, `accuracy`, `noise` where truth was given. Numbers in shortest round-trip form; what is not a
/// number is `null`.
public enum MetricsJSON {
  public static func text(_ clusterings: [Report.ClusteringStep]) -> String {
    if clusterings.isEmpty { return "{}\n" }
    let steps = clusterings.map { step in
      var fields: [(String, String)] = [
        ("groups", String(step.summary.groups.count)), ("rows", String(step.summary.rows)),
        ("noise_share", NumberText.json(step.summary.noiseShare)),
      ]
      if let silhouette = step.summary.silhouette { fields.append(("silhouette", NumberText.json(silhouette))) }
      if let stability = step.summary.stability { fields.append(("stability", NumberText.json(stability))) }
      fields += step.measures.map { ($0.name, NumberText.json($0.value)) }
      if let truth = step.truth {
        fields.append(("matched", String(truth.matched)))
        fields.append(("ari", NumberText.json(truth.scores.adjustedRandIndex)))
        fields.append(("ami", NumberText.json(truth.scores.adjustedMutualInformation)))
        fields.append(("nmi", NumberText.json(truth.scores.normalizedMutualInformation)))
        fields.append(("accuracy", NumberText.json(truth.scores.accuracy)))
        fields.append(("noise", NumberText.json(truth.scores.noise)))
      }
      let lines = fields.map { "    \(Escape.json($0.0)): \($0.1)" }
      return "  \(Escape.json(step.name)): {\n\(lines.joined(separator: ",\n"))\n  }"
    }
    return "{\n\(steps.joined(separator: ",\n"))\n}\n"
  }
}
