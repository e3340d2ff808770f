/// One checked step of a recipe: a stage with its parameters, and the steps it reads from.
public struct Step: Sendable {
  public let name: String
  public let stage: any Stage
  /// Every field of the stage, defaults filled in.
  public let parameters: [String: ParameterValue]
  /// The steps in each slot that the recipe fills, slots in the stage's order, steps in the recipe's.
  public let inputs: [(slot: String, steps: [String])]
  /// Where each key was written, for errors found later (a missing file); the step's own name under the empty key.
  let origins: [String: RecipeOrigin]

  public var type: any Stage.Type { Swift.type(of: stage) }

  /// The steps it reads, in slot order.
  public var upstream: [String] { inputs.flatMap(\.steps) }

  /// The parameters that enter the fingerprint: all but paths, whose contents enter instead, and what changes no byte.
  public var hashedParameters: [String: ParameterValue] {
    var hashed = parametersWithoutPaths
    for field in type.fields where !field.changesResult { hashed[field.name] = nil }
    return hashed
  }

  var parametersWithoutPaths: [String: ParameterValue] {
    var kept = parameters
    for field in type.fields { kept[field.name] = parameters[field.name].flatMap { field.kind.withoutPaths($0) } }
    return kept
  }

  /// Where a key was written, else where the step was.
  func origin(of key: String) -> RecipeOrigin { origins[key] ?? origins[""]! }
}

extension ParameterField.Kind {
  /// The value without what are places on disk: nil where it is nothing else, a table without these keys.
  func withoutPaths(_ value: ParameterValue) -> ParameterValue? {
    guard case .table(let values) = value, let kinds = keys else { return holdsPath ? nil : value }
    return .table(
      values.reduce(into: [:]) { kept, entry in
        kept[entry.key] = kinds[entry.key].map { $0.withoutPaths(entry.value) } ?? entry.value
      })
  }

  /// The places on disk in a value, as they were written.
  func paths(in value: ParameterValue) -> [String] {
    guard case .table(let values) = value, let kinds = keys else { return holdsPath ? value.texts : [] }
    return values.keys.sorted().flatMap { key in kinds[key]?.paths(in: values[key]!) ?? [] }
  }

  /// What the keys of a table hold, where a table will do.
  private var keys: [String: ParameterField.Kind]? {
    switch self {
    case .table(let kinds): kinds
    case .either(let kinds): kinds.lazy.compactMap(\.keys).first
    default: nil
    }
  }

  /// Whether values of this kind are places on disk, alone or in a list.
  private var holdsPath: Bool {
    switch self {
    case .path: true
    case .list(let kind): kind.holdsPath
    case .either(let kinds): kinds.contains(where: \.holdsPath)
    case .integer, .number, .text, .choice, .flag, .table: false
    }
  }
}
