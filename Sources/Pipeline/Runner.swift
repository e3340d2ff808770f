public import Foundation

/// Carries out a plan: one step after the other, each result into the store as soon as it is whole, and at the end the
/// files that people want to see into the run's folder.
///
///     let plan = try Plan(recipe, store: store, environment: environment, out: folder)
///     let record = try await Runner(plan).run { event in … }
///
/// A run that fails or is interrupted keeps every finished result; the next run goes on from there.
public struct Runner: Sendable {
  private let plan: Plan
  private let options: RunOptions

  public init(_ plan: Plan, _ options: RunOptions = RunOptions()) {
    self.plan = plan
    self.options = options
  }

  /// Runs the plan. A step is looked at again when its turn comes, so that one whose inputs came out the same is skipped.
  /// - Returns: what stands in `run.json`; its status says whether all went well.
  /// - Throws: `RunBusy` while another run writes to the same folder, `FileError` when the store or the folder can't be
  ///   written. A step's own error doesn't end up here but in the record and in `stepFailed`.
  public func run(
    interruption: Interruption = Interruption(), onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) async throws -> RunRecord {
    let key = LastRun.key(recipe: plan.recipe.name, out: plan.out)
    guard let lock = try plan.store.lock(LastRun.lockName(out: plan.out)) else { throw RunBusy(out: plan.out) }
    defer { withExtendedLifetime(lock) {} }
    let run = StepLoop(plan: plan, options: options, key: key, interruption: interruption, onEvent: onEvent)
    return try await withTaskCancellationHandler {
      try await run.finish()
    } onCancel: {
      interruption.request()
    }
  }
}

/// How a plan is carried out; none of it changes any result.
public struct RunOptions: Sendable {
  public var workers: Int
  /// Bytes that stages promise to stay under, or nil.
  public var memoryLimit: Int?
  /// After a failed step, go on with those that don't read it.
  public var keepGoing: Bool
  /// Versions of the program and its libraries, for `run.json`.
  public var versions: [String: String]

  public init(workers: Int = 1, memoryLimit: Int? = nil, keepGoing: Bool = false, versions: [String: String] = [:]) {
    self.workers = workers
    self.memoryLimit = memoryLimit
    self.keepGoing = keepGoing
    self.versions = versions
  }
}

/// Another run is writing to the same folder.
public struct RunBusy: Error, Equatable, CustomStringConvertible {
  public let out: URL

  public var description: String { "another run is writing to \(out.path)" }
}

/// A step ended without writing a file that its stage publishes.
public struct OutputMissing: Error, Equatable, CustomStringConvertible {
  public let stage: String
  public let file: String

  public var description: String { "stage \(stage) didn't write \(file)" }
}

/// Something a step read outside the store was changed while it ran: its result belongs to neither state.
public struct InputChanged: Error, Equatable, CustomStringConvertible {
  public let names: [String]

  public var description: String { "changed while the step ran: \(names.joined(separator: ", "))" }
}
