import Augmentation
public import Tensors
public import VisionModels

/// Trains a vision transformer on a stack of images by DINO and gives back the teacher.
///
///     let trainer = try DINOTrainer(configuration: configuration, model: model, images: stack,
///                                   standardization: .measured(on: stack), workers: pool, seed: seed)
///     let result = try trainer.run(progress: { print($0.loss) }, shouldStop: { false })
///
/// Every epoch visits the images in an order drawn from the seed, `batchSize` at a time; an incomplete last batch is left out, unless there
/// are fewer images than one batch: then each step takes them all. A crop depends on the seed, the epoch, the image's index and the crop's
/// index, never on the batch or the thread: equal inputs give equal bytes at any number of threads, and a run that goes on from a kept
/// state ends in the bytes of one that was never stopped.
public final class DINOTrainer {
  public let configuration: DINO.Configuration
  /// Images a step.
  public let batch: Int
  public let stepsPerEpoch: Int
  public let schedules: Schedules
  private let images: PixelStack
  private let learner: Learner
  private let crops: AugmentedCrops
  private let seed: Seed
  /// One entry for every step done.
  private var history: [Monitor] = []
  private let rules: AlarmRules
  /// Raised so far, by this run or the one it goes on from.
  public private(set) var alarms: [RaisedAlarm] = []

  /// What a run leaves.
  public struct Result: Sendable {
    public let backbone: VisionTransformer
    public let head: ProjectionHead
    /// The teacher's numbers, head included: what embeddings are made with.
    public let teacher: ParameterBuffer
    public let student: ParameterBuffer
    /// One entry a step.
    public let history: [Monitor]
    public let alarms: [RaisedAlarm]
    /// False when `shouldStop` ended it.
    public let isComplete: Bool
  }

  /// Allocates all that training needs.
  /// - Parameter weights: numbers of a `VisionTransformer(model)` to start from; nil draws them. The head is drawn either way.
  /// - Throws: `DINOError` for fewer than two images or a parameter that can't be.
  /// - Precondition: the model takes three channels.
  public init(
    configuration: DINO.Configuration, model: VisionTransformer.Configuration, images: PixelStack,
    standardization: Standardization, workers: WorkerPool, seed: Seed, weights: ParameterBuffer? = nil
  ) throws {
    precondition(model.channels == 3, "a model of \(model.channels) channels, crops have 3")
    try configuration.validate(patchSize: model.patchSize, depth: model.depth)
    if images.count < 2 { throw DINOError.tooFewImages(images.count) }
    self.configuration = configuration
    self.images = images
    self.seed = seed
    batch = configuration.batch(images: images.count)
    stepsPerEpoch = configuration.stepsPerEpoch(images: images.count)
    schedules = Schedules(configuration, stepsPerEpoch: stepsPerEpoch, batch: batch)
    rules = AlarmRules(configuration, images: images.count)
    learner = Learner(configuration, model: model, workers: workers) { backbone, head, parameters in
      if let weights {
        for (name, _) in backbone.weightNames { parameters.set(name, weights.values(name)) }
      } else {
        backbone.initialize(parameters, seed: seed.split("backbone"))
      }
      head.initialize(parameters, seed: seed.split("head"))
    }
    crops = AugmentedCrops(
      configuration, images: images, standardization: standardization, workers: workers.threads)
  }

  /// Bytes that training will take besides the images.
  public static func memory(
    _ configuration: DINO.Configuration, model: VisionTransformer.Configuration, threads: Int
  ) -> Int { Learner.bytes(configuration, model: model, threads: threads) }

  /// Steps of a whole run.
  public var steps: Int { configuration.epochs * stepsPerEpoch }

  /// What the next step will go by.
  public var state: TrainingState { learner.state(after: history) }

  /// Goes on from a state that another trainer of equal inputs kept, at whatever number of threads. Call before `run`.
  /// - Throws: `KeptStateMismatch` for a state of other names or extents, or of more steps than this run has; nothing is changed then. What
  ///   reading the numbers throws leaves this trainer unfit for use.
  public func resume(from kept: some KeptState) throws {
    guard kept.history.count <= steps, kept.history.enumerated().allSatisfy({ $0 == $1.step }) else {
      throw KeptStateMismatch(name: "history")
    }
    try learner.restore(kept)
    history = kept.history
    alarms = rules.raised(in: history)
  }

  /// Trains, from where `resume` left it or from the beginning. Call once.
  /// - Parameters:
  ///   - progress: called after every step on the calling thread.
  ///   - shouldStop: asked after every step; true ends the run early with what there is.
  ///   - keep: given the state after every step, to be kept now or not; `isLast` after the step that ends the run, early or not.
  /// - Throws: `DINOError.diverged`, and what `keep` throws.
  public func run(
    progress: (Progress) -> Void = { _ in }, shouldStop: () -> Bool = { false },
    keep: (_ state: TrainingState, _ isLast: Bool) throws -> Void = { _, _ in }
  ) throws -> Result {
    history.reserveCapacity(steps)
    epochs: for epoch in history.count / stepsPerEpoch..<configuration.epochs {
      var order = Array(0..<images.count)
      var shuffle = seed.split("order").split(epoch).generator()
      shuffle.shuffle(&order)
      for start in history.count - epoch * stepsPerEpoch..<stepsPerEpoch {
        if start == 0 { learner.beginEpoch() }
        crops.take(Array(order[start * batch..<(start + 1) * batch]), seed: seed.split("crops").split(epoch))
        history.append(try step(epoch, epoch * stepsPerEpoch + start))
        alarms += rules.newAlarms(after: history[...], known: alarms)
        report(history.last!, progress)
        let stops = history.count == steps || shouldStop()
        try keep(state, stops)
        if stops { break epochs }
      }
    }
    return Result(
      backbone: learner.backbone, head: learner.head, teacher: learner.teacherParameters, student: learner.student,
      history: history, alarms: alarms, isComplete: history.count == steps)
  }

  private func step(_ epoch: Int, _ step: Int) throws -> Monitor {
    let rates = Learner.Rates(
      learningRate: schedules.learningRate[step], weightDecay: schedules.weightDecay[step],
      teacherMomentum: schedules.teacherMomentum[step], teacherTemperature: schedules.teacherTemperature[epoch],
      freezesLastLayer: epoch < configuration.freezeLastLayerEpochs, backboneShare: schedules.backboneShare[step])
    let outcome = try learner.step(crops, batch: batch, rates: rates, number: step)
    return Monitor(
      epoch: epoch, step: step, loss: outcome.loss, teacherEntropy: outcome.teacherEntropy,
      divergence: outcome.loss - outcome.teacherEntropy, ibot: outcome.ibot, koleo: outcome.koleo,
      largestGradient: outcome.largestGradient,
      learningRate: rates.learningRate, weightDecay: rates.weightDecay, teacherMomentum: rates.teacherMomentum,
      teacherTemperature: rates.teacherTemperature, centerDrift: outcome.centerDrift,
      effectiveRank: outcome.views.effectiveRank, viewRetrieval: outcome.views.retrieval,
      largestShare: outcome.largestShare, prototypesUsed: outcome.prototypesUsed)
  }

  private func report(_ monitor: Monitor, _ progress: (Progress) -> Void) {
    progress(
      Progress(
        epoch: monitor.epoch, epochs: configuration.epochs, step: monitor.step + 1, steps: steps,
        imagesDone: (monitor.step + 1) * batch, images: steps * batch, loss: monitor.loss,
        learningRate: monitor.learningRate, teacherEntropy: monitor.teacherEntropy,
        alarms: alarms))
  }
}

/// Crops of an archive's images by the augmentation preset.
private final class AugmentedCrops: CropSource, @unchecked Sendable {
  private let configuration: DINO.Configuration
  private let images: PixelStack
  private let augmenters: [Augmenter]
  private var indices: [Int] = []
  private var epochSeed = Seed(0)

  init(_ configuration: DINO.Configuration, images: PixelStack, standardization: Standardization, workers: Int) {
    self.configuration = configuration
    self.images = images
    augmenters = (0..<workers).map { _ in
      Augmenter(
        preset: configuration.preset, mean: standardization.mean, deviation: standardization.deviation,
        height: images.height, width: images.width,
        largestSide: max(configuration.globalCropSize, configuration.localCropSize))
    }
  }

  /// Sets the next batch; no step is under way meanwhile.
  func take(_ indices: [Int], seed: Seed) {
    self.indices = indices
    epochSeed = seed
  }

  func seed(_ position: Int) -> Seed { epochSeed.split(indices[position]) }

  func fillGlobals(_ positions: Range<Int>, worker: Int, into globals: UnsafeMutablePointer<Float>) {
    fill(
      positions, crops: 0..<2, scale: configuration.globalScale, side: configuration.globalCropSize, worker, globals)
  }

  func fillLocals(_ positions: Range<Int>, worker: Int, into locals: UnsafeMutablePointer<Float>) {
    fill(
      positions, crops: 2..<configuration.crops, scale: configuration.localScale, side: configuration.localCropSize,
      worker, locals)
  }

  private func fill(
    _ positions: Range<Int>, crops: Range<Int>, scale: ClosedRange<Double>, side: Int, _ worker: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let augmenter = augmenters[worker]
    for (i, position) in positions.enumerated() {
      augmenter.load(images, indices[position])
      let seed = seed(position)
      for (place, crop) in crops.enumerated() {
        let view: AugmentationPreset.View = crop == 0 ? .firstGlobal : crop == 1 ? .secondGlobal : .local
        var generator = seed.split(crop).generator()
        augmenter.crop(
          view, scale: scale, side: side, &generator, into: target + (place * positions.count + i) * 3 * side * side)
      }
    }
  }
}
