import SelfSupervision
import Tensors
import Testing
import VisionModels

/// A run that stops at any step and goes on in another trainer ends in the bytes of one that was never stopped.
struct TrainingStateTests {
  private static let images: PixelStack = {
    var generator = Seed(9).generator()
    let samples = (0..<7 * 3 * 256).map { _ in UInt8(generator.uniform(0...255)) }
    return PixelStack(count: 7, channels: 3, height: 16, width: 16, samples: .bits8(samples))
  }()

  /// Three epochs of three steps: the last layer thaws in the second, an image of seven is left over.
  private static func configuration(_ change: (inout DINO.Configuration) -> Void = { _ in }) -> DINO.Configuration {
    var made = DINO.Configuration()
    (made.epochs, made.batchSize) = (3, 2)
    (made.globalCropSize, made.localCropSize, made.localCrops) = (16, 8, 1)
    (made.outputDimension, made.headHidden, made.headBottleneck) = (12, 16, 8)
    (made.dropPath, made.normalizesLastLayer) = (0.2, false)
    made.warmupTeacherTemperature = 0.02
    change(&made)
    return made
  }

  private static let model = VisionTransformer.Configuration(
    imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2)

  private static func trainer(
    _ configuration: DINO.Configuration = configuration(), threads: Int = 1
  ) throws -> DINOTrainer {
    try DINOTrainer(
      configuration: configuration, model: model, images: images, standardization: .neutral,
      workers: WorkerPool(threads: threads), seed: Seed(3), weights: configuration.startsFromWeights ? weights : nil)
  }

  /// Numbers of a network whose keys have no bias.
  private static var weights: ParameterBuffer {
    let network = VisionTransformer(model)
    let numbers = ParameterBuffer(network.layout)
    network.initialize(numbers, seed: Seed(31))
    for block in 0..<2 {
      let parts: [Float] = [0.1, 0, -0.2]
      numbers.set("blocks.\(block).attn.qkv.bias", parts.flatMap { [Float](repeating: $0, count: 16) })
      numbers.set("blocks.\(block).attn.proj.bias", [Float](repeating: 0.05, count: 16))
    }
    return numbers
  }

  /// A copy of a state, in memory.
  private struct Copy: KeptState, Equatable {
    var history: [Monitor]
    var counters: [String: [Int]]
    var values: [String: [Float]]

    init(_ state: TrainingState) {
      history = state.history
      counters = state.counters
      values = Dictionary(uniqueKeysWithValues: state.numbers.map { ($0.name, Array($0.values)) })
    }

    func count(_ name: String) -> Int? { values[name]?.count }
    func numbers(_ name: String) throws -> [Float] { values[name]! }

    /// To the bit.
    var bits: [String: [UInt32]] { values.mapValues { $0.map(\.bitPattern) } }
  }

  /// The state after every step of an uninterrupted run.
  private static func states(_ configuration: DINO.Configuration = configuration()) throws -> [Copy] {
    let trainer = try trainer(configuration)
    var states: [Copy] = []
    var ends: [Bool] = []
    let result = try trainer.run(keep: {
      states.append(Copy($0))
      ends.append($1)
    })
    #expect(result.isComplete && states.count == 9 && trainer.steps == 9)
    #expect(ends == [Bool](repeating: false, count: 8) + [true])
    return states
  }

  /// From scratch, and from weights: an epoch of the head alone, one in which a block thaws, and one more, with a block that never does.
  @Test(arguments: Precision.allCases, [false, true])
  func goesOnFromEveryStepAtAnyThreadCount(_ precision: Precision, fromWeights: Bool) throws {
    let configuration = Self.configuration {
      $0.precision = precision
      if !fromWeights { return }
      ($0.startsFromWeights, $0.layerwiseDecay, $0.patchEmbeddingRate) = (true, 0.7, 0.2)
      ($0.frozenBlocks, $0.headWarmupEpochs, $0.warmupEpochs) = (1, 1, 1)
    }
    let states = try Self.states(configuration)
    for (step, kept) in states.enumerated() {
      let trainer = try Self.trainer(configuration, threads: 1 + step % 3)
      try trainer.resume(from: kept)
      var seen: [Int] = []
      let result = try trainer.run(progress: { seen.append($0.step) })
      #expect(seen == Array(step + 2..<10), "after step \(step)")
      let end = Copy(trainer.state)
      #expect(end.bits == states.last!.bits && end.history == states.last!.history, "after step \(step)")
      #expect(end.counters == states.last!.counters && result.isComplete)
    }
  }

  /// Stopped by the user at every step of the way, one step at a time.
  @Test func aRunInNineSittingsIsOneRun() throws {
    let states = try Self.states()
    var kept: Copy?
    for sitting in 0..<9 {
      let trainer = try Self.trainer(threads: 1 + sitting % 2)
      if let kept { try trainer.resume(from: kept) }
      var last: [Copy] = []
      let result = try trainer.run(
        shouldStop: { true },
        keep: { state, isLast in
          if isLast { last.append(Copy(state)) }
        })
      #expect(last.count == 1 && result.isComplete == (sitting == 8))
      kept = last[0]
      #expect(kept!.bits == states[sitting].bits)
    }
  }

  @Test func allThatAStepWritesIsThere() throws {
    let state = try Self.states().last!
    #expect(state.values.keys.sorted() == ["adamw.first", "adamw.second", "center", "student", "teacher"])
    #expect(state.values.values.allSatisfy { $0.contains { $0 != 0 } })
    #expect(Set(state.counters["adamw.steps"]!) == [6, 9], "the last layer thaws after three steps")
  }

  @Test func aStateOfAnotherRunIsRefusedAndNothingIsChanged() throws {
    let states = try Self.states()
    var wrong: [(String, Copy)] = []
    func add(_ name: String, _ change: (inout Copy) -> Void) {
      var copy = states[3]
      change(&copy)
      wrong.append((name, copy))
    }
    add("teacher") { $0.values["teacher"]!.removeLast() }
    add("center") { $0.values["center"] = nil }
    add("adamw.steps") { $0.counters["adamw.steps"]!.append(0) }
    add("prototypes") { $0.counters["prototypes"] = nil }
    add("adamw.steps") { $0.counters["adamw.steps"] = nil }
    add("history") { $0.history.removeFirst() }
    add("history") { $0.history += $0.history + $0.history }
    for (name, copy) in wrong {
      let trainer = try Self.trainer()
      let before = Copy(trainer.state)
      #expect(throws: KeptStateMismatch(name: name)) { try trainer.resume(from: copy) }
      #expect(Copy(trainer.state) == before)
      _ = try trainer.run()
      #expect(Copy(trainer.state).bits == states.last!.bits)
    }
    let wider = try Self.trainer(Self.configuration { $0.outputDimension = 16 })
    #expect(throws: KeptStateMismatch.self) { try wider.resume(from: states[3]) }
  }
}
