import Foundation
import Pipeline
import Synchronization
import TestSupport

/// A working folder with a recipe, a store and a folder of results, in which a test runs recipes and sees which steps ran.
struct Workshop: Sendable {
  let folder: URL
  var recipe = Workshop.standard
  var disk: any Disk = LocalDisk(isDurable: false)
  var values: [String: String] = [:]
  var outName = "out"
  var pinned: [String: Artifact] = [:]

  static let standard = """
    seed: 7
    steps:
      text:  { stage: read, from: input.txt }
      long:  { stage: count, text: text, min_length: 4 }
      short: { stage: count, text: text, min_length: 2 }
      drawn: { stage: draw, text: text }
      page:  { stage: join, counts: [long, short] }

    """

  static func with<R>(_ body: (inout Workshop) async throws -> R) async throws -> R {
    try await withTemporaryFolder { folder in
      var workshop = Workshop(folder: folder)
      try workshop.write("one two three\nthree four five five\n", to: "input.txt")
      return try await body(&workshop)
    }
  }

  var out: URL { folder.appending(path: outName) }
  var store: Store { Store(folder.appending(path: "store"), disk: disk) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  func read(_ name: String) throws -> String { try String(contentsOf: out.appending(path: name), encoding: .utf8) }

  func plan(
    _ overrides: [String] = [], seed: UInt64? = nil, selection: Selection = Selection(),
    stages: [any Stage.Type] = ToyStages.all
  ) throws -> Plan {
    let checked = try Recipe(yaml: recipe, file: "toy.yml", stages: stages, overrides: overrides, seed: seed)
    let store = store
    return try Plan(
      checked, store: store,
      environment: StageEnvironment(workingFolder: folder, values: values, digestCache: store.digestCache()), out: out,
      selection: selection, pinned: pinned)
  }

  /// Runs the recipe; returns the record and what was told.
  func runAll(
    _ overrides: [String] = [], seed: UInt64? = nil, selection: Selection = Selection(),
    stages: [any Stage.Type] = ToyStages.all, options: RunOptions = RunOptions(),
    interruption: Interruption = Interruption()
  ) async throws -> (record: RunRecord, events: [RunEvent]) {
    let plan = try plan(overrides, seed: seed, selection: selection, stages: stages)
    let events = Mutex<[RunEvent]>([])
    let record = try await Runner(plan, options).run(interruption: interruption) { event in
      events.withLock { $0.append(event) }
    }
    return (record, events.withLock { $0 })
  }

  /// The names of the steps that ran, in the order they did.
  func run(
    _ overrides: [String] = [], seed: UInt64? = nil, selection: Selection = Selection(),
    stages: [any Stage.Type] = ToyStages.all
  ) async throws -> [String] {
    try await runAll(overrides, seed: seed, selection: selection, stages: stages).events.stepsRun
  }

  /// `step: reason; reason` for every step that would run.
  func reasons(
    _ overrides: [String] = [], seed: UInt64? = nil, selection: Selection = Selection(),
    stages: [any Stage.Type] = ToyStages.all
  ) throws -> [String] {
    try plan(overrides, seed: seed, selection: selection, stages: stages).steps.filter(\.action.runs).map {
      "\($0.step.name): " + $0.action.reasons.map(\.description).joined(separator: "; ")
    }
  }

  /// Every file in the working folder with its bytes and time of change.
  func everything() -> [String: String] {
    var found: [String: String] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: folder.path)! {
      var info = stat()
      guard stat(folder.appending(path: name).path, &info) == 0 else { continue }
      let data = FileManager.default.contents(atPath: folder.appending(path: name).path)
      #if canImport(Darwin)
        let time = info.st_mtimespec
      #else
        let time = info.st_mtim
      #endif
      let isFolder = info.st_mode & S_IFMT == S_IFDIR
      found[name] = isFolder ? "folder" : "\(time.tv_sec).\(time.tv_nsec) \(data?.base64EncodedString() ?? "")"
    }
    return found
  }

  /// The published files but `run.json`, with their texts.
  func published() throws -> [String: String] {
    var found: [String: String] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: out.path)! where name != "run.json" {
      if let text = try? read(name) { found[name] = text }
    }
    return found
  }
}

extension [RunEvent] {
  var stepsRun: [String] {
    compactMap { event in
      if case .stepFinished(_, _, let step, _, _) = event { step } else { nil }
    }
  }
}

/// A disk that refuses its n-th change (counted from 1), and all after it when the process is to seem dead.
final class FailingDisk: Disk {
  private let refused: Int
  private let isDead: Bool
  private let changes = Atomic(0)
  private let disk = LocalDisk(isDurable: false)

  init(at refused: Int, dead: Bool) {
    self.refused = refused
    isDead = dead
  }

  var count: Int { changes.load(ordering: .relaxed) }

  private func step(_ place: URL) throws {
    let number = changes.add(1, ordering: .relaxed).newValue
    if number == refused || (isDead && number > refused) { throw FileError(.write, path: place.path, code: ENOSPC) }
  }

  func makeFolder(_ folder: URL) throws {
    try step(folder)
    try disk.makeFolder(folder)
  }

  func write(_ data: Data, to file: URL) throws {
    do { try step(file) } catch {
      // A full disk keeps what fitted.
      try? disk.write(data.prefix(data.count / 2), to: file)
      throw error
    }
    try disk.write(data, to: file)
  }

  func rename(_ source: URL, to target: URL) throws {
    try step(target)
    try disk.rename(source, to: target)
  }

  func remove(_ place: URL) throws {
    try step(place)
    try disk.remove(place)
  }

  func copy(_ source: URL, to target: URL) throws {
    try step(target)
    try disk.copy(source, to: target)
  }

  func flush(_ file: URL) throws {
    try step(file)
    try disk.flush(file)
  }
}
