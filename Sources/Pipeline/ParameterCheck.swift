/// Turns what a recipe says for one parameter into its value, or says what would have been right.
struct ParameterCheck {
  /// The parameter as errors call it: `min_cluster_size`, or `where.modality` inside a table.
  let name: String
  private(set) var errors: [RecipeError] = []

  init(_ name: String) { self.name = name }

  /// The value of a field, or nil after an error.
  mutating func value(of node: RecipeNode, for field: ParameterField) -> ParameterValue? {
    if field.defaultValue == .null, node.isNothing { return .null }
    return value(of: node, as: field.kind)
  }

  private mutating func value(of node: RecipeNode, as kind: ParameterField.Kind) -> ParameterValue? {
    switch (kind, node.content) {
    case (.integer(let range), .word(let word, isQuoted: false)):
      if let value = Int(word), range.contains(value) { return .integer(value) }
    case (.number(let range), .word(let word, isQuoted: false)):
      // Swift reads hexadecimal floats and infinities as well; a recipe doesn't.
      if !word.lowercased().contains("x"), let value = Double(word), value.isFinite, range.contains(value) {
        return .number(value)
      }
    case (.flag, .word(let word, isQuoted: false)):
      if let value = ParameterCheck.flags[word.lowercased()] { return .bool(value) }
    case (.text, .word(let word, _)):
      if !node.isNothing { return .text(word) }
    case (.path, .word(let word, _)):
      if !word.isEmpty && !node.isNothing { return .text(word) }
    case (.choice(let words), .word(let word, _)):
      if words.contains(word) { return .text(word) }
      refuse(node, kind, NearestName.of(word, among: words).map { "; did you mean \"\($0)\"?" } ?? "")
      return nil
    case (.list(let inner), .list(let nodes)):
      return all(nodes.map { value(of: $0, as: inner) }).map { .list($0) }
    case (.list(let inner), .word), (.list(let inner), .table):
      if !node.isNothing { return value(of: node, as: inner).map { .list([$0]) } }
    case (.table(let kinds), .table(let entries)):
      return table(entries, kinds)
    case (.either(let kinds), _):
      return either(node, kinds, or: kind)
    default: break
    }
    refuse(node, kind)
    return nil
  }

  private mutating func table(
    _ entries: [RecipeNode.Entry], _ kinds: [String: ParameterField.Kind]
  ) -> ParameterValue? {
    var values: [String: ParameterValue] = [:]
    var isRight = true
    for entry in entries {
      var inner = ParameterCheck(name + "." + entry.key)
      if let kind = kinds[entry.key] {
        values[entry.key] = inner.value(of: entry.value, as: kind)
      } else {
        let hint = NearestName.hint(entry.key, among: kinds.keys.sorted())
        inner.errors.append(RecipeError(entry.keyOrigin, "unknown key \"\(entry.key)\" in \(name)\(hint)"))
      }
      if !inner.errors.isEmpty { isRight = false }
      errors += inner.errors
    }
    return isRight ? .table(values) : nil
  }

  /// The first kind that fits. Where none does, a list or table is explained by the kind of its shape, a word by all kinds.
  private mutating func either(
    _ node: RecipeNode, _ kinds: [ParameterField.Kind], or kind: ParameterField.Kind
  ) -> ParameterValue? {
    var explanation: [RecipeError]?
    for candidate in kinds {
      var trial = ParameterCheck(name)
      if let value = trial.value(of: node, as: candidate) { return value }
      switch (candidate, node.content) {
      case (.list, .list), (.table, .table): explanation = explanation ?? trial.errors
      default: break
      }
    }
    if let explanation { errors += explanation } else { refuse(node, kind) }
    return nil
  }

  private func all(_ values: [ParameterValue?]) -> [ParameterValue]? {
    let present = values.compactMap { $0 }
    return present.count == values.count ? present : nil
  }

  private mutating func refuse(_ node: RecipeNode, _ kind: ParameterField.Kind, _ hint: String = "") {
    errors.append(RecipeError(node.origin, "\(name) wants \(kind), not \(node.spelling)\(hint)"))
  }

  private static let flags = ["true": true, "yes": true, "on": true, "false": false, "no": false, "off": false]
}

extension RecipeNode {
  /// `key:`, `key: ~` and `key: null`.
  var isNothing: Bool {
    if case .word(let word, isQuoted: false) = content { ["", "~", "null"].contains(word) } else { false }
  }
}

/// What is accepted, after "wants": `an integer from 2 to 64`.
extension ParameterField.Kind: CustomStringConvertible {
  public var description: String {
    switch self {
    case .integer(let range):
      "an integer"
        + bounds(range.lowerBound == .min, "\(range.lowerBound)", range.upperBound == .max, "\(range.upperBound)")
    case .number(let range):
      "a number"
        + bounds(
          !(range.lowerBound > -.greatestFiniteMagnitude), "\(ParameterValue.number(range.lowerBound))",
          !(range.upperBound < .greatestFiniteMagnitude), "\(ParameterValue.number(range.upperBound))")
    case .text: "a text"
    case .choice(let words): words.count == 1 ? words[0] : "one of " + words.joined(separator: ", ")
    case .flag: "true or false"
    case .path: "a path"
    case .list(let kind): "a list (each item \(kind))"
    case .table(let kinds): "a table of " + kinds.keys.sorted().joined(separator: ", ")
    case .either(let kinds): kinds.map(\.description).joined(separator: " or ")
    }
  }

  private func bounds(
    _ isOpenBelow: Bool, _ low: @autoclosure () -> String, _ isOpenAbove: Bool, _ high: @autoclosure () -> String
  ) -> String {
    switch (isOpenBelow, isOpenAbove) {
    case (true, true): ""
    case (false, true): " of at least \(low())"
    case (true, false): " of at most \(high())"
    case (false, false): " from \(low()) to \(high())"
    }
  }
}
