public import Foundation

/// What a run would do, and why; making one changes nothing on disk.
public struct Plan: Sendable {
  public let recipe: Recipe
  public let store: Store
  public let environment: StageEnvironment
  /// The folder of the run's results.
  public let out: URL
  public let selection: Selection
  /// Results of earlier runs, by step, that are taken as they are.
  public let pinned: [String: Artifact]
  /// In the order of execution.
  public let steps: [PlannedStep]

  /// Looks at the store and at the files that the recipe names.
  /// - Parameter pinned: whole results for some steps, which neither run nor are asked whether they are up to date: what they were
  ///   made of may have changed since, or be gone.
  /// - Throws: `RecipeErrors` for files that aren't there and for steps in `selection` that can't be.
  public init(
    _ recipe: Recipe, store: Store, environment: StageEnvironment, out: URL, selection: Selection = Selection(),
    pinned: [String: Artifact] = [:]
  ) throws {
    self.recipe = recipe
    self.store = store
    self.environment = environment
    self.out = out.standardizedFileURL
    self.selection = selection
    self.pinned = pinned
    let key = LastRun.key(recipe: recipe.name, out: out)
    let decision = StepDecision(
      store: store, environment: environment, seed: recipe.seed, pinned: pinned,
      lastRun: LastRun(in: store, key: key))
    let selected = try selection.steps(of: recipe)
    let needed = recipe.ancestors(of: selected).union(selected)

    var planned: [PlannedStep] = []
    var artifacts: [String: Artifact] = [:]
    var errors: [RecipeError] = []
    for step in recipe.executionOrder.map({ recipe.steps[$0] }) {
      guard needed.contains(step.name) else {
        planned.append(PlannedStep(step: step, action: .leaveOut))
        continue
      }
      do {
        let forced = selected.contains(step.name) && selection.forces(step.name)
        let (_, action) = try decision.decide(step, artifacts, forced: forced)
        if case .reuse(let artifact) = action { artifacts[step.name] = artifact }
        if case .run(let reasons) = action, !selected.contains(step.name) {
          errors.append(selection.error(leavingOut: step.name, reasons))
        }
        planned.append(PlannedStep(step: step, action: action))
      } catch let failure as RecipeErrors {
        errors += failure.errors
      }
    }
    guard errors.isEmpty else { throw RecipeErrors(errors) }
    steps = planned
  }

  /// Whether nothing would run.
  public var isUpToDate: Bool { steps.allSatisfy { !$0.action.runs } }
}

/// A step and what becomes of it.
public struct PlannedStep: Sendable {
  public let step: Step
  public let action: Action

  public enum Action: Sendable {
    /// HIT: its result is in the store.
    case reuse(Artifact)
    /// RUN. Where the only reason is `upstreamRuns`, the step may turn out to be up to date.
    case run([RunReason])
    /// Not asked for by `--from` and `--until`, and not read by what is.
    case leaveOut

    public var runs: Bool { if case .run = self { true } else { false } }
    public var reasons: [RunReason] { if case .run(let reasons) = self { reasons } else { [] } }
  }
}

/// Which steps of a recipe are asked for.
public struct Selection: Sendable {
  /// This step and all that read it, directly or not.
  public var from: String?
  /// This step and all that it reads, directly or not.
  public var until: String?
  /// Runs every selected step.
  public var force: Bool
  /// Runs these steps.
  public var forcedSteps: [String]

  public init(from: String? = nil, until: String? = nil, force: Bool = false, forcedSteps: [String] = []) {
    self.from = from
    self.until = until
    self.force = force
    self.forcedSteps = forcedSteps
  }

  func forces(_ step: String) -> Bool { force || forcedSteps.contains(step) }

  /// - Throws: `RecipeErrors` for names that the recipe doesn't have.
  func steps(of recipe: Recipe) throws -> Set<String> {
    let names = recipe.steps.map(\.name)
    let flags = [("--from", from), ("--until", until)] + forcedSteps.map { ("--force-step", $0) }
    let errors = flags.compactMap { flag, name -> RecipeError? in
      guard let name, !names.contains(name) else { return nil }
      return RecipeError(
        .commandLine("\(flag) \(name)"), "unknown step \"\(name)\"\(NearestName.hint(name, among: names))")
    }
    guard errors.isEmpty else { throw RecipeErrors(errors) }
    var selected = Set(names)
    if let until { selected.formIntersection(recipe.ancestors(of: [until]).union([until])) }
    if let from { selected.formIntersection(recipe.descendants(of: [from]).union([from])) }
    return selected
  }

  func error(leavingOut step: String, _ reasons: [RunReason]) -> RecipeError {
    RecipeError(
      .commandLine("--from \(from ?? step)"),
      "leaves out step \"\(step)\", which isn't up to date (\(reasons.map(\.description).joined(separator: "; ")))")
  }
}

extension Recipe {
  /// All steps that `names` read, directly or not.
  func ancestors(of names: Set<String>) -> Set<String> {
    var found: Set<String> = []
    var open = steps.filter { names.contains($0.name) }.flatMap(\.upstream)
    while let name = open.popLast() {
      if found.insert(name).inserted { open += step(name).upstream }
    }
    return found
  }

  /// All steps that read `names`, directly or not.
  func descendants(of names: Set<String>) -> Set<String> {
    Set(steps.map(\.name).filter { !ancestors(of: [$0]).isDisjoint(with: names) })
  }
}
