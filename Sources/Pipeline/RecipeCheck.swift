/// Finds everything wrong with a recipe. First its words (keys, stages, values), then its graph (unknown steps, loops, kinds),
/// at last what the stages themselves say of their parameters.
struct RecipeCheck {
  private(set) var errors: [RecipeError] = []
  private let file: String
  private let overrides: [String]
  private let stages: [any Stage.Type]

  init(file: String, overrides: [String], stages: [any Stage.Type]) {
    precondition(Set(stages.map { $0.name }).count == stages.count, "two stages of one name: \(stages.map { $0.name })")
    for stage in stages {
      let keys = ["stage"] + stage.slots.map(\.name) + stage.fields.map(\.name)
      precondition(Set(keys).count == keys.count, "stage \(stage.name) has two keys of one name: \(keys)")
      precondition(RecipeCheck.isName(stage.name), "\"\(stage.name)\" is no name for a folder")
    }
    self.file = file
    self.overrides = overrides
    self.stages = stages
  }

  /// All errors, in the order of the recipe's lines; then those of the overrides, in the order given.
  var failure: RecipeErrors {
    RecipeErrors(
      errors.enumerated().sorted { a, b in
        let (left, right) = (order(a.element.origin), order(b.element.origin))
        return (left.0, left.1, a.offset) < (right.0, right.1, b.offset)
      }.map(\.element))
  }

  private func order(_ origin: RecipeOrigin) -> (Int, Int) {
    switch origin {
    case .file(_, let line, let column): (line, column)
    case .commandLine(let text): (.max, overrides.firstIndex { RecipeCheck.flag($0) == text } ?? .max)
    }
  }

  private static func flag(_ override: String) -> String { "--set " + override }

  mutating func refuse(_ origin: RecipeOrigin, _ message: String) { errors.append(RecipeError(origin, message)) }

  /// Names become parts of file names.
  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.first != "-"
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-".unicodeScalars.contains($0))
      }
  }
}

// MARK: - Words

extension RecipeCheck {
  struct Draft {
    var name: String?
    var description: String?
    var seed: UInt64 = 0
    var steps: [StepDraft] = []
  }

  struct StepDraft {
    var name: String
    var type: (any Stage.Type)?
    var parameters: [String: ParameterValue] = [:]
    var inputs: [(slot: Slot, steps: [(name: String, origin: RecipeOrigin)])] = []
    var origins: [String: RecipeOrigin]
    /// Something is wrong with it already: its stage isn't asked.
    var isBroken = false
  }

  /// The recipe as words; nil where there is no text to speak of.
  mutating func draft(of text: String) -> Draft? {
    var root: RecipeNode
    do {
      root = try RecipeNode(yaml: text) { [file] in .file(file, line: $0, column: $1) }
    } catch {
      errors += (error as? RecipeErrors)?.errors ?? []
      return nil
    }
    guard root.entries != nil else {
      refuse(root.origin, "a recipe is a table with the keys seed and steps, not \(root.spelling)")
      return nil
    }
    for override in overrides { apply(override, to: &root) }
    return draft(of: root)
  }

  private mutating func draft(of root: RecipeNode) -> Draft {
    var draft = Draft()
    var hasSteps = false
    for entry in root.entries ?? [] {
      switch (entry.key, entry.value.content) {
      case ("steps", .table(let steps)):
        hasSteps = true
        if steps.isEmpty { refuse(entry.value.origin, "no steps") }
        draft.steps = steps.map { step($0) }
      case ("steps", _):
        hasSteps = true
        refuse(entry.value.origin, "steps wants a table of steps, not \(entry.value.spelling)")
      case ("seed", .word(let word, isQuoted: false)) where UInt64(word) != nil:
        draft.seed = UInt64(word)!
      case ("seed", _):
        refuse(entry.value.origin, "seed wants an integer of at least 0, not \(entry.value.spelling)")
      case ("name", .word(let word, _)) where RecipeCheck.isName(word):
        draft.name = word
      case ("name", _):
        refuse(entry.value.origin, "name wants letters, digits, _ and -, not \(entry.value.spelling)")
      case ("description", .word(let word, _)):
        draft.description = word
      case ("description", _):
        refuse(entry.value.origin, "description wants a text, not \(entry.value.spelling)")
      default:
        let hint = NearestName.hint(entry.key, among: ["seed", "steps", "name", "description"])
        refuse(entry.keyOrigin, "unknown key \"\(entry.key)\"\(hint)")
      }
    }
    if !hasSteps { refuse(root.origin, "steps is missing") }
    return draft
  }

  private mutating func apply(_ override: String, to root: inout RecipeNode) {
    let origin = RecipeOrigin.commandLine(RecipeCheck.flag(override))
    let halves = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let path = halves[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard halves.count == 2, !path.contains(""), path.count >= 2 || path == ["seed"] else {
      return refuse(origin, "wants step.key=value or seed=value")
    }
    let value: RecipeNode
    do {
      value = try RecipeNode(yaml: halves[1].isEmpty ? "~" : halves[1]) { _, _ in origin }
    } catch {
      return errors += (error as? RecipeErrors)?.errors ?? []
    }
    if path == ["seed"] {
      _ = root.set(["seed"], to: value)
      return
    }
    let steps = root.entries?.first { $0.key == "steps" }?.value.entries?.map(\.key) ?? []
    guard steps.contains(path[0]) else {
      return refuse(origin, "unknown step \"\(path[0])\"\(NearestName.hint(path[0], among: steps))")
    }
    if !root.set(["steps"] + path, to: value) {
      refuse(origin, "\(path.dropLast().joined(separator: ".")) is no table")
    }
  }

  private mutating func step(_ entry: RecipeNode.Entry) -> StepDraft {
    var step = StepDraft(name: entry.key, origins: ["": entry.keyOrigin])
    let before = errors.count
    if !RecipeCheck.isName(entry.key) {
      refuse(entry.keyOrigin, "a step's name has letters, digits, _ and -, not \"\(entry.key)\"")
    }
    guard let entries = entry.value.entries else {
      refuse(entry.value.origin, "step \"\(entry.key)\" wants a table with the key stage, not \(entry.value.spelling)")
      step.isBroken = true
      return step
    }
    for inner in entries { step.origins[inner.key] = inner.keyOrigin }
    step.type = stage(of: entry, entries)
    if let type = step.type { fill(&step, type, entries) }
    step.isBroken = errors.count > before
    return step
  }

  private mutating func stage(of step: RecipeNode.Entry, _ entries: [RecipeNode.Entry]) -> (any Stage.Type)? {
    guard let entry = entries.first(where: { $0.key == "stage" }) else {
      let nearest = entries.map(\.key).first { NearestName.of($0, among: ["stage"]) != nil }
      refuse(
        step.keyOrigin,
        "step \"\(step.key)\" has no stage" + (nearest.map { "; did you mean \"stage\" by \"\($0)\"?" } ?? ""))
      return nil
    }
    let names = stages.map { $0.name }
    guard case .word(let word, _) = entry.value.content else {
      refuse(entry.value.origin, "stage wants one of \(names.joined(separator: ", ")), not \(entry.value.spelling)")
      return nil
    }
    if let type = stages.first(where: { $0.name == word }) { return type }
    refuse(entry.value.origin, "unknown stage \"\(word)\"\(NearestName.hint(word, among: names))")
    return nil
  }

  private mutating func fill(_ step: inout StepDraft, _ type: any Stage.Type, _ entries: [RecipeNode.Entry]) {
    let keys = type.slots.map(\.name) + type.fields.map(\.name)
    for entry in entries where entry.key != "stage" && !keys.contains(entry.key) {
      let given = Set(entries.map(\.key))
      let hint =
        NearestName.of(entry.key, among: keys.filter { !given.contains($0) }) ?? NearestName.of(entry.key, among: keys)
      refuse(
        entry.keyOrigin,
        "step \"\(step.name)\": unknown key \"\(entry.key)\""
          + (hint.map { "; did you mean \"\($0)\"?" } ?? "; \(type.name) takes \(keys.joined(separator: ", "))"))
    }
    for slot in type.slots {
      if let entry = entries.first(where: { $0.key == slot.name }), !(slot.optional && entry.value.isNothing) {
        step.inputs.append((slot, names(in: entry.value, slot)))
      } else if !slot.optional {
        refuse(
          step.origins[""]!,
          "step \"\(step.name)\": \(slot.name) is missing (a step that makes \(RecipeCheck.list(slot.kinds)))")
      }
    }
    for field in type.fields {
      if let entry = entries.first(where: { $0.key == field.name }) {
        var check = ParameterCheck(field.name)
        step.parameters[field.name] = check.value(of: entry.value, for: field)
        errors += check.errors
      } else if let value = field.defaultValue {
        step.parameters[field.name] = value
      } else {
        refuse(step.origins[""]!, "step \"\(step.name)\": \(field.name) is missing (\(field.kind))")
      }
    }
  }

  private mutating func names(in node: RecipeNode, _ slot: Slot) -> [(name: String, origin: RecipeOrigin)] {
    switch node.content {
    case .word(let word, _) where !node.isNothing: return [(word, node.origin)]
    case .list(let nodes) where slot.many && !nodes.isEmpty:
      var names: [(name: String, origin: RecipeOrigin)] = []
      for item in nodes {
        guard case .word(let word, _) = item.content, !item.isNothing else {
          refuse(item.origin, "\(slot.name) wants names of steps, not \(item.spelling)")
          continue
        }
        if names.contains(where: { $0.name == word }) {
          refuse(item.origin, "\(slot.name) names \"\(word)\" twice")
        } else {
          names.append((word, item.origin))
        }
      }
      return names
    default:
      let wanted = slot.many ? "the name of a step or a list of them" : "the name of a step"
      refuse(node.origin, "\(slot.name) wants \(wanted), not \(node.spelling)")
      return []
    }
  }

  static func list(_ kinds: [ArtifactKind]) -> String { kinds.map(\.name).joined(separator: " or ") }
}

// MARK: - Stages

extension RecipeCheck {
  /// Makes the stages of all steps that are right so far.
  mutating func finish(_ drafts: [StepDraft]) -> [Step] {
    drafts.compactMap { draft in
      guard let type = draft.type, !draft.isBroken else { return nil }
      do {
        return Step(
          name: draft.name, stage: try make(type, draft.parameters), parameters: draft.parameters,
          inputs: draft.inputs.map { ($0.slot.name, $0.steps.map(\.name)) }, origins: draft.origins)
      } catch let error as ParameterError {
        refuse(draft.origins[error.key] ?? draft.origins[""]!, "step \"\(draft.name)\": \(error.key): \(error.message)")
      } catch {
        refuse(draft.origins[""]!, "step \"\(draft.name)\": \(error)")
      }
      return nil
    }
  }

  private func make<S: Stage>(_ type: S.Type, _ values: [String: ParameterValue]) throws -> any Stage {
    let parameters: S.Parameters
    do {
      parameters = try ParameterValue.table(values).decoded()
    } catch {
      preconditionFailure("\(type).Parameters doesn't read its own fields \(values.keys.sorted()): \(error)")
    }
    return try S(parameters)
  }
}
