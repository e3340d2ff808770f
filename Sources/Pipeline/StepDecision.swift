import Foundation

/// Decides whether a step runs, in planning and again when its turn comes: the branch that decides also speaks.
struct StepDecision {
  let store: Store
  let environment: StageEnvironment
  let seed: UInt64
  /// Results that are taken as they are, whatever they would be made of today.
  var pinned: [String: Artifact] = [:]
  var lastRun: LastRun

  /// What a step is made of, and what becomes of it.
  /// - Parameter artifacts: the results of the steps before it; one it reads that isn't there has yet to run.
  /// - Throws: `RecipeErrors` for what it needs outside the store and doesn't find.
  func decide(
    _ step: Step, _ artifacts: [String: Artifact], forced: Bool
  ) throws -> (Ingredients, PlannedStep.Action) {
    if let artifact = pinned[step.name] { return (artifact.record.ingredients, .reuse(artifact)) }
    let contents = artifacts.mapValues(\.record.content)
    let unknown = step.upstream.filter { contents[$0] == nil }
    let ingredients = Ingredients(of: step, contents: contents, external: try external(of: step), seed: seed)
    var reasons: [RunReason] = forced ? [.forced] : []
    if unknown.isEmpty {
      let artifact = store.artifact(ingredients)
      let damage = artifact.flatMap { $0.damage(environment.digestCache) }
      if let artifact, damage == nil, !forced { return (ingredients, .reuse(artifact)) }
      if let damage { reasons.append(.damaged(file: damage)) }
    }
    if let last = lastRun.steps[step.name] {
      reasons += ingredients.changes(since: last, unknown: Set(unknown), slots: step.inputs)
    }
    reasons += unknown.map { .upstreamRuns($0) }
    if reasons.isEmpty { reasons = [.noOutput] }
    return (ingredients, .run(reasons))
  }

  /// The result of exactly these ingredients, every file as it was written; else nil.
  func wholeResult(of ingredients: Ingredients) -> Artifact? {
    store.artifact(ingredients).flatMap { $0.damage(environment.digestCache) == nil ? $0 : nil }
  }

  /// Digests of what a step needs outside the store, its errors told with their place in the recipe.
  func external(of step: Step) throws -> [String: String] {
    do {
      return try step.stage.externalDigests(environment)
    } catch let error as InputMissing {
      throw RecipeErrors([missing(error.path, step)])
    } catch let error as ParameterError {
      throw RecipeErrors([
        RecipeError(step.origin(of: error.key), "step \"\(step.name)\": \(error.key): \(error.message)")
      ])
    } catch let error as FileError {
      throw RecipeErrors([RecipeError(step.origin(of: ""), "step \"\(step.name)\": \(error)")])
    }
  }

  private func missing(_ path: String, _ step: Step) -> RecipeError {
    let place = environment.url(path).standardizedFileURL
    let key = step.type.fields.first { field in
      (step.parameters[field.name].map { field.kind.paths(in: $0) } ?? []).contains {
        let named = environment.url($0).standardizedFileURL.path
        return place.path == named || place.path.hasPrefix(named + "/")
      }
    }?.name
    let folder = place.deletingLastPathComponent()
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    let hint = NearestName.of(place.lastPathComponent, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
    return RecipeError(
      step.origin(of: key ?? ""),
      "step \"\(step.name)\": \(key.map { $0 + ": " } ?? "")there is no \(path)\(hint)")
  }
}

extension ParameterValue {
  /// The texts in it, alone or in lists.
  var texts: [String] {
    switch self {
    case .text(let value): [value]
    case .list(let values): values.flatMap(\.texts)
    default: []
    }
  }
}
