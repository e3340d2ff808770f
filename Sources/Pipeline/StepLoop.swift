import Foundation
import Synchronization

/// One run in progress: the loop over its steps, then publishing and `run.json`. Used once.
actor StepLoop {
  private let plan: Plan
  private let options: RunOptions
  private let key: String
  private let interruption: Interruption
  private let onEvent: @Sendable (RunEvent) -> Void
  private var decision: StepDecision
  private var artifacts: [String: Artifact] = [:]
  private var outcomes: [String: Outcome] = [:]
  private let started = Date()
  private let clock = ContinuousClock()

  private struct Outcome {
    var state: RunRecord.State
    var reasons: [RunReason] = []
    var ingredients: Ingredients?
    var error: String?
  }

  init(
    plan: Plan, options: RunOptions, key: String, interruption: Interruption,
    onEvent: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.plan = plan
    self.options = options
    self.key = key
    self.interruption = interruption
    self.onEvent = onEvent
    decision = StepDecision(
      store: plan.store, environment: plan.environment, seed: plan.recipe.seed, pinned: plan.pinned,
      lastRun: LastRun(in: plan.store, key: key))
  }

  private var store: Store { plan.store }

  /// Runs all steps, publishes, writes the record.
  func finish() async throws -> RunRecord {
    let begin = clock.now
    var status = RunRecord.Status.done
    for (number, planned) in plan.steps.enumerated() {
      if interruption.isRequested { status = .interrupted }
      if status == .interrupted { break }
      do {
        try await attempt(planned, index: number + 1)
      } catch is CancellationError {
        status = .interrupted
      } catch  where interruption.isRequested {
        // Whatever broke while everything was being stopped, it goes on next time.
        status = .interrupted
      } catch {
        status = .failed
        outcomes[planned.step.name] = Outcome(
          state: .failed, reasons: outcomes[planned.step.name]?.reasons ?? [], error: "\(error)")
        onEvent(.stepFailed(index: number + 1, count: plan.steps.count, step: planned.step.name, error: error))
        if !options.keepGoing { break }
      }
    }
    let files = try publish(status)
    let record = record(status, files, seconds: (clock.now - begin).seconds)
    let last = RunRecord(in: plan.out)
    if last.map({ !$0.agrees(with: record) }) ?? true {
      let aside = plan.out.appending(path: ".\(RunRecord.fileName).new")
      try store.disk.replace(plan.out.appending(path: RunRecord.fileName), with: try record.encoded(), aside: aside)
    }
    // The table of digests is one of paths: where these are hidden, files are digested anew by each run.
    if !plan.environment.hidesPaths { try store.save(plan.environment.digestCache) }
    return record
  }

  /// Decides about one step and does it. - Throws: what its stage throws.
  private func attempt(_ planned: PlannedStep, index: Int) async throws {
    let step = planned.step
    let count = plan.steps.count
    if case .leaveOut = planned.action {
      outcomes[step.name] = Outcome(state: .leftOut)
      return onEvent(.stepSkipped(index: index, count: count, step: step.name, .leftOut))
    }
    if let failed = step.upstream.first(where: { artifacts[$0] == nil }) {
      outcomes[step.name] = Outcome(state: .skipped)
      return onEvent(.stepSkipped(index: index, count: count, step: step.name, .upstreamFailed(failed)))
    }
    let forced = planned.action.reasons.contains(.forced)
    let ingredients: Ingredients
    var action: PlannedStep.Action
    (ingredients, action) = try decision.decide(step, artifacts, forced: forced)
    var lock: FileLock?
    if action.runs {
      lock = try await waitForLock(step, ingredients)
      // Another run may have made it meanwhile.
      if !forced, let artifact = decision.wholeResult(of: ingredients) { action = .reuse(artifact) }
    }
    defer { withExtendedLifetime(lock) {} }
    switch action {
    case .leaveOut: preconditionFailure("a step that is due was left out")
    case .reuse(let artifact):
      artifacts[step.name] = artifact
      outcomes[step.name] = Outcome(state: .upToDate, ingredients: ingredients)
      try decision.lastRun.record(step.name, ingredients, in: store, key: key)
      onEvent(.stepSkipped(index: index, count: count, step: step.name, .upToDate))
    case .run(let reasons):
      outcomes[step.name] = Outcome(state: .pending, reasons: reasons)
      onEvent(.stepStarted(index: index, count: count, step: step.name, reasons: reasons))
      let artifact = try await make(step, ingredients, afresh: forced)
      artifacts[step.name] = artifact
      outcomes[step.name] = Outcome(state: .ran, reasons: reasons, ingredients: ingredients)
      try decision.lastRun.record(step.name, ingredients, in: store, key: key)
      onEvent(
        .stepFinished(
          index: index, count: count, step: step.name, seconds: artifact.record.making.seconds,
          files: artifact.record.files))
    }
  }

  private func waitForLock(_ step: Step, _ ingredients: Ingredients) async throws -> FileLock {
    var isTold = false
    while true {
      if let lock = try store.lock(store.lockName(ingredients)) { return lock }
      if !isTold { onEvent(.stepWaiting(step: step.name)) }
      isTold = true
      if interruption.isRequested { throw CancellationError() }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Runs a stage into a folder aside and puts the whole result into the store.
  private func make(_ step: Step, _ ingredients: Ingredients, afresh: Bool) async throws -> Artifact {
    let aside = try store.makeAside(ingredients)
    do {
      let notes = Mutex<[String]>([])
      let begin = clock.now
      try await step.stage.run(
        inputs(of: step), into: aside,
        try context(step, ingredients, afresh) { note in notes.withLock { $0.append(note) } })
      // A stage that returned after it was told to stop may have written half.
      if interruption.isRequested { throw CancellationError() }
      let files = try check(step, ingredients, aside)
      let making = Artifact.Making(
        seconds: (clock.now - begin).seconds, peakMemory: PeakMemory.ofProcess, notes: notes.withLock { $0 })
      return try store.commit(aside, ingredients, files: files, making: making, cache: plan.environment.digestCache)
    } catch {
      store.discard(aside)
      throw error
    }
  }

  private func inputs(of step: Step) -> StageInputs {
    StageInputs(
      Dictionary(
        uniqueKeysWithValues: step.inputs.map { slot, steps in
          (slot, steps.map { (step: $0, folder: artifacts[$0]!.folder) })
        }))
  }

  private func context(
    _ step: Step, _ ingredients: Ingredients, _ afresh: Bool, note: @escaping @Sendable (String) -> Void
  ) throws -> StageContext {
    let name = step.name
    return StageContext(
      step: name, seed: ingredients.seed ?? 0, workers: options.workers, memoryLimit: options.memoryLimit,
      environment: plan.environment, scratch: try store.makeScratch(ingredients, afresh: afresh),
      report: { [onEvent] in onEvent(.progress(step: name, $0)) },
      isCancelled: { [interruption] in interruption.isRequested }, note: note)
  }

  /// The files a stage wrote. - Throws: `OutputMissing`, `InputChanged`, `FileError`.
  private func check(_ step: Step, _ ingredients: Ingredients, _ aside: URL) throws -> [Artifact.StoredFile] {
    let files = try OutputListing.of(aside)
    for published in step.type.publishes where !published.isOptional {
      let isThere = files.contains {
        published.isDirectory ? $0.path.hasPrefix(published.file + "/") : $0.path == published.file
      }
      if !isThere { throw OutputMissing(stage: step.type.name, file: published.file) }
    }
    let external = try decision.external(of: step)
    let names = Set(external.keys).union(ingredients.external.keys).sorted()
    let changed = names.filter { external[$0] != ingredients.external[$0] }
    if !changed.isEmpty { throw InputChanged(names: changed) }
    return files
  }
}

// MARK: - After the steps

extension StepLoop {
  /// Shows the files of finished steps, unless the run stopped half-way: then the folder stays as the last run left it.
  private func publish(_ status: RunRecord.Status) throws -> [PublishedFile] {
    let last = RunRecord(in: plan.out)?.files ?? []
    if status == .interrupted || (status == .failed && !options.keepGoing) { return last }
    let sources = plan.recipe.steps.compactMap { step in
      artifacts[step.name].map { Publication.Source(step: step, artifact: $0) }
    }
    let publication = Publication(of: sources)
    let unfinished = Set(plan.recipe.steps.map(\.name).filter { artifacts[$0] == nil })
    let shown = publication.items.map(\.file)
    let kept = last.filter { file in unfinished.contains(file.step) && !shown.contains { $0.path == file.path } }
    let changed = try publication.apply(
      to: plan.out, last: last, kept: kept, disk: store.disk, cache: plan.environment.digestCache)
    if !changed.isEmpty { onEvent(.published(changed)) }
    return (shown + kept).sorted { $0.path < $1.path }
  }

  private func record(_ status: RunRecord.Status, _ files: [PublishedFile], seconds: Double) -> RunRecord {
    let recipe = plan.recipe
    let hides = plan.environment.hidesPaths
    return RunRecord(
      status: status,
      recipe: RunRecord.RecipeRecord(
        name: recipe.name, file: hides ? URL(filePath: recipe.file).lastPathComponent : recipe.file,
        description: recipe.description, text: hides ? "" : recipe.text, overrides: hides ? [] : recipe.overrides),
      seed: recipe.seed, versions: options.versions, values: plan.environment.values, workers: options.workers,
      memoryLimit: options.memoryLimit, started: started, seconds: seconds, peakMemory: PeakMemory.ofProcess,
      steps: recipe.steps.map { record(of: $0) }, files: files)
  }

  private func record(of step: Step) -> RunRecord.StepRecord {
    let outcome = outcomes[step.name] ?? Outcome(state: .pending)
    let artifact = artifacts[step.name]?.record
    let hides = plan.environment.hidesPaths
    return RunRecord.StepRecord(
      name: step.name, stage: step.type.name, revision: step.type.revision, state: outcome.state,
      reasons: outcome.reasons.map(\.description), parameters: hides ? step.parametersWithoutPaths : step.parameters,
      inputs: Dictionary(uniqueKeysWithValues: step.inputs.map { ($0.slot, $0.steps) }),
      external: outcome.ingredients?.external ?? [:], fingerprint: artifact?.fingerprint, content: artifact?.content,
      seconds: artifact?.making.seconds, peakMemory: artifact?.making.peakMemory, notes: artifact?.making.notes ?? [],
      error: hides && outcome.error != nil ? "not told, as it may name files" : outcome.error)
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
