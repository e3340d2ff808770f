import SelfSupervision
import Tensors
import TestSupport
import Testing
import VisionModels

/// Training that starts from given weights: which tensors learn how fast, which stand still, and that it goes on from where they are.
struct ContinuationTests {
  private static let images: PixelStack = {
    var generator = Seed(19).generator()
    let samples = (0..<6 * 3 * 256).map { _ in UInt8(generator.uniform(0...255)) }
    return PixelStack(count: 6, channels: 3, height: 16, width: 16, samples: .bits8(samples))
  }()

  private static let model = VisionTransformer.Configuration(
    imageSize: 16, patchSize: 4, width: 16, depth: 3, heads: 2, registers: 2, hasLayerScale: true)

  /// Two epochs of three steps.
  private static func configuration(
    _ base: DINO.Configuration = DINO.Configuration(), _ change: (inout DINO.Configuration) -> Void = { _ in }
  ) -> DINO.Configuration {
    var made = base
    (made.epochs, made.batchSize, made.warmupEpochs) = (2, 2, 0)
    (made.globalCropSize, made.localCropSize, made.localCrops) = (16, 8, 1)
    (made.outputDimension, made.headHidden, made.headBottleneck) = (12, 16, 8)
    (made.freezeLastLayerEpochs, made.headWarmupEpochs, made.backboneRate) = (0, 0, 1)
    change(&made)
    return made
  }

  /// Numbers that no network starts with, but as large as those of a trained one.
  private static func weights(_ model: VisionTransformer.Configuration = model) -> ParameterBuffer {
    let buffer = ParameterBuffer(VisionTransformer(model).layout)
    for entry in buffer.layout.entries {
      var generator = Seed(23).split(entry.path).generator()
      let centre = entry.path.contains("norm") || entry.path.hasSuffix("gamma") ? 0.75 : 0
      buffer.set(entry.path, entry.range.map { _ in Float(centre + 0.1 * generator.normal()) })
    }
    return buffer
  }

  private static func trainer(
    _ configuration: DINO.Configuration, _ model: VisionTransformer.Configuration = model,
    weights: ParameterBuffer? = weights(), threads: Int = 2
  ) throws -> DINOTrainer {
    try DINOTrainer(
      configuration: configuration, model: model, images: images, standardization: .neutral,
      workers: WorkerPool(threads: threads), seed: Seed(3), weights: weights)
  }

  /// timm's and DINOv2's own factors: `Fixtures/SelfSupervision/layerwise.py`.
  @Test func everyTensorLearnsAsFastAsInDINOv2() throws {
    let fixture = try Fixture("SelfSupervision/layerwise")
    var configuration = DINO.Configuration.continuing
    (configuration.ibotWeight, configuration.backboneRate) = (1, 1)
    configuration.globalCropSize = 16
    let result = try Self.trainer(Self.configuration(configuration) { $0.epochs = 1 }).run(shouldStop: { true })
    let rates = TensorRates(configuration, result.student.layout, depth: 3)
    for (entry, factor) in zip(result.student.layout.entries, rates.factors) {
      #expect(abs(factor - fixture.doubles("factor." + entry.path)[0]) < 1e-12, "\(entry.path)")
    }
    #expect(fixture.names.count == rates.factors.count)
    configuration.backboneRate = 0.25
    let slower = TensorRates(configuration, result.student.layout, depth: 3).factors
    for (index, entry) in result.student.layout.entries.enumerated() {
      #expect(slower[index] == (entry.path.hasPrefix("head.") ? 1 : 0.25 * rates.factors[index]), "\(entry.path)")
    }
    #expect(TensorRates(DINO.Configuration(), result.student.layout, depth: 3).factors.allSatisfy { $0 == 1 })
  }

  /// AdamW's first step of a tensor is its rate times what hangs on gradient and weight alone.
  @Test func theFactorMultipliesTheFirstStep() throws {
    let start = Self.weights()
    func moved(_ decay: Double, _ patches: Double) throws -> ParameterBuffer {
      let configuration = Self.configuration {
        ($0.layerwiseDecay, $0.patchEmbeddingRate, $0.learningRate) = (decay, patches, 0.2)
      }
      return try Self.trainer(configuration).run(shouldStop: { true }).student
    }
    let (plain, decayed) = (try moved(1, 1), try moved(0.5, 0.25))
    let rates = TensorRates(
      Self.configuration { ($0.layerwiseDecay, $0.patchEmbeddingRate) = (0.5, 0.25) }, plain.layout, depth: 3)
    for (entry, factor) in zip(plain.layout.entries, rates.factors) where start.layout.entry(entry.path) != nil {
      let origin = start.values(entry.path)
      let whole = zip(plain.values(entry.path), origin).map { Double($0 - $1) * factor }
      let part = zip(decayed.values(entry.path), origin).map { Double($0 - $1) }
      #expect(whole.contains { $0 != 0 })
      #expect(normalizedError(part, whole) < 1e-3, "\(entry.path)")
    }
  }

  /// The numbers that would have been drawn, given: the same bytes all the way.
  @Test func itStartsWhereTheWeightsAre() throws {
    let drawn = ParameterBuffer(VisionTransformer(Self.model).layout)
    VisionTransformer(Self.model).initialize(drawn, seed: Seed(3).split("backbone"))
    let given = try Self.trainer(Self.configuration(), weights: drawn).run()
    let own = try Self.trainer(Self.configuration(), weights: nil).run()
    #expect(given.history == own.history)
    for entry in own.teacher.layout.entries {
      #expect(given.teacher.values(entry.path) == own.teacher.values(entry.path), "\(entry.path)")
    }
    let other = try Self.trainer(Self.configuration()).run()
    #expect(other.history[0].loss != own.history[0].loss)
  }

  @Test(arguments: Precision.allCases, [0.0, 0.5]) func frozenBlocksStandStill(_ precision: Precision, ibot: Double)
    throws
  {
    let start = Self.weights()
    func run(_ frozen: Int) throws -> DINOTrainer.Result {
      try Self.trainer(
        Self.configuration(.continuing) {
          ($0.frozenBlocks, $0.precision, $0.ibotWeight, $0.learningRate) = (frozen, precision, ibot, 0.1)
        }
      ).run()
    }
    let moving = try run(0)
    for frozen in 1...3 {
      let result = try run(frozen)
      for entry in start.layout.entries {
        let isFrozen =
          !entry.path.hasPrefix("norm.")
          && (!entry.path.hasPrefix("blocks.") || (0..<frozen).contains { entry.path.hasPrefix("blocks.\($0).") })
        for buffer in [result.student, result.teacher] {
          #expect((buffer.values(entry.path) == start.values(entry.path)) == isFrozen, "\(frozen): \(entry.path)")
        }
      }
      // In the first step nothing has moved yet: the loss of any of them.
      #expect(result.history[0].loss == moving.history[0].loss)
    }
    #expect(throws: DINOError.self) { try run(4) }
  }

  /// What learns above frozen blocks gets the gradient that it would have got anyhow.
  @Test func gradientsAboveAreTheSame() throws {
    let model = VisionTransformer(Self.model)
    let (parameters, images) = (Self.weights(), [Float](repeating: 0.3, count: 2 * 768))
    let weights = model.pack(parameters, precision: .f32, forTraining: true)
    let tape = model.makeTape(images: 2, side: 16, precision: .f32)
    let gradients = (0...3).map { first in
      let gradient = ParameterBuffer(model.layout)
      model.forward(images, count: 2, weights: weights, tape: tape)
      let outputs = (0..<32).map { Float($0 % 5) - 2 }
      model.backward(outputs, count: 2, weights: weights, tape: tape, adding: gradient.pointer, from: first)
      return gradient
    }
    for first in 1...3 {
      for entry in model.layout.entries {
        let values = gradients[first].values(entry.path)
        let block = entry.path.hasPrefix("blocks.") ? Int(String(entry.path.dropFirst(7).first!))! : -1
        if entry.path.hasPrefix("norm.") || block >= first {
          #expect(values == gradients[0].values(entry.path), "\(entry.path)")
        } else {
          #expect(values.allSatisfy { $0 == 0 }, "\(entry.path)")
        }
      }
    }
  }

  @Test func onlyTheHeadLearnsAtFirst() throws {
    let start = Self.weights()
    let configuration = Self.configuration(.continuing) { ($0.headWarmupEpochs, $0.warmupEpochs) = (1, 1) }
    let trainer = try Self.trainer(configuration)
    var moved: [[Bool]] = []
    let head = ParameterLayoutCheck(start)
    let result = try trainer.run(keep: { state, _ in
      let student = state.numbers.first { $0.name == "student" }!.values
      moved.append([head.differs(student), student[(start.count)...].contains { $0 != 0 }])
    })
    #expect(moved.map { $0[0] } == [false, false, false, true, true, true])
    #expect(result.history.count == 6)
    #expect((0..<6).map { trainer.schedules.backboneShare[$0] } == [0, 0, 0, 1.0 / 3, 2.0 / 3, 1])
    let still = try Self.trainer(Self.configuration(.continuing) { $0.headWarmupEpochs = 9 }).run()
    #expect(still.student.values("head.mlp.0.weight") != result.student.values("head.mlp.0.weight"))
    for entry in start.layout.entries {
      #expect(still.teacher.values(entry.path) == start.values(entry.path))
    }
  }

  /// The backbone lies first in the learner's buffer, as in its own.
  private struct ParameterLayoutCheck {
    let start: ParameterBuffer
    init(_ start: ParameterBuffer) { self.start = start }
    func differs(_ student: UnsafeMutableBufferPointer<Float>) -> Bool {
      start.layout.entries.contains { entry in entry.range.contains { student[$0] != start.pointer[$0] } }
    }
  }

  /// DINOv3's keys have no bias, and with rotary positions one would make a difference: none is learnt, the others are.
  @Test(arguments: Precision.allCases) func aBiasThatIsNotThereIsNotLearnt(_ precision: Precision) throws {
    let model = VisionTransformer.Configuration(
      imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2, positions: .rotary, registers: 1, hasLayerScale: true)
    let weights = Self.weights(model)
    let paths = (0..<2).map { "blocks.\($0).attn.qkv.bias" }
    func keys(_ buffer: ParameterBuffer, _ path: String) -> [Float] { Array(buffer.values(path)[16..<32]) }
    let configuration = Self.configuration(.continuing) { ($0.learningRate, $0.precision) = (0.05, precision) }
    let learnt = try Self.trainer(configuration, model, weights: weights).run()
    for path in paths {
      let before = weights.values(path)
      #expect(keys(learnt.student, path) != Array(before[16..<32]), "keys that have a bias learn it")
      weights.set(path, before[..<16] + [Float](repeating: 0, count: 16) + before[32...])
    }
    let result = try Self.trainer(configuration, model, weights: weights).run()
    for path in paths {
      for buffer in [result.student, result.teacher] {
        #expect(keys(buffer, path).allSatisfy { $0 == 0 }, "\(path)")
        #expect(
          zip(buffer.values(path), weights.values(path)).enumerated().allSatisfy {
            (16..<32).contains($0.offset) || $0.element.0 != $0.element.1
          })
      }
    }
    // A bias of one block alone is a trained one that happens to be zero there.
    weights.set(paths[1], [Float](repeating: 0.1, count: 48))
    let other = try Self.trainer(configuration, model, weights: weights).run()
    #expect(keys(other.student, paths[0]).contains { $0 != 0 })
  }

  /// From a larger table, at crops of two sizes, neither of them the table's.
  @Test func positionsOfAnotherSizeLearnToo() throws {
    var model = Self.model
    (model.imageSize, model.interpolation) = (28, .bicubicOffset)
    let weights = Self.weights(model)
    let result = try Self.trainer(
      Self.configuration(.continuing) { $0.learningRate = 0.1 }, model, weights: weights
    ).run()
    #expect(result.teacher.values("pos_embed").count == (1 + 49) * 16)
    #expect(result.teacher.values("pos_embed") != weights.values("pos_embed"))
    #expect(result.history.allSatisfy { $0.loss.isFinite })
  }

  @Test func defaultsAreGentler() {
    var made = DINO.Configuration.continuing
    #expect(made.backboneRate < DINO.Configuration().backboneRate)
    #expect(made.startingMomentum(steps: 10) == 0.99 && made.startingMomentum(steps: 500) == 0.998)
    made.momentumTeacher = 0.5
    #expect(made.startingMomentum(steps: 500) == 0.5)
    withEvery("images", in: [(0, 25), (64, 25), (700, 5), (4800, 2), (1_000_000, 2)]) { images, epochs in
      #expect(made.automaticEpochs(images: images) == epochs, "\(images) images")
    }
    withEvery("epochs", in: [(1, 0), (2, 1), (25, 2), (100, 10)]) { epochs, alone in
      made.epochs = epochs
      #expect(Schedules(made, stepsPerEpoch: 1, batch: 2).backboneShare.steps == alone)
    }
    #expect(Schedules(DINO.Configuration(), stepsPerEpoch: 1, batch: 2).backboneShare[0] == 1)
  }
}
