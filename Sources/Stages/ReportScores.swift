import Foundation
import Pipeline
import Reporting
import Storage

/// Truth and methods for the page: what the labels say of each clustering, and how everything was made.
extension ReportAssembly {
  /// Each baseline beside the first clustering of its own method, else the first of all.
  static func scores(
    of baselines: [Report.ClusteringStep], besides clusterings: [Report.ClusteringStep]
  ) -> [Report.Baseline] {
    baselines.compactMap { baseline in
      guard let truth = baseline.truth,
        let partner = clusterings.first(where: { $0.method == baseline.method }) ?? clusterings.first
      else { return nil }
      return Report.Baseline(name: baseline.name, step: partner.name, scores: truth.scores)
    }
  }

  /// A line a step, and one that says how many rows were matched and how.
  static func lines(_ clusterings: [Report.ClusteringStep], match: TruthTable.Match?) -> [String] {
    guard let match else { return [] }
    let width = clusterings.map(\.name.count).max() ?? 0
    var lines = [
      "truth matched \(match.matched) of \(match.labels.count) images: \(match.byPath) by path, \(match.bySuffix) by suffix, "
        + "\(match.byName) by name; \(match.unmatchedRows) rows of the truth match no image"
    ]
    for step in clusterings {
      guard let scores = step.truth?.scores else { continue }
      lines.append(
        "score \(step.name.padding(toLength: width, withPad: " ", startingAt: 0))  groups \(step.summary.groups.count)  "
          + "ARI \(fixed(scores.adjustedRandIndex, digits: 3))  AMI \(fixed(scores.adjustedMutualInformation, digits: 3))  "
          + "accuracy \(fixed(scores.accuracy, digits: 3))  noise \(fixed(scores.noise, digits: 3))")
    }
    return lines
  }

  /// Parameters in force and digests of every step that the report reads, as the store recorded them.
  static func methods(_ inputs: StageInputs) throws -> (steps: [Report.StepRecord], facts: [Report.NamedValue]) {
    var steps: [Report.StepRecord] = []
    var facts: [Report.NamedValue] = []
    for slot in ["images", "model", "embeddings", "points", "clusters", "baselines"] {
      for (_, folder) in inputs.folders(slot) {
        let note = try ArtifactNote(in: folder)
        steps.append(
          Report.StepRecord(
            name: note.stage, stage: note.stage,
            parameters: note.parameters.sorted { $0.key < $1.key }.map {
              Report.NamedValue($0.key, $0.value.description)
            },
            digest: note.content))
        if let arithmetic = note.arithmetic, !facts.contains(where: { $0.value == arithmetic }) {
          facts.append(Report.NamedValue("arithmetic", arithmetic))
        }
      }
    }
    return (steps, facts)
  }
}

/// What the store recorded of an artefact, as far as the page tells it.
struct ArtifactNote {
  let stage: String
  let parameters: [String: ParameterValue]
  let content: String
  let arithmetic: String?
  let notes: [String]

  init(in folder: URL) throws {
    let record = try JSONDecoder().decode(
      Artifact.Record.self, from: Data(contentsOf: folder.appending(path: "artifact.json")))
    stage = record.ingredients.stage
    parameters = record.ingredients.parameters
    content = record.content
    arithmetic = record.ingredients.external[Arithmetic.key]
    notes = record.making.notes
  }
}
