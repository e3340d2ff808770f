import Foundation
import Pipeline

/// What a finished run says on standard output: what was found, the scores if labels were given, where the page is.
struct RunSummary {
  private let record: RunRecord
  private let out: URL

  init(_ record: RunRecord, out: URL) {
    self.record = record
    self.out = out
  }

  /// A count that a step noted, such as `rejected 7`; 0 where none did.
  private func count(_ name: String, in step: RunRecord.StepRecord) -> Int {
    step.notes.first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
  }

  var rejected: Int { record.steps.reduce(0) { $0 + count("rejected", in: $1) } }

  func print() {
    // What the groups rest on was told by the run that found them.
    let assigns = record.steps.contains { $0.stage == "assign" }
    for step in record.steps where step.fingerprint != nil && step.state != .leftOut {
      if assigns && step.stage != "assign" && !step.name.hasPrefix(LaterImages.prefix) { continue }
      switch step.stage {
      case "ingest":
        let copies = count("copies", in: step)
        Swift.print(
          "\(count("images", in: step)) images, \(count("rejected", in: step)) files rejected"
            + (copies > 0 ? ", \(copies) copies" : ""))
      case "dino":
        let (images, patients) = (count("excluded", in: step), count("excluded_patients", in: step))
        if images > 0 {
          Swift.print(
            "\(step.name): \(images) images held out of training"
              + (patients > 0 ? ", of \(patients) patient\(patients == 1 ? "" : "s")" : ""))
        }
        for note in step.notes where note.hasPrefix("alarm: ") || note.hasPrefix("Training ") {
          Swift.print("\(step.name): \(note)")
        }
      case "kmeans", "hdbscan", "correct":
        let noise = count("noise", in: step)
        Swift.print(
          "\(step.name): \(count("groups", in: step)) groups" + (noise > 0 ? ", \(noise) images in none" : ""))
        for said in ["count: ", "correction: "] {
          for note in step.notes where note.hasPrefix(said) {
            Swift.print("\(step.name): \(note.dropFirst(said == "count: " ? said.count : 0))")
          }
        }
      case "lineage":
        let kinds = step.notes.filter { !$0.hasSuffix(" 0") }.map { $0.replacingOccurrences(of: "_", with: " ") }
        Swift.print("\(step.name): \(kinds.isEmpty ? "no groups" : kinds.joined(separator: ", "))")
      case "assign":
        let (into, outside) = (count("assigned", in: step), count("in_no_group", in: step))
        let chance = step.notes.first { $0.hasPrefix("misfits_by_chance ") }?.split(separator: " ").last ?? "0"
        Swift.print(
          "\(into) images placed in groups" + (outside > 0 ? ", \(outside) in none" : "")
            + "; \(count("misfits", in: step)) lie far out in theirs, where chance gives \(chance)")
      case "report":
        let spoken = ["truth ", "score ", "The labels "]
        for note in step.notes where spoken.contains(where: note.hasPrefix) { Swift.print(note) }
      default: break
      }
    }
    let page = out.appending(path: "report/index.html")
    if FileManager.default.fileExists(atPath: page.path) { Swift.print("The page: \(page.relativePath)") }
  }
}
