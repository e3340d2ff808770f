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
    for field in type.fields where field.kind.holdsPath { kept[field.name] = nil }
    return kept
  }

  /// Where a key was written, else where the step was.
  func origin(of key: String) -> RecipeOrigin { origins[key] ?? origins[""]! }
}

extension ParameterField.Kind {
  /// Whether values of this kind are places on disk, alone or in a list.
  var holdsPath: Bool {
    switch self {
    case .path: true
    case .list(let kind): kind.holdsPath
    case .either(let kinds): kinds.contains(where: \.holdsPath)
    case .integer, .number, .text, .choice, .flag, .table: false
    }
  }
}
