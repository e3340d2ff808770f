/// Everything wrong with a recipe, in the order of its lines: all of it, not just the first.
public struct RecipeErrors: Error, CustomStringConvertible {
  public let errors: [RecipeError]

  public init(_ errors: [RecipeError]) { self.errors = errors }

  /// One line an error.
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// One thing wrong with a recipe: where, what, and what would be right.
public struct RecipeError: Hashable, Sendable, CustomStringConvertible {
  public let origin: RecipeOrigin
  public let message: String

  public init(_ origin: RecipeOrigin, _ message: String) {
    self.origin = origin
    self.message = message
  }

  /// `recipe.yml:12:5: …` or `--set ingest.size=abc: …`.
  public var description: String { "\(origin): \(message)" }
}

/// Where a word of a recipe was written.
public enum RecipeOrigin: Hashable, Sendable, CustomStringConvertible {
  /// Line and column start from 1; columns count Unicode scalars.
  case file(String, line: Int, column: Int)
  /// A flag of the command line with its value: `--set ingest.size=abc`, `--from embbed`.
  case commandLine(String)

  public var description: String {
    switch self {
    case .file(let name, let line, let column): "\(name):\(line):\(column)"
    case .commandLine(let text): text
    }
  }
}
