import Foundation
import Pipeline
import Stages

/// The recipe by which images that came later are sorted into the groups of a finished run.
///
/// The steps that the groups rest on stand in it as they were, to be pinned to their results. Beside each that looked at images stands one
/// that does the same to the new ones, `new_<step>`: they are read, embedded and projected as the others were, and the last step,
/// `assign`, says which group each belongs to. Nothing is fitted anew.
struct LaterImages {
  /// JSON, which is YAML.
  let text: String
  /// The steps that stand for results of the run.
  let kept: [RunRecord.StepRecord]

  /// The step that assigns.
  static let last = "assign"
  /// What the name of a step begins with that looks at the new images.
  static let prefix = "new_"

  /// - Parameters:
  ///   - record: of the run whose groups are wanted.
  ///   - groups: the step that made them; nil is the last of the run.
  ///   - folders: where the new images are.
  /// - Throws: `WrongUsage` where the run has no such step, or one that can't be done to images that come later.
  init(_ record: RunRecord, groups: String?, folders: [String], level: Double?) throws {
    var chain = Chain(record)
    let candidates = record.steps.filter { $0.fingerprint != nil && chain.makesGroups($0) }
    guard let wanted = groups.map({ name in candidates.last { $0.name == name } }) ?? candidates.last else {
      let names = candidates.map(\.name).joined(separator: ", ")
      throw WrongUsage(
        groups.map { "the run has no groups called \($0); there are: \(names)" } ?? "the run has no groups to sort into"
      )
    }
    let points = try chain.input(of: wanted, "points")
    let new = try chain.repeated(points, on: folders)
    var assign: [String: ParameterValue] = [
      "stage": .text(AssignStage.name), "groups": .text(wanted.name), "points": .text(points.name), "new": .text(new),
    ]
    if let level { assign["level"] = .number(level) }
    chain.added.append((LaterImages.last, .table(assign)))
    let needed = chain.ancestors(of: wanted) + [wanted]
    kept = record.steps.filter { step in needed.contains { $0.name == step.name } }
    let steps = (kept.map { ($0.name, chain.table(of: $0)) } + chain.added)
      .map { "\(ParameterValue.text($0).canonicalJSON): \($1.canonicalJSON)" }
    text =
      "{\"name\": \(ParameterValue.text(record.recipe.name + "-assigned").canonicalJSON), \"seed\": \(record.seed), \"steps\": {\n"
      + steps.joined(separator: ",\n") + "\n}}\n"
  }
}

/// The steps of a run as a graph, and what is added to it.
private struct Chain {
  let record: RunRecord
  var added: [(name: String, step: ParameterValue)] = []

  init(_ record: RunRecord) { self.record = record }

  private func type(_ step: RunRecord.StepRecord) -> (any Stage.Type)? {
    stageRegistry.first { $0.name == step.stage }
  }

  func makesGroups(_ step: RunRecord.StepRecord) -> Bool { type(step)?.output.name == "groups" }

  func input(of step: RunRecord.StepRecord, _ slot: String) throws -> RunRecord.StepRecord {
    guard let name = step.inputs[slot]?.first, let found = record.steps.first(where: { $0.name == name }),
      found.fingerprint != nil
    else { throw WrongUsage("the run has no result in the slot \(slot) of its step \(step.name)") }
    return found
  }

  func ancestors(of step: RunRecord.StepRecord) -> [RunRecord.StepRecord] {
    let names = step.inputs.values.flatMap { $0 }
    let parents = record.steps.filter { names.contains($0.name) }
    return parents + parents.flatMap(ancestors)
  }

  /// A step as a recipe has it. Places on disk that the record hides are not needed: the step's result is.
  func table(of step: RunRecord.StepRecord) -> ParameterValue {
    var table = step.parameters.filter { $0.value != .null }
    for field in type(step)?.fields ?? [] where field.defaultValue == nil && table[field.name] == nil {
      table[field.name] = .text(".")
    }
    table["stage"] = .text(step.stage)
    for (slot, steps) in step.inputs {
      table[slot] = steps.count == 1 ? .text(steps[0]) : .list(steps.map { .text($0) })
    }
    return .table(table)
  }

  /// Adds what does to the new images what `step` did to its own. - Returns: the name of the new step.
  mutating func repeated(_ step: RunRecord.StepRecord, on folders: [String]) throws -> String {
    let name = LaterImages.prefix + step.name
    if added.contains(where: { $0.name == name }) { return name }
    guard case .table(var table) = table(of: step) else { preconditionFailure("a step is a table") }
    func input(_ slot: String) throws -> String { try repeated(self.input(of: step, slot), on: folders) }
    switch step.stage {
    case IngestStage.name:
      table["from"] = .list(folders.map { .text($0) })
    case EmbedStage.name:
      table["images"] = .text(try input("images"))
      table["like"] = .text(step.name)
    case PixelsStage.name:
      table["images"] = .text(try input("images"))
    case PoolStage.name:
      table["images"] = .text(try input("images"))
      table["embeddings"] = .text(try input("embeddings"))
    case PCAStage.name:
      table = [
        "stage": .text(ProjectStage.name), "embeddings": .text(try input("embeddings")), "axes": .text(step.name),
      ]
    default:
      throw WrongUsage("step \(step.name) is a \(step.stage), which can't be done to images that come later")
    }
    added.append((name, .table(table)))
    return name
  }
}
