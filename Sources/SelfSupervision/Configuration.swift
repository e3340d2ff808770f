public import Augmentation
public import VisionModels

/// Self-distillation with no labels (Caron et al. 2021, "Emerging properties in self-supervised vision transformers", arXiv 2104.14294).
///
/// A student network must say of every crop of an image what its teacher says of another crop of it; the teacher is the running
/// average of the student. `DINOTrainer` does it; this namespace holds what it is told.
public enum DINO {
  /// Everything that steers a training run. The defaults are for archives of hundreds to tens of thousands of small images.
  public struct Configuration: Codable, Hashable, Sendable {
    public var epochs = 100
    /// Images a step. An archive with fewer images than this trains with all of them in each step.
    public var batchSize = 32

    /// Pixels on a side of the two global crops, and the share of the image's area they cover.
    public var globalCropSize = 64
    public var globalScale: ClosedRange<Double> = 0.4...1
    /// Pixels on a side of the local crops, and the share of the image's area they cover.
    public var localCropSize = 32
    public var localScale: ClosedRange<Double> = 0.1...0.4
    /// Local crops an image; 0 is allowed.
    public var localCrops = 4

    /// K: outputs of the head, 65,536 in the paper. A wide head says nearly the same of all images for thousands of steps, and small
    /// archives have no more (`Documentation/Training.md`, Experiments).
    public var outputDimension = 64
    public var headHidden = 1024
    public var headBottleneck = 256
    /// Weight of DINO's own term, between class tokens of crops.
    public var dinoWeight = 1.0
    /// Weight of iBOT's term, between hidden patches of the global crops and what the teacher says of them; 0 leaves it out, and nothing is hidden.
    public var ibotWeight = 0.0
    /// Probability that patches of a global crop are hidden, and which share of them.
    public var maskProbability = 0.5
    public var maskRatio: ClosedRange<Double> = 0.1...0.5
    /// How the teacher is kept from saying the same of all images.
    public var balancing = Balancing.centering

    /// Keeps the length of every row of the last layer at one, which is steadier; without it the lengths are trained.
    public var normalizesLastLayer = true
    /// For this many epochs the last layer stays as it was drawn.
    public var freezeLastLayerEpochs = 1

    /// The peak for a batch of 256 images: the rate in force is `learningRate · batchSize / 256`.
    public var learningRate = 2e-3
    /// Where the cosine ends; not scaled by the batch.
    public var finalLearningRate = 1e-6
    /// Epochs of linear warm-up; nil: a tenth of all epochs, one at least.
    public var warmupEpochs: Int?
    /// Decoupled weight decay, from and to, by a cosine; none for biases and other one-dimensional tensors.
    public var weightDecay = 0.04
    public var weightDecayEnd = 0.4
    /// The largest norm of any one tensor's gradient; 0: no limit.
    public var clipGradient = 3.0
    /// Probability of skipping a residual branch in the last block, growing linearly from 0 in the first. Student only.
    public var dropPath = 0.0

    /// λ at the start, 1 at the end, by a cosine. nil: 1 − 10/steps (within 0.5…0.9995), so that the teacher's memory is a
    /// tenth of the run: 0.99 at 1,000 steps, 0.996 at 2,500.
    public var momentumTeacher: Double?
    public var teacherTemperature = 0.04
    public var warmupTeacherTemperature = 0.04
    /// Epochs in which the teacher's temperature rises linearly; nil: three in ten.
    public var warmupTeacherTemperatureEpochs: Int?
    public var studentTemperature = 0.1
    public var centerMomentum = 0.9
    /// Weight of the KoLeo regulariser, DINOv2's 0.1; 0 is DINO as first published. Costs one more forward pass of the global crops.
    public var koleoWeight = 0.1

    /// True for a network that has learnt before; see `continuing`.
    public var startsFromWeights = false
    /// The backbone's share of the learning rate; the head has all of it.
    public var backboneRate = 1.0
    /// d: block i of n learns at d^(n − i) of that; tokens, positions and patches at d^(n + 1), the norm in full.
    public var layerwiseDecay = 1.0
    /// One more factor for the embedding of patches.
    public var patchEmbeddingRate = 1.0
    /// n > 0: tokens, positions, patches and the first n blocks stand still.
    public var frozenBlocks = 0
    /// First epochs in which only the head learns; nil: none from scratch, else a tenth of all epochs.
    public var headWarmupEpochs: Int?

    /// How the operands of products are kept; sums, master weights and the optimiser are f32 either way.
    public var precision = Precision.f32
    /// Keeps only the stream between blocks and computes the rest again on the way back: a third more work for a fraction of the memory.
    public var recomputesActivations = false

    public var preset = AugmentationPreset.medical

    /// What is done to the teacher's logits so that no output wins every image.
    public enum Balancing: String, Codable, Sendable, CaseIterable {
      /// A running mean of the logits is taken off them, as in DINO.
      case centering
      /// Sinkhorn and Knopp's: every output gets an equal share of each batch, as in DINOv2's large runs.
      case sinkhorn = "sinkhorn_knopp"
    }

    public init() {}

    /// Images a step in an archive of so many.
    func batch(images: Int) -> Int { min(batchSize, images) }

    /// Whole batches an epoch; an archive without images has none, and counts as one.
    func stepsPerEpoch(images: Int) -> Int { images == 0 ? 1 : images / batch(images: images) }

    /// Epochs that make about 1,150 steps, five minutes of a small network on two cores: fewer left features half-learnt on every set they were tried on
    /// (`Documentation/Training.md`, Experiments). At least 16, from 20,000 images on 8; at most 400.
    /// From weights about 100 steps, in 2 to 25 epochs.
    public func automaticEpochs(images: Int) -> Int {
      let steps = stepsPerEpoch(images: images)
      if startsFromWeights { return min(max((100 + steps - 1) / steps, 2), 25) }
      return min(max((1150 + steps - 1) / steps, images < 20_000 ? 16 : 8), 400)
    }

    /// The rate at the peak, scaled by the batch in force.
    public func peakLearningRate(batch: Int) -> Double { learningRate * Double(batch) / 256 }

    /// λ at the start of a run of `steps` steps. From weights the teacher's memory is the whole run: it must not forget them.
    public func startingMomentum(steps: Int) -> Double {
      if startsFromWeights { return momentumTeacher ?? min(max(1 - 1 / Double(max(steps, 1)), 0.99), 0.9995) }
      return momentumTeacher ?? min(max(1 - 10 / Double(max(steps, 1)), 0.5), 0.9995)
    }

    var warmup: Int { min(warmupEpochs ?? max(1, epochs / 10), epochs) }

    var temperatureWarmup: Int { min(warmupTeacherTemperatureEpochs ?? epochs * 3 / 10, epochs) }

    /// Crops an image, global and local.
    var crops: Int { 2 + localCrops }

    /// Which patches are hidden of a global crop of a model's patches; nil where none are.
    func masking(patchSize: Int) -> BlockMasking? {
      ibotWeight == 0
        ? nil : BlockMasking(grid: globalCropSize / patchSize, probability: maskProbability, ratio: maskRatio)
    }
  }
}

/// Why a training run can't start or can't go on.
public enum DINOError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One image, or none: there is nothing to tell apart.
  case tooFewImages(Int)
  /// A crop that the patches don't divide.
  case cropIsNotWholePatches(name: String, side: Int, patch: Int)
  /// A parameter outside its range.
  case parameterOutOfRange(name: String, value: String, wanted: String)
  /// The loss or a gradient is not a finite number any more.
  case diverged(step: Int, tensor: String?)

  public var description: String {
    switch self {
    case .tooFewImages(let count): "DINO needs at least 2 images, there are \(count)"
    case .cropIsNotWholePatches(let name, let side, let patch):
      "\(name) is \(side) pixels, which is not a multiple of the patch size \(patch)"
    case .parameterOutOfRange(let name, let value, let wanted): "\(name) is \(value), wanted \(wanted)"
    case .diverged(let step, let tensor):
      "training diverged in step \(step)" + (tensor.map { ": the gradient of \($0) is not finite" } ?? "")
        + "; the learning rate may be too high"
    }
  }
}

extension DINO.Configuration {
  /// Checks every parameter against its range, the crops against the model's patches and the frozen blocks against its depth.
  /// - Throws: `DINOError` for the first that does not hold.
  public func validate(patchSize: Int, depth: Int = .max) throws {
    func need(_ holds: Bool, _ name: String, _ value: any CustomStringConvertible, _ wanted: String) throws {
      if !holds { throw DINOError.parameterOutOfRange(name: name, value: value.description, wanted: wanted) }
    }
    try need(epochs >= 1, "epochs", epochs, "1 or more")
    try need(batchSize >= 1, "batchSize", batchSize, "1 or more")
    try need(localCrops >= 0, "localCrops", localCrops, "0 or more")
    try need(outputDimension >= 2, "outputDimension", outputDimension, "2 or more")
    try need(headHidden >= 1, "headHidden", headHidden, "1 or more")
    try need(headBottleneck >= 1, "headBottleneck", headBottleneck, "1 or more")
    try need(teacherTemperature > 0, "teacherTemperature", teacherTemperature, "above 0")
    try need(warmupTeacherTemperature > 0, "warmupTeacherTemperature", warmupTeacherTemperature, "above 0")
    try need(studentTemperature > 0, "studentTemperature", studentTemperature, "above 0")
    try need(learningRate > 0, "learningRate", learningRate, "above 0")
    try need(clipGradient >= 0, "clipGradient", clipGradient, "0 or more")
    try need((0..<1).contains(dropPath), "dropPath", dropPath, "0 or more, below 1")
    try need((0..<1).contains(centerMomentum), "centerMomentum", centerMomentum, "0 or more, below 1")
    try need(koleoWeight >= 0, "koleoWeight", koleoWeight, "0 or more")
    try need(dinoWeight >= 0, "dinoWeight", dinoWeight, "0 or more")
    try need(ibotWeight >= 0, "ibotWeight", ibotWeight, "0 or more")
    try need(dinoWeight + ibotWeight > 0, "dinoWeight + ibotWeight", dinoWeight + ibotWeight, "above 0")
    try need((0...1).contains(maskProbability), "maskProbability", maskProbability, "0 to 1")
    try need(
      maskRatio.lowerBound > 0 && maskRatio.upperBound <= 0.9, "maskRatio",
      "\(maskRatio.lowerBound) to \(maskRatio.upperBound)", "within 0 to 0.9")
    try need(layerwiseDecay > 0 && layerwiseDecay <= 1, "layerwiseDecay", layerwiseDecay, "above 0, at most 1")
    try need(backboneRate >= 0, "backboneRate", backboneRate, "0 or more")
    try need(patchEmbeddingRate >= 0, "patchEmbeddingRate", patchEmbeddingRate, "0 or more")
    try need((0...depth).contains(frozenBlocks), "frozenBlocks", frozenBlocks, "0 to the model's \(depth)")
    try need(headWarmupEpochs ?? 0 >= 0, "headWarmupEpochs", headWarmupEpochs ?? 0, "0 or more")
    if let momentumTeacher {
      try need((0...1).contains(momentumTeacher), "momentumTeacher", momentumTeacher, "0 to 1")
    }
    for (name, scale) in [("globalScale", globalScale), ("localScale", localScale)] {
      try need(
        scale.lowerBound > 0 && scale.upperBound <= 1, name, "\(scale.lowerBound) to \(scale.upperBound)",
        "within 0 to 1")
    }
    for (name, side) in [("globalCropSize", globalCropSize), ("localCropSize", localCropSize)] {
      if side < 1 || side % patchSize != 0 {
        throw DINOError.cropIsNotWholePatches(name: name, side: side, patch: patchSize)
      }
    }
  }
}
