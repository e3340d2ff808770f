import SelfSupervision
import Tensors
import TestSupport
import Testing
import VisionModels

/// A step takes its images a few at a time: how many, and with whom, makes no difference beyond rounding.
struct LearnerBatchTests {
  /// Pixels that depend on the image alone, whatever batch it is in.
  private struct HashedCrops: CropSource {
    /// The image at the batch's first position.
    let first: Int

    func seed(_ position: Int) -> Seed { Seed(41).split(first + position) }

    func fillGlobals(_ positions: Range<Int>, worker: Int, into globals: UnsafeMutablePointer<Float>) {
      fill(positions, crops: 0..<2, size: 3 * 256, globals)
    }

    func fillLocals(_ positions: Range<Int>, worker: Int, into locals: UnsafeMutablePointer<Float>) {
      fill(positions, crops: 2..<4, size: 3 * 64, locals)
    }

    private func fill(
      _ positions: Range<Int>, crops: Range<Int>, size: Int, _ target: UnsafeMutablePointer<Float>
    ) {
      for (i, position) in positions.enumerated() {
        for (place, crop) in crops.enumerated() {
          var generator = seed(position).split(crop).generator()
          let start = target + (place * positions.count + i) * size
          for pixel in 0..<size { start[pixel] = Float(generator.normal()) }
        }
      }
    }
  }

  private static let rates = Learner.Rates(
    learningRate: 1e-3, weightDecay: 0.1, teacherMomentum: 0.9, teacherTemperature: 0.05, freezesLastLayer: false)

  private func learner(batch: Int, _ change: (inout DINO.Configuration) -> Void) -> Learner {
    var configuration = DINO.Configuration()
    (configuration.globalCropSize, configuration.localCropSize, configuration.localCrops) = (16, 8, 2)
    (configuration.outputDimension, configuration.headHidden, configuration.headBottleneck) = (48, 32, 16)
    (configuration.batchSize, configuration.clipGradient, configuration.koleoWeight) = (batch, 0, 0)
    configuration.dropPath = 0.3
    change(&configuration)
    let model = VisionTransformer.Configuration(
      imageSize: 16, patchSize: 4, width: 32, depth: 2, heads: 2, registers: 2, hasLayerScale: true)
    return Learner(configuration, model: model, workers: WorkerPool(threads: 2)) { _, _, parameters in
      for entry in parameters.layout.entries {
        var generator = Seed(42).split(entry.path).generator()
        let centre = entry.path.contains("norm") || entry.path.hasSuffix("gamma") ? 0.75 : 0
        parameters.set(entry.path, entry.range.map { _ in Float(centre + 0.2 * generator.normal()) })
      }
      parameters.set("head.last_layer.weight_g", [Float](repeating: 1, count: 48))
    }
  }

  private func gradient(_ learner: Learner, first: Int, count: Int) throws -> (loss: Double, tensors: [String: [Float]])
  {
    let outcome = try learner.step(HashedCrops(first: first), batch: count, rates: Self.rates, number: 0)
    let tensors = learner.gradient.layout.entries.map { ($0.path, learner.gradient.values($0.path)) }
    return (outcome.loss, Dictionary(uniqueKeysWithValues: tensors))
  }

  /// Seventy images are nine a lane, which is two goes; seven are one a lane. The mean over all is the mean of the means.
  @Test(arguments: Precision.allCases)
  func aLargeBatchIsTheMeanOfItsParts(_ precision: Precision) throws {
    let change = { (configuration: inout DINO.Configuration) in configuration.precision = precision }
    let whole = try gradient(learner(batch: 70, change), first: 0, count: 70)
    var (loss, sums) = (0.0, [String: [Double]]())
    for part in 0..<10 {
      let own = try gradient(learner(batch: 7, change), first: 7 * part, count: 7)
      loss += own.loss / 10
      for (path, values) in own.tensors {
        sums[path] = zip(sums[path] ?? [Double](repeating: 0, count: values.count), values).map { $0 + Double($1) / 10 }
      }
    }
    #expect(abs(whole.loss - loss) < 1e-6 * loss)
    for (path, values) in whole.tensors {
      // Keys' biases have no gradient but rounding.
      if path.hasSuffix("qkv.bias") { continue }
      #expect(normalizedError(values.map(Double.init), sums[path]!) < (precision == .f32 ? 2e-5 : 2e-2), "\(path)")
    }
  }

  /// Also where branches are skipped and where features are spread, which looks at the batch twice.
  @Test(arguments: Precision.allCases)
  func recomputationChangesNoByte(_ precision: Precision) throws {
    let results = try [false, true].map { recomputes in
      let learner = learner(batch: 21) {
        ($0.precision, $0.recomputesActivations, $0.koleoWeight, $0.clipGradient) = (precision, recomputes, 0.1, 0.5)
      }
      return try (0..<3).map { step in
        let step = try gradient(learner, first: 21 * step, count: 21)
        return (step.loss, step.tensors.sorted { $0.key < $1.key }.flatMap(\.value))
      }
    }
    for (kept, again) in zip(results[0], results[1]) {
      #expect(kept.0 == again.0 && kept.1 == again.1)
    }
  }
}
