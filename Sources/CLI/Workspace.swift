import ArgumentParser
import Foundation
import Pipeline
import Stages

/// Where a command works: the store, the key of identifiers, the recipe with its overrides.
struct WorkspaceOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), help: ArgumentHelp("Override a parameter of the recipe.", valueName: "step.key=value"))
  var overrides: [String] = []

  @Option(help: ArgumentHelp("The run's folder; Reports/<recipe> unless given.", valueName: "DIR"))
  var out: String?

  @Option(help: ArgumentHelp("Where results are kept (MEDOID_STORE); Data/cache unless given.", valueName: "DIR"))
  var store: String?

  @Option(help: ArgumentHelp("Every random number of the run comes from it; wins over the recipe's.", valueName: "N"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("File with the key that hashes patient-like identifiers (MEDOID_KEY).", valueName: "FILE"))
  var key: String?

  @Flag(help: "Write patient, study, series and site as the files say them, not as keyed hashes.")
  var keepIdentifiers = false

  @Flag(
    help:
      "Write ids in place of file names, everywhere; which is which stands in crosswalk.csv in the store, for you alone."
  )
  var hidePaths = false

  @Option(help: ArgumentHelp("A CSV of known labels to compare with; never used to fit.", valueName: "FILE"))
  var truth: String?

  @Option(help: ArgumentHelp("The column of the labels in it.", valueName: "NAME"))
  var truthColumn: String?

  @Option(help: ArgumentHelp("This step and all that read it.", valueName: "STEP"))
  var from: String?

  @Option(help: ArgumentHelp("This step and all that it reads.", valueName: "STEP"))
  var until: String?

  @Flag(name: .shortAndLong, help: "Run all steps, whatever the store holds.")
  var force = false

  @Option(help: ArgumentHelp("Run this step, whatever the store holds.", valueName: "STEP"))
  var forceStep: [String] = []

  var storeFolder: URL {
    URL(
      filePath: store ?? ProcessInfo.processInfo.environment["MEDOID_STORE"] ?? "Data/cache",
      directoryHint: .isDirectory)
  }

  var selection: Selection { Selection(from: from, until: until, force: force, forcedSteps: forceStep) }

  /// The recipe at `path`, checked, with `--set`, `--seed` and `--truth` in it.
  func recipe(at path: String) throws -> Recipe {
    try recipe { overrides in
      try Recipe(contentsOf: URL(filePath: path), stages: stageRegistry, overrides: overrides, seed: seed)
    }
  }

  /// As above, from text.
  func recipe(yaml: String, file: String, extra: [String]) throws -> Recipe {
    try recipe { overrides in
      try Recipe(yaml: yaml, file: file, stages: stageRegistry, overrides: extra + overrides, seed: seed)
    }
  }

  /// `--truth` is an override of every report step; which steps those are, the recipe itself says.
  private func recipe(_ read: (_ overrides: [String]) throws -> Recipe) throws -> Recipe {
    do {
      let recipe = try read(overrides)
      guard let truth else { return recipe }
      let reports = recipe.steps.filter { $0.type.name == ReportStage.name }.map(\.name)
      return try read(
        overrides + reports.map { "\($0).truth=\(truth)" }
          + reports.flatMap { step in truthColumn.map { ["\(step).truth_column=\($0)"] } ?? [] })
    } catch let errors as RecipeErrors {
      throw WrongUsage(errors.description)
    } catch let missing as InputMissing {
      throw WrongUsage("there is no file \(missing.path)")
    }
  }

  /// What stages are told of the machine and of the user's wishes.
  private var values: [String: String] {
    var values = Arithmetic.environmentValues
    values[programVersionKey] = Version.current
    if keepIdentifiers { values[IngestStage.keepIdentifiersKey] = "true" }
    if hidePaths { values[StageEnvironment.hidesPathsKey] = "true" }
    return values
  }

  /// What would run.
  /// - Parameters:
  ///   - writes: whether a missing key may be made; planning changes nothing on disk.
  ///   - kept: steps of an earlier run whose results are taken as they are.
  func plan(_ recipe: Recipe, writes: Bool, keeping kept: [RunRecord.StepRecord] = []) throws -> Plan {
    let store = Store(storeFolder)
    let key = try IdentifierKey.load(file: key, store: storeFolder, mayCreate: writes)
    let environment = StageEnvironment(
      workingFolder: URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory),
      values: values, secrets: [IngestStage.identifierKey: key], digestCache: store.digestCache())
    let out = URL(filePath: out ?? "Reports/\(recipe.name)", directoryHint: .isDirectory)
    var pinned: [String: Artifact] = [:]
    for step in kept {
      guard let artifact = store.wholeResult(of: step, environment.digestCache) else {
        throw WrongUsage(
          "the result of the run's step \(step.name) is no longer in the store (\(storeFolder.relativePath)): run its recipe again"
        )
      }
      pinned[step.name] = artifact
    }
    do {
      return try Plan(
        recipe, store: store, environment: environment, out: out, selection: selection, pinned: pinned)
    } catch let errors as RecipeErrors { throw WrongUsage(errors.description) }
  }
}

/// What the user wrote can't be carried out: exit 2, nothing written.
struct WrongUsage: Error {
  let message: String

  init(_ message: String) { self.message = message }

  /// Prints the message and ends with the exit code of wrong usage.
  static func guarding<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let wrong as WrongUsage {
      printError(wrong.message)
      throw ExitStatus.usage
    }
  }
}
