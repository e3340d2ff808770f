import Foundation
import SelfSupervision
import Tensors
import TestSupport
import Testing
import VisionModels

struct TrainerTests {
  /// Two kinds of tissue, told apart by a faint tint under stripes, brightness, contrast and noise of far greater spread.
  private func archive(_ count: Int) -> PixelStack {
    var generator = Seed(5).generator()
    var samples: [UInt8] = []
    for image in 0..<count {
      let (phase, frequency) = (generator.uniform(0...6), generator.uniform(0.5...1.5))
      let (contrast, level) = (generator.uniform(0.05...0.2), generator.uniform(0.3...0.6))
      for channel in 0..<3 {
        let tint = 0.06 * Double(channel - 1) * (image % 2 == 0 ? 1 : -1)
        for pixel in 0..<256 {
          let stripes = sin(Double(pixel % 16 + pixel / 16) * frequency + phase)
          let value = level + tint + contrast * stripes + 0.05 * generator.normal()
          samples.append(UInt8(min(max(value, 0), 1) * 255))
        }
      }
    }
    return PixelStack(count: count, channels: 3, height: 16, width: 16, samples: .bits8(samples))
  }

  private let model = VisionTransformer.Configuration(imageSize: 16, patchSize: 4, width: 64, depth: 2, heads: 2)

  private func configuration(epochs: Int) -> DINO.Configuration {
    var configuration = DINO.Configuration()
    configuration.epochs = epochs
    configuration.batchSize = 16
    (configuration.globalCropSize, configuration.localCropSize, configuration.localCrops) = (16, 8, 2)
    (configuration.outputDimension, configuration.headHidden, configuration.headBottleneck) = (64, 64, 16)
    configuration.localScale = 0.3...0.6
    (configuration.warmupTeacherTemperature, configuration.dropPath) = (0.02, 0.1)
    return configuration
  }

  private func train(
    _ stack: PixelStack, _ configuration: DINO.Configuration, threads: Int = 2, seed: UInt64 = 7
  ) throws -> DINOTrainer.Result {
    let trainer = try DINOTrainer(
      configuration: configuration, model: model, images: stack, standardization: .measured(on: stack),
      workers: WorkerPool(threads: threads), seed: Seed(seed))
    return try trainer.run()
  }

  /// How much of the features' variance lies between the two kinds, 0…1.
  private func shareBetweenKinds(_ features: Matrix) -> Double {
    var (total, between) = (0.0, 0.0)
    for column in 0..<features.columns {
      let values = (0..<features.rows).map { Double(features[$0, column]) }
      let mean = values.reduce(0, +) / Double(values.count)
      total += values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      for kind in 0..<2 {
        let own = values.indices.filter { $0 % 2 == kind }.map { values[$0] - mean }
        between += own.reduce(0, +) * own.reduce(0, +) / Double(own.count)
      }
    }
    return between / total
  }

  /// The share of images whose nearest other image (by cosine) is of the same kind.
  private func nearestNeighbourAccuracy(_ features: Matrix) -> Double {
    let rows = (0..<features.rows).map { features.row($0) }
    let norms = rows.map { row in row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var right = 0
    for i in rows.indices {
      var best = (-Float.infinity, 0)
      for j in rows.indices where j != i {
        let cosine = zip(rows[i], rows[j]).reduce(0) { $0 + $1.0 * $1.1 } / (norms[i] * norms[j])
        if cosine > best.0 { best = (cosine, j) }
      }
      right += best.1 % 2 == i % 2 ? 1 : 0
    }
    return Double(right) / Double(rows.count)
  }

  @Test func tellsTwoKindsApart() throws {
    var configuration = configuration(epochs: 24)
    configuration.batchSize = 32
    (configuration.headHidden, configuration.headBottleneck) = (256, 64)
    (configuration.learningRate, configuration.warmupEpochs, configuration.momentumTeacher) = (0.005, 6, 0.95)
    // It spreads the images of one kind too, and the share between the kinds would say little.
    configuration.koleoWeight = 0
    // Brightness and contrast tell nothing here, colour does.
    (configuration.preset.brightness, configuration.preset.contrast) = (0.5, 0.4)
    (configuration.preset.hue, configuration.preset.saturation) = (0, 0.2)
    (configuration.preset.stain, configuration.preset.stainProbability) = (0.05, 0.5)
    configuration.preset.greyscaleProbability = 0
    let stack = archive(96)
    let result = try train(stack, configuration)
    let last = result.history.suffix(6).reduce(0) { $0 + $1.loss } / 6
    #expect(result.history.count == 72 && result.isComplete)
    #expect(result.history.allSatisfy { $0.divergence > -1e-4 })
    #expect(last < log(64) - 1, "the loss of the last steps is \(last)")
    func features(_ parameters: ParameterBuffer) -> Matrix {
      extractFeatures(
        of: stack, model: result.backbone, parameters: parameters, precision: .f32,
        standardization: .measured(on: stack),
        pool: .cls, on: WorkerPool(threads: 1))
    }
    let untrained = ParameterBuffer(result.teacher.layout)
    result.backbone.initialize(untrained, seed: Seed(7).split("backbone"))
    let (before, after) = (shareBetweenKinds(features(untrained)), shareBetweenKinds(features(result.teacher)))
    #expect(before < 0.3, "too easy: an untrained network's share is \(before)")
    #expect(after > 0.9, "the share between kinds is \(after)")
    let accuracy = nearestNeighbourAccuracy(features(result.teacher))
    #expect(accuracy > 0.95, "the nearest neighbour is of the same kind in \(accuracy)")
  }

  private func bytes(_ result: DINOTrainer.Result) -> [UInt64] {
    [result.teacher, result.student].flatMap { buffer in
      UnsafeBufferPointer(start: buffer.pointer, count: buffer.count).map { UInt64($0.bitPattern) }
    } + result.history.map { $0.loss.bitPattern }
  }

  /// Fifty steps: what differs once differs everywhere by then.
  @Test(arguments: Precision.allCases)
  func sameBytesAtAnyThreadCount(_ precision: Precision) throws {
    let stack = archive(37)
    var configuration = configuration(epochs: 25)
    configuration.precision = precision
    let one = try train(stack, configuration, threads: 1)
    #expect(one.history.count == 50, "37 images are two whole batches of 16")
    for threads in [2, 3] {
      #expect(bytes(try train(stack, configuration, threads: threads)) == bytes(one), "\(threads) threads")
    }
  }

  /// What is computed again instead of kept is the same arithmetic.
  @Test(arguments: Precision.allCases)
  func recomputationChangesNoByte(_ precision: Precision) throws {
    let stack = archive(37)
    var configuration = configuration(epochs: 3)
    configuration.precision = precision
    let kept = try train(stack, configuration)
    configuration.recomputesActivations = true
    #expect(bytes(try train(stack, configuration)) == bytes(kept))
  }

  @Test func aSmallArchiveIsOneBatch() throws {
    let result = try train(archive(3), configuration(epochs: 2))
    #expect(result.history.count == 2)
  }

  @Test func noArchiveAtAllIsRefused() {
    #expect(throws: DINOError.tooFewImages(1)) { try train(archive(1), configuration(epochs: 1)) }
  }

  @Test func wrongParametersAreRefused() {
    var wrong = configuration(epochs: 1)
    wrong.localCropSize = 10
    #expect(throws: DINOError.cropIsNotWholePatches(name: "localCropSize", side: 10, patch: 4)) {
      try train(archive(4), wrong)
    }
    wrong = configuration(epochs: 0)
    #expect(throws: DINOError.parameterOutOfRange(name: "epochs", value: "0", wanted: "1 or more")) {
      try train(archive(4), wrong)
    }
  }

  @Test func stopsWhenAsked() throws {
    let trainer = try DINOTrainer(
      configuration: configuration(epochs: 5), model: model, images: archive(32), standardization: .neutral,
      workers: WorkerPool(threads: 1), seed: Seed(1))
    var seen: [Int] = []
    let result = try trainer.run(progress: { seen.append($0.imagesDone) }, shouldStop: { seen.count == 3 })
    #expect(!result.isComplete)
    #expect(seen == [16, 32, 48])
    #expect(result.history.count == 3)
  }

  @Test func configurationSurvivesItsCode() throws {
    let configuration = configuration(epochs: 3)
    let code = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(DINO.Configuration.self, from: code) == configuration)
  }
}
