public import Foundation

/// What a running stage may know of the run, and whom it tells.
public struct StageContext: Sendable {
  /// The step's name, for messages only: it isn't part of the fingerprint, so never write it into an artefact.
  public let step: String
  /// The recipe's seed, the same for all steps: a stage splits it by its own name.
  public let seed: UInt64
  /// How many threads it may use; the bytes don't depend on it.
  public let workers: Int
  /// Bytes it promised to stay under, or nil.
  public let memoryLimit: Int?
  /// The working folder, the caller's facts and the known digests of files.
  public let environment: StageEnvironment
  /// A folder of this fingerprint that outlives an interruption, for checkpoints; emptied once the artefact is in the store.
  public let scratch: URL
  /// Tells how far it is. May be called from any thread, as often as convenient.
  public let report: @Sendable (StageProgress) -> Void
  /// True when the user wants to stop. May be asked from any thread.
  public let isCancelled: @Sendable () -> Bool
  /// Keeps a fact for `run.json`: a key and a value such as `images 4800`. May be called from any thread.
  public let note: @Sendable (String) -> Void

  public init(
    step: String, seed: UInt64 = 0, workers: Int = 1, memoryLimit: Int? = nil, environment: StageEnvironment,
    scratch: URL, report: @escaping @Sendable (StageProgress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }, note: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.step = step
    self.seed = seed
    self.workers = workers
    self.memoryLimit = memoryLimit
    self.environment = environment
    self.scratch = scratch
    self.report = report
    self.isCancelled = isCancelled
    self.note = note
  }

  /// Facts given by the caller, such as the kernel family.
  public var values: [String: String] { environment.values }
  /// Where relative paths of a recipe start.
  public var workingFolder: URL { environment.workingFolder }

  /// - Throws: `CancellationError` when the user wants to stop.
  public func checkCancellation() throws {
    if isCancelled() { throw CancellationError() }
  }
}

/// How far a stage is: `done` of `total` `unit`s.
public struct StageProgress: Sendable, Equatable {
  public let done: Int
  /// 0 when nobody knows.
  public let total: Int
  /// Of `done`, what an earlier run had done already: no measure of the pace.
  public let found: Int
  /// In the plural: `images`.
  public let unit: String
  /// What else is worth a glance: `loss 3.21`.
  public let detail: String

  public init(done: Int, total: Int, found: Int = 0, unit: String, detail: String = "") {
    self.done = done
    self.total = total
    self.found = found
    self.unit = unit
    self.detail = detail
  }
}

/// The artefacts a stage reads, by slot.
public struct StageInputs: Sendable {
  private let slots: [String: [(step: String, folder: URL)]]

  /// - Parameter slots: for every slot that a recipe fills, the steps in the recipe's order and their artefacts' folders.
  public init(_ slots: [String: [(step: String, folder: URL)]]) { self.slots = slots }

  /// The artefact in a slot that takes one step.
  /// - Throws: `EmptySlot` when the recipe left the (optional) slot empty.
  public func folder(_ slot: String) throws -> URL {
    guard let first = slots[slot]?.first else { throw EmptySlot(slot: slot) }
    return first.folder
  }

  /// The artefacts in a slot, in the recipe's order; none when it is empty.
  public func folders(_ slot: String) -> [(step: String, folder: URL)] { slots[slot] ?? [] }

  /// The step in a slot that takes one, for messages only (the names in a slot that takes many may be written: they are
  /// part of the fingerprint).
  public func stepName(_ slot: String) -> String? { slots[slot]?.first?.step }

  public func isEmpty(_ slot: String) -> Bool { folders(slot).isEmpty }
}

/// A stage asked for an optional input that the recipe doesn't give.
public struct EmptySlot: Error, Equatable {
  public let slot: String
}
