public import Foundation

/// A checked recipe: a seed and steps whose stages, parameters and inputs are all known to be right.
///
///     let recipe = try Recipe(yaml: text, file: "quickstart.yml", stages: registry, overrides: ["kmeans.n_clusters=6"])
///
/// What can be known without touching the disk is checked here; files that a recipe names are looked for by `Plan`.
public struct Recipe: Sendable {
  /// `name:` of the recipe, else its file's name without the ending.
  public let name: String
  /// Its file as errors call it.
  public let file: String
  /// The text it was read from.
  public let text: String
  /// `step.key=value`, as given.
  public let overrides: [String]
  public let description: String
  public let seed: UInt64
  /// In the order of the recipe.
  public let steps: [Step]
  /// Indices into `steps`, so that every step comes after those it reads; ties by the order of the recipe.
  public let executionOrder: [Int]

  /// Checks a recipe's text.
  /// - Parameters:
  ///   - overrides: `step.key=value` (or `seed=7`), the later wins; checked like the text.
  ///   - seed: wins over the text and the overrides.
  /// - Throws: `RecipeErrors` with everything that is wrong.
  /// - Precondition: stages have names of their own, and keys of one stage don't collide.
  public init(
    yaml text: String, file: String, stages: [any Stage.Type], overrides: [String] = [], seed: UInt64? = nil
  ) throws {
    var check = RecipeCheck(file: file, overrides: overrides, stages: stages)
    guard let draft = check.draft(of: text) else { throw check.failure }
    let order = check.order(draft.steps)
    let steps = check.finish(draft.steps)
    guard check.errors.isEmpty, let order else { throw check.failure }
    self.name = draft.name ?? URL(filePath: file).deletingPathExtension().lastPathComponent
    self.file = file
    self.text = text
    self.overrides = overrides
    self.description = draft.description ?? ""
    self.seed = seed ?? draft.seed
    self.steps = steps
    self.executionOrder = order
  }

  /// Reads and checks a recipe's file.
  /// - Throws: `InputMissing`, `FileError`, `RecipeErrors`.
  public init(
    contentsOf file: URL, stages: [any Stage.Type], overrides: [String] = [], seed: UInt64? = nil
  ) throws {
    guard let data = FileManager.default.contents(atPath: file.path) else {
      if !FileManager.default.fileExists(atPath: file.path) { throw InputMissing(path: file.relativePath) }
      throw FileError(.read, path: file.relativePath, code: EACCES)
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw RecipeErrors([RecipeError(.file(file.relativePath, line: 1, column: 1), "not UTF-8 text")])
    }
    try self.init(yaml: text, file: file.relativePath, stages: stages, overrides: overrides, seed: seed)
  }

  /// - Precondition: the recipe has that step.
  public func step(_ name: String) -> Step { steps.first { $0.name == name }! }
}
