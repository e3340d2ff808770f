import SelfSupervision
import Tensors
import TestSupport
import Testing
import VisionModels

/// Three whole steps against PyTorch: `Fixtures/SelfSupervision/distillation.py`.
struct LearnerTests {
  private static let batch = 5
  private static let locals = 3
  /// Of the tensor's largest number. A step of AdamW divides by a root of tiny numbers, so parameters get their own.
  private static let gradientTolerance = 2e-5
  private static let parameterTolerance = 2e-4
  /// In half precision any gradient may be this far off, by relative distance, …
  private static let halfPrecisionTolerance = 2e-2
  /// … or this many times as far as PyTorch's autocast is on the same tensor.
  private static let shareOfAutocast = 1.2

  /// The fixture's pixels: multiples of 1/32768 from a linear congruential generator.
  private struct GeneratedCrops: CropSource {
    let pixels: [Float]
    /// By crop, image and patch.
    var hidden: [[Int]] = []

    init(step: Int) {
      var state = UInt32(12345 + 977 * step)
      pixels = (0..<LearnerTests.batch * 3 * (2 * 256 + LearnerTests.locals * 64)).map { _ in
        state = 1_664_525 &* state &+ 1_013_904_223
        return Float(state >> 16) / 32768 - 1
      }
    }

    func fillGlobals(_ positions: Range<Int>, worker: Int, into globals: UnsafeMutablePointer<Float>) {
      fill(positions, crops: 2, from: 0, size: 768, globals)
    }

    func fillLocals(_ positions: Range<Int>, worker: Int, into locals: UnsafeMutablePointer<Float>) {
      fill(positions, crops: LearnerTests.locals, from: 2 * LearnerTests.batch * 768, size: 192, locals)
    }

    private func fill(
      _ positions: Range<Int>, crops: Int, from start: Int, size: Int, _ target: UnsafeMutablePointer<Float>
    ) {
      for (i, position) in positions.enumerated() {
        for crop in 0..<crops {
          copy(
            start + (crop * LearnerTests.batch + position) * size, size, target + (crop * positions.count + i) * size)
        }
      }
    }

    func seed(_ position: Int) -> Seed { Seed(UInt64(position)) }

    func hiddenPatches(_ position: Int, crop: Int, _ masking: BlockMasking) -> [Int] {
      hidden.filter { $0[0] == crop && $0[1] == position }.map { $0[2] }
    }

    private func copy(_ start: Int, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
      pixels.withUnsafeBufferPointer { target.update(from: $0.baseAddress! + start, count: count) }
    }
  }

  private func makeLearner(
    _ fixture: Fixture, normalizesLastLayer: Bool, koleoWeight: Double = 0, precision: Precision = .f32, threads: Int,
    _ change: (inout DINO.Configuration) -> Void = { _ in }
  ) -> Learner {
    var configuration = DINO.Configuration()
    configuration.globalCropSize = 16
    configuration.localCropSize = 8
    configuration.localCrops = LearnerTests.locals
    configuration.outputDimension = 24
    configuration.headHidden = 20
    configuration.headBottleneck = 8
    configuration.normalizesLastLayer = normalizesLastLayer
    configuration.dropPath = 0
    configuration.clipGradient = 0.4
    configuration.koleoWeight = koleoWeight
    configuration.precision = precision
    change(&configuration)
    let model = VisionTransformer.Configuration(imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2)
    return Learner(configuration, model: model, workers: WorkerPool(threads: threads)) { _, _, parameters in
      for entry in parameters.layout.entries {
        let run = entry.path == "mask_token" ? "masked" : "frozen"
        parameters.set(entry.path, fixture.floats("\(run).initial.\(entry.path)"))
      }
    }
  }

  private func rates(_ step: Int) -> Learner.Rates {
    Learner.Rates(
      learningRate: [1e-3, 2e-3, 1.5e-3][step], weightDecay: [0.1, 0.2, 0.3][step],
      teacherMomentum: [0.9, 0.93, 0.96][step], teacherTemperature: [0.04, 0.055, 0.07][step],
      freezesLastLayer: step == 0)
  }

  /// Keys' biases change nothing in a softmax: their gradient is rounding, and AdamW would blow it up. Left out of comparisons.
  private func withoutKeys(_ path: String, _ values: [Float]) -> [Float] {
    path.hasSuffix("qkv.bias") ? Array(values[..<16] + values[32...]) : values
  }

  private func compare(_ buffer: ParameterBuffer, _ fixture: Fixture, _ prefix: String, _ tolerance: Double) {
    for entry in buffer.layout.entries where fixture.names.contains(prefix + entry.path) {
      let error = normalizedError(
        withoutKeys(entry.path, buffer.values(entry.path)), withoutKeys(entry.path, fixture.floats(prefix + entry.path))
      )
      #expect(error < tolerance, "\(prefix)\(entry.path): \(error)")
    }
  }

  /// As above, for what AdamW made of a run. Its first step goes by the gradient's sign alone, and where that was rounding, so is the step:
  /// an element or two of a thousand are left out.
  private func compareSteps(_ buffer: ParameterBuffer, _ fixture: Fixture, _ run: String, _ name: String) {
    for entry in buffer.layout.entries where fixture.names.contains("\(run).\(name).\(entry.path)") {
      var (own, wanted) = (buffer.values(entry.path), fixture.floats("\(run).\(name).\(entry.path)"))
      if fixture.names.contains("\(run).gradient.\(entry.path)") {
        let gradient = fixture.floats("\(run).gradient.\(entry.path)").map { abs($0) }
        let noise = gradient.max()! * 1e-6
        for i in own.indices where gradient[i] < noise { (own[i], wanted[i]) = (0, 0) }
      }
      let error = normalizedError(withoutKeys(entry.path, own), withoutKeys(entry.path, wanted))
      #expect(error < LearnerTests.parameterTolerance, "\(run).\(name).\(entry.path): \(error)")
    }
  }

  /// The same student in a learner that does not clip, after its first step: for the gradients as they come.
  private func unclippedTwin(of learner: Learner, _ crops: GeneratedCrops = GeneratedCrops(step: 0)) throws -> Learner {
    var configuration = learner.configuration
    configuration.clipGradient = 0
    let twin = Learner(configuration, model: learner.backbone.configuration, workers: WorkerPool(threads: 1)) {
      _, _, parameters in
      parameters.pointer.update(from: learner.student.pointer, count: parameters.count)
    }
    _ = try twin.step(crops, batch: LearnerTests.batch, rates: rates(0), number: 0)
    return twin
  }

  @Test func threeStepsEqualPyTorch() throws {
    let fixture = try Fixture("SelfSupervision/distillation")
    let learner = makeLearner(fixture, normalizesLastLayer: true, threads: 2)
    let unclipped = try unclippedTwin(of: learner)
    compare(unclipped.gradient, fixture, "frozen.gradient.", LearnerTests.gradientTolerance)
    let compared = unclipped.gradient.layout.entries.filter { fixture.names.contains("frozen.gradient." + $0.path) }
    #expect(
      compared.count == learner.student.layout.entries.count - 1, "every tensor but the fixed lengths has a gradient")

    let (losses, entropies) = (fixture.doubles("frozen.losses"), fixture.doubles("frozen.entropies"))
    for step in 0..<3 {
      let outcome = try learner.step(
        GeneratedCrops(step: step), batch: LearnerTests.batch, rates: rates(step), number: step)
      #expect(abs(outcome.loss - losses[step]) < 2e-5 * losses[step], "step \(step)")
      #expect(abs(outcome.teacherEntropy - entropies[step]) < 2e-5, "step \(step)")
      if step == 0 || step == 2 {
        compareSteps(learner.student, fixture, "frozen", "student\(step)")
        compareSteps(learner.teacherParameters, fixture, "frozen", "teacher\(step)")
        #expect(
          normalizedError(learner.center, fixture.floats("frozen.center\(step)")) < LearnerTests.parameterTolerance)
      }
    }
  }

  /// The first step's gradients against those in 64 bits, beside what autocast makes of them.
  @Test func halfPrecisionIsAsNearAsAutocast() throws {
    let fixture = try Fixture("SelfSupervision/distillation")
    let learner = makeLearner(fixture, normalizesLastLayer: true, precision: .bf16, threads: 1)
    let gradient = try unclippedTwin(of: learner).gradient
    var compared = 0
    for entry in gradient.layout.entries where fixture.names.contains("frozen.autocast." + entry.path) {
      let own = withoutKeys(entry.path, gradient.values(entry.path))
      let wanted = withoutKeys(entry.path, fixture.floats("frozen.gradient." + entry.path))
      let difference = zip(own, wanted).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
      let size = wanted.reduce(0) { $0 + Double($1) * Double($1) }
      let distance = (difference / size).squareRoot()
      let autocasts = fixture.doubles("frozen.autocast." + entry.path)[0]
      #expect(
        distance <= max(Self.halfPrecisionTolerance, Self.shareOfAutocast * autocasts), "\(entry.path): \(autocasts)")
      compared += 1
    }
    #expect(compared == gradient.layout.entries.count - 1, "every tensor but the fixed lengths")
  }

  @Test func trainedLengthsEqualPyTorch() throws {
    let fixture = try Fixture("SelfSupervision/distillation")
    let learner = makeLearner(fixture, normalizesLastLayer: false, threads: 1)
    let losses = fixture.doubles("free.losses")
    for step in 0..<3 {
      let outcome = try learner.step(
        GeneratedCrops(step: step), batch: LearnerTests.batch, rates: rates(step), number: step)
      #expect(abs(outcome.loss - losses[step]) < 2e-5 * losses[step], "step \(step)")
    }
    compareSteps(learner.student, fixture, "free", "student2")
    compareSteps(learner.teacherParameters, fixture, "free", "teacher2")
  }

  /// KoLeo looks across the batch, so the images of every lane count.
  @Test func spreadingEqualsPyTorch() throws {
    let fixture = try Fixture("SelfSupervision/distillation")
    let learner = makeLearner(fixture, normalizesLastLayer: true, koleoWeight: 0.1, threads: 2)
    compare(try unclippedTwin(of: learner).gradient, fixture, "spread.gradient.", LearnerTests.gradientTolerance)
    let (losses, spreads) = (fixture.doubles("spread.losses"), fixture.doubles("spread.spreads"))
    for step in 0..<3 {
      let outcome = try learner.step(
        GeneratedCrops(step: step), batch: LearnerTests.batch, rates: rates(step), number: step)
      #expect(abs(outcome.loss - losses[step]) < 2e-5 * losses[step], "step \(step)")
      // Later it is a function of what AdamW made of the parameters.
      let tolerance = step == 0 ? 2e-5 : LearnerTests.parameterTolerance
      #expect(abs(try #require(outcome.koleo) - spreads[step]) < tolerance, "step \(step)")
    }
    compareSteps(learner.student, fixture, "spread", "student2")
    compareSteps(learner.teacherParameters, fixture, "spread", "teacher2")
  }

  /// iBOT's term, with centres and with Sinkhorn's targets, which look across the batch; all terms with their weights.
  @Test(arguments: [DINO.Configuration.Balancing.centering, .sinkhorn])
  func hiddenPatchesEqualPyTorch(_ balancing: DINO.Configuration.Balancing) throws {
    let fixture = try Fixture("SelfSupervision/distillation")
    let run = balancing == .centering ? "masked" : "sinkhorn"
    let learner = makeLearner(
      fixture, normalizesLastLayer: true, koleoWeight: balancing == .sinkhorn ? 0.1 : 0, threads: 2
    ) {
      $0.ibotWeight = 0.5
      $0.dinoWeight = balancing == .sinkhorn ? 0.7 : 1
      $0.balancing = balancing
    }
    let places = fixture.integers("masks")
    let hidden = stride(from: 0, to: places.count, by: 3).map { Array(places[$0..<$0 + 3]) }
    func crops(_ step: Int) -> GeneratedCrops {
      var crops = GeneratedCrops(step: step)
      crops.hidden = hidden
      return crops
    }
    let twin = try unclippedTwin(of: learner, crops(0))
    compare(twin.gradient, fixture, run + ".gradient.", LearnerTests.gradientTolerance)
    #expect(
      twin.gradient.layout.entries.filter { fixture.names.contains("\(run).gradient.\($0.path)") }.count
        == learner.student.layout.entries.count - 1)
    let (losses, patches) = (fixture.doubles(run + ".losses"), fixture.doubles(run + ".patches"))
    let entropies = fixture.doubles(run + ".entropies")
    for step in 0..<3 {
      let outcome = try learner.step(crops(step), batch: LearnerTests.batch, rates: rates(step), number: step)
      let tolerance = step == 0 ? 2e-5 : LearnerTests.parameterTolerance
      #expect(abs(outcome.loss - losses[step]) < tolerance * losses[step], "step \(step)")
      #expect(abs(try #require(outcome.ibot) - patches[step]) < tolerance * patches[step], "step \(step)")
      #expect(abs(outcome.teacherEntropy - entropies[step]) < tolerance * 2, "step \(step)")
    }
    compareSteps(learner.student, fixture, run, "student2")
    compareSteps(learner.teacherParameters, fixture, run, "teacher2")
  }

  @Test(arguments: Precision.allCases)
  func notANumberIsDivergence(_ precision: Precision) throws {
    let fixture = try Fixture("SelfSupervision/distillation")
    let learner = makeLearner(fixture, normalizesLastLayer: true, precision: precision, threads: 1)
    learner.student.pointer[learner.student.layout.entry("norm.weight")!.range.lowerBound] = .nan
    #expect(throws: DINOError.self) {
      try learner.step(GeneratedCrops(step: 0), batch: LearnerTests.batch, rates: rates(0), number: 0)
    }
  }
}
