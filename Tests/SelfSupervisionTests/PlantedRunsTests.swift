import Foundation
import SelfSupervision
import Tensors
import Testing
import VisionModels

/// Training runs that go wrong in one known way each, and such as go well.
struct PlantedRunsTests {
  struct Plan: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var archive = MadeUpArchive.radiographs
    var images = 128
    var expected: TrainingAlarm?
    var change: @Sendable (inout DINO.Configuration) -> Void = { _ in }
  }

  private static let steps = 320

  private func train(_ plan: Plan, shouldStop: (Int) -> Bool = { _ in false }) throws -> DINOTrainer.Result {
    var configuration = DINO.Configuration()
    (configuration.globalCropSize, configuration.localCropSize, configuration.localCrops) = (16, 8, 2)
    (configuration.globalScale, configuration.localScale) = (0.6...1, 0.3...0.6)
    (configuration.outputDimension, configuration.headHidden, configuration.headBottleneck) = (64, 64, 32)
    (configuration.batchSize, configuration.learningRate) = (16, 0.005)
    plan.change(&configuration)
    let perEpoch = max(plan.images / configuration.batchSize, 1)
    configuration.epochs = Self.steps / perEpoch
    let stack = plan.archive.images(plan.images)
    let trainer = try DINOTrainer(
      configuration: configuration,
      model: VisionTransformer.Configuration(imageSize: 16, patchSize: 4, width: 32, depth: 2, heads: 2),
      images: stack, standardization: .measured(on: stack), workers: WorkerPool(threads: 2), seed: Seed(7))
    return try trainer.run(shouldStop: { shouldStop(trainer.alarms.count) })
  }

  static let bad = [
    Plan(testDescription: "a teacher no sharper than the student", archive: .tissue, expected: .collapseToUniform) {
      ($0.teacherTemperature, $0.warmupTeacherTemperature) = (1, 1)
    },
    Plan(testDescription: "a centre that stands still", expected: .collapseToOne) { $0.centerMomentum = 0.9999 },
    Plan(testDescription: "steps of the weights' own size", archive: .stripes, expected: .learningRateTooHigh) {
      ($0.learningRate, $0.warmupEpochs) = (0.1, 0)
    },
    Plan(testDescription: "one batch", archive: .tissue, images: 12, expected: .tooFewImages),
    Plan(testDescription: "4,096 prototypes", archive: .tissue, expected: .headTooWide) { $0.outputDimension = 4096 },
  ]

  /// Named within the first tenth, and nothing else is named in the whole run.
  @Test(arguments: bad) func badRunsAreNamed(_ plan: Plan) throws {
    let alarms = try train(plan).alarms
    #expect(alarms.map(\.alarm) == [plan.expected!], "\(alarms.map(\.description))")
    #expect(alarms.allSatisfy { $0.step < Self.steps / 10 })
  }

  static let good = [
    Plan(testDescription: "tissue", archive: .tissue),
    Plan(testDescription: "radiographs, larger batches", images: 200) {
      ($0.batchSize, $0.outputDimension, $0.precision) = (32, 128, .bf16)
    },
    Plan(testDescription: "stripes, the natural preset and all of DINOv2's terms", archive: .stripes, images: 320) {
      ($0.preset, $0.balancing, $0.ibotWeight, $0.outputDimension) = (.natural, .sinkhorn, 0.5, 256)
    },
  ]

  /// They go well by what is measured besides: the teacher tells more directions apart in the end, and views are found again.
  @Test(arguments: good) func goodRunsRaiseNone(_ plan: Plan) throws {
    let result = try train(plan)
    #expect(result.alarms == [], "\(result.alarms.map(\.description))")
    func mean(_ part: some Collection<Monitor>, _ value: (Monitor) -> Double?) -> Double {
      part.reduce(0) { $0 + value($1)! } / Double(part.count)
    }
    let (begin, end) = (result.history.prefix(30), result.history.suffix(30))
    #expect(mean(end, \.effectiveRank) > 1.5 * mean(begin, \.effectiveRank))
  }

  @Test func aRunStopsAtItsFirstAlarm() throws {
    let result = try train(Self.bad[1]) { $0 > 0 }
    #expect(!result.isComplete && result.history.count == result.alarms[0].step + 1)
  }
}
