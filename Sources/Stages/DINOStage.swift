import Augmentation
public import Foundation
public import Pipeline
import Records
import SelfSupervision
import Storage
import Tensors
import VisionModels

/// `dino`: learns features from the archive's own images, from scratch or from a model in the slot `weights`; with `epochs: 0`, the untrained
/// network, or the untouched weights, as a baseline.
///
/// The fields are those of facebookresearch/dino where it has them.
public struct DINOStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var arch: String
    var depth: ParameterValue
    var patch_size: ParameterValue
    var epochs: ParameterValue
    var batch_size: Int
    var global_crop_size: ParameterValue
    var global_crops_scale: ParameterValue
    var local_crop_size: ParameterValue
    var local_crops_scale: ParameterValue
    var local_crops_number: Int
    var out_dim: Int
    var head_hidden: Int
    var norm_last_layer: Bool
    var freeze_last_layer: Int
    var lr: Double
    var min_lr: Double
    var warmup_epochs: ParameterValue
    var weight_decay: Double
    var weight_decay_end: Double
    var clip_grad: Double
    var drop_path_rate: Double
    var backbone_lr_mult: ParameterValue
    var layerwise_decay: ParameterValue
    var patch_embed_lr_mult: ParameterValue
    var freeze_blocks: Int
    var head_warmup: ParameterValue
    var momentum_teacher: ParameterValue
    var teacher_temp: Double
    var warmup_teacher_temp: Double
    var warmup_teacher_temp_epochs: ParameterValue
    var student_temp: Double
    var center_momentum: Double
    var dino_loss_weight: Double
    var ibot_loss_weight: Double
    var koleo_loss_weight: Double
    var mask_sample_probability: Double
    var mask_ratio: [Double]
    var centering: String
    var augmentation: String
    var precision: String
    var checkpoint_minutes: Double
    var exclude: TrainingExclusion.Parameters
    var on_alarm: String
  }

  public static let name = "dino"
  public static let revision = 7
  public static let summary = "Learn features from the images themselves: DINO (self-distillation, no labels)"
  public static let slots = [Slot("images", [.images]), Slot(StartingWeights.slot, [.model], optional: true)]
  public static let output = ArtifactKind.model
  public static let publishes = [
    Published(file: "model.safetensors", name: "model-{step}.safetensors"),
    Published(file: "training.csv", name: "training-{step}.csv"),
    Published(file: ModelCard.fileName, name: "model-{step}.json"),
    TrainingExclusion.published,
  ]
  public static let fields: [ParameterField] = {
    let standard = DINO.Configuration()
    let automatic = ParameterField.Kind.choice(["auto"])
    return [
      ParameterField(
        "arch", .choice(["auto"] + VisionTransformer.Configuration.architectures), default: "auto",
        "Width and heads of the network; auto is that of the weights, from scratch vit_tiny"),
      ParameterField(
        "depth", .either([.integer(1...64), automatic]), default: "auto",
        "Blocks; auto is the weights', else the architecture's own"),
      ParameterField(
        "patch_size", .either([.integer(1...64), automatic]), default: "auto",
        "Pixels on a side of a patch; must divide the image's; auto is the weights', from scratch 16"),
      ParameterField(
        "epochs", .either([.integer(0...100_000), automatic]), default: "auto",
        "Passes over the archive; 0 leaves the network as it is; auto makes about 1,150 steps, in 16 (from 20,000 images on 8) to 400 epochs, from weights 100, in 2 to 25"
      ),
      ParameterField("batch_size", .integer(1...4096), default: .integer(standard.batchSize), "Images a step"),
      ParameterField(
        "global_crop_size", .either([.integer(8...1024), automatic]), default: "auto",
        "Pixels on a side of the two large crops; auto is the image's size"),
      ParameterField(
        "global_crops_scale", .either([automatic, .list(.number(0.01...1))]), default: "auto",
        "Share of the image they show, least and most; auto is the preset's"),
      ParameterField(
        "local_crop_size", .either([.integer(8...1024), automatic]), default: "auto",
        "Pixels on a side of the small crops; auto is about half the large ones"),
      ParameterField(
        "local_crops_scale", .either([automatic, .list(.number(0.01...1))]), default: "auto",
        "Share of the image they show, least and most; auto is the preset's"),
      ParameterField(
        "local_crops_number", .integer(0...64), default: .integer(standard.localCrops), "Small crops an image"),
      ParameterField(
        "out_dim", .integer(2...262_144), default: .integer(standard.outputDimension),
        "Prototypes of the head; 64 to 256 for small archives, thousands for large ones of many kinds"),
      ParameterField(
        "head_hidden", .integer(16...8192), default: .integer(standard.headHidden), "Width of the head's hidden layers"),
      ParameterField(
        "norm_last_layer", .flag, default: .bool(standard.normalizesLastLayer), "Keep the prototypes at length 1"),
      ParameterField(
        "freeze_last_layer", .integer(0...1000), default: .integer(standard.freezeLastLayerEpochs),
        "First epochs in which the prototypes stand still"),
      ParameterField(
        "lr", .number(1e-9...1), default: .number(standard.learningRate),
        "Peak learning rate for a batch of 256; scaled by the batch"),
      ParameterField(
        "min_lr", .number(0...1), default: .number(standard.finalLearningRate), "Learning rate at the end"),
      ParameterField(
        "warmup_epochs", .either([.integer(0...1000), automatic]), default: "auto",
        "Epochs of linear warm-up; auto is a tenth"),
      ParameterField(
        "weight_decay", .number(0...10), default: .number(standard.weightDecay), "Weight decay at the start"),
      ParameterField(
        "weight_decay_end", .number(0...10), default: .number(standard.weightDecayEnd), "Weight decay at the end"),
      ParameterField(
        "clip_grad", .number(0...1000), default: .number(standard.clipGradient),
        "Longest gradient of a tensor; 0 for none"),
      ParameterField(
        "drop_path_rate", .number(0...0.9), default: .number(standard.dropPath),
        "Share of the student's branches left out at the last block"),
      ParameterField(
        "backbone_lr_mult", .either([.number(0...1), automatic]), default: "auto",
        "The backbone's share of the learning rate, the head having all of it; auto is 1, from weights 0.1"),
      ParameterField(
        "layerwise_decay", .either([.number(0.01...1), automatic]), default: "auto",
        "Learning rate of a block as a share of that of the block above; auto is 1, from weights 0.9"),
      ParameterField(
        "patch_embed_lr_mult", .either([.number(0...1), automatic]), default: "auto",
        "On top of it, for the embedding of patches; auto is 1, from weights 0.2"),
      ParameterField(
        "freeze_blocks", .integer(0...64), default: 0,
        "First blocks that stand still, with patches, tokens and positions before them; 0: nothing does"),
      ParameterField(
        "head_warmup", .either([.integer(0...1000), automatic]), default: "auto",
        "First epochs in which only the head learns; auto is 0, from weights a tenth of all"),
      ParameterField(
        "momentum_teacher", .either([.number(0...1), automatic]), default: "auto",
        "The teacher's momentum at the start; auto fits it to the number of steps, from weights nearer to 1"),
      ParameterField(
        "teacher_temp", .number(0.001...1), default: .number(standard.teacherTemperature), "The teacher's temperature"),
      ParameterField(
        "warmup_teacher_temp", .number(0.001...1), default: .number(standard.warmupTeacherTemperature),
        "The teacher's temperature at the start"),
      ParameterField(
        "warmup_teacher_temp_epochs", .either([.integer(0...1000), automatic]), default: "auto",
        "Epochs until it is reached; auto is three tenths"),
      ParameterField(
        "student_temp", .number(0.001...1), default: .number(standard.studentTemperature), "The student's temperature"),
      ParameterField(
        "center_momentum", .number(0...0.9999), default: .number(standard.centerMomentum), "Momentum of the centre"),
      ParameterField(
        "dino_loss_weight", .number(0...10), default: .number(standard.dinoWeight),
        "Weight of the term between crops' class tokens"),
      ParameterField(
        "ibot_loss_weight", .number(0...10), default: .number(standard.ibotWeight),
        "Weight of the term between hidden patches and what the teacher sees there, as in iBOT and DINOv2; 0 hides none"
      ),
      ParameterField(
        "mask_sample_probability", .number(0...1), default: .number(standard.maskProbability),
        "Share of large crops of which patches are hidden"),
      ParameterField(
        "mask_ratio", .list(.number(0.01...0.9)),
        default: .list([.number(standard.maskRatio.lowerBound), .number(standard.maskRatio.upperBound)]),
        "Share of their patches that are hidden, least and most"),
      ParameterField(
        "centering", .choice(DINO.Configuration.Balancing.allCases.map(\.rawValue)),
        default: .text(standard.balancing.rawValue),
        "How the teacher is kept from saying the same of all: a running mean, or equal shares of each batch"),
      ParameterField(
        "koleo_loss_weight", .number(0...10), default: .number(standard.koleoWeight),
        "Weight of the term that spreads features apart, as in DINOv2; 0 for DINO as first published"),
      ParameterField(
        "augmentation", .choice(AugmentationPreset.names), default: "medical",
        "How crops are varied; medoid augment shows it"),
      PrecisionChoice.field,
      ParameterField(
        "checkpoint_minutes", .number(0...1440), default: 5, changesResult: false,
        "Minutes between checkpoints, from which an interrupted training goes on; 0 writes one after every step"),
      TrainingExclusion.field,
      ParameterField(
        "on_alarm", .choice(["continue", "stop"]), default: "continue", changesResult: false,
        "When the monitors show that training goes wrong: go on and say so, or end the run; its state is kept"),
    ]
  }()

  private let parameters: Parameters
  private let choice: PrecisionChoice
  private let exclusion: TrainingExclusion

  public init(_ parameters: Parameters) throws {
    for (key, scale) in [
      ("global_crops_scale", parameters.global_crops_scale), ("local_crops_scale", parameters.local_crops_scale),
    ] where DINOStage.shares(scale) == nil && scale != "auto" {
      throw ParameterError(key: key, message: "two shares wanted, the least first, such as [0.4, 1], or auto")
    }
    if parameters.mask_ratio.count != 2 || parameters.mask_ratio[0] > parameters.mask_ratio[1] {
      throw ParameterError(key: "mask_ratio", message: "two shares wanted, the least first, such as [0.1, 0.5]")
    }
    self.parameters = parameters
    choice = try PrecisionChoice(parameters.precision)
    exclusion = try TrainingExclusion(parameters.exclude)
  }

  /// A preset is known to recipes by its name alone: its values belong to the fingerprint, so that a change of them is noticed.
  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    choice.digest.merging(["augmentation": try canonicalJSON(preset)]) { $1 }
      .merging(try exclusion.digests(environment)) { $1 }
  }

  private var preset: AugmentationPreset { AugmentationPreset.named(parameters.augmentation)! }

  /// Two shares of an area, the least first; nil for anything else.
  private static func shares(_ value: ParameterValue) -> ClosedRange<Double>? {
    guard case .list(let values) = value else { return nil }
    let numbers = values.compactMap(\.number)
    return numbers.count == 2 && numbers[0] <= numbers[1] ? numbers[0]...numbers[1] : nil
  }

  public var settled: [String] { [choice.words] }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let images = try ImagesFile(reading: inputs.folder("images").appending(path: "images.h5"))
    let size = images.height
    let arch = parameters.arch == "auto" ? nil : parameters.arch
    let weights = try StartingWeights(
      inputs, context, arch: arch, depth: parameters.depth.integer, patchSize: parameters.patch_size.integer)
    let patch = weights?.configuration.patchSize ?? parameters.patch_size.integer ?? 16
    guard size % patch == 0 else { throw SizeMismatch(size: size, patch: patch) }
    let model =
      weights?.configuration
      ?? .named(arch ?? "vit_tiny", imageSize: size, patchSize: patch, depth: parameters.depth.integer)!
    try choice.check(model)
    let heldOut = try exclusion.heldOut(of: inputs.folder("images"), ids: images.ids, context)
    try heldOut?.write(to: output.appending(path: TrainingExclusion.published.file))
    let stack = try heldOut.map { try images.stack(of: $0.kept) } ?? images.stack()
    let standardization = weights?.standardization ?? .measured(on: stack)
    let isTrained = parameters.epochs.integer != 0
    let identity = TrainingIdentity(
      stage: DINOStage.name, revision: DINOStage.revision, seed: context.seed,
      arithmetic: Arithmetic.network(choice.precision), data: TrainingData(stack), model: model,
      standardization: standardization, weights: weights?.digest,
      training: isTrained ? configuration(weights, imageSize: size, images: stack.count, patch: patch) : nil)
    let (backbone, numbers, history, alarms) = try train(identity, weights, stack, context)
    let file = output.appending(path: "model.safetensors")
    try ModelFile.write(backbone, numbers, standardization, to: file)
    try TrainingTable.write(history, to: output.appending(path: "training.csv"))
    var card = try ModelCard(
      medoid: context.values[programVersionKey] ?? "", weights: file, identity: identity,
      pixels: images.preprocessing, heldOut: heldOut?.images.count ?? 0,
      parameters: try cardParameters(), precision: choice.precision.rawValue, history: history,
      alarms: alarms)
    if isTrained {
      let kept = heldOut?.kept ?? Array(images.ids.indices)
      card.measuredGain = try gain(
        backbone, numbers, identity, weights, stack, (kept.map { images.ids[$0] }, kept.map { images.paths[$0] }),
        into: output, context)
    }
    if let gain = card.measuredGain { context.note(gain.verdict) }
    try AtomicFile.write(try card.encoded(), to: output.appending(path: ModelCard.fileName))
    context.note("parameters \(backbone.weightNames.reduce(0) { $0 + $1.shape.reduce(1, *) })")
    context.note("steps \(history.count)")
    for alarm in alarms { context.note("alarm: \(alarm)") }
    context.note(choice.words)
  }

  /// All but what changes no byte, and who was held out: a card travels.
  private func cardParameters() throws -> [String: ParameterValue] {
    let all = try JSONDecoder().decode([String: ParameterValue].self, from: JSONEncoder().encode(parameters))
    let silent = Set(DINOStage.fields.filter { !$0.changesResult }.map(\.name) + [TrainingExclusion.field.name])
    return all.filter { !silent.contains($0.key) }
  }

  /// What training was worth, by measures that need no labels; nil where there are too few images to tell.
  /// The sample's points stay beside the model.
  private func gain(
    _ backbone: VisionTransformer, _ trained: ParameterBuffer, _ identity: TrainingIdentity,
    _ weights: StartingWeights?, _ stack: PixelStack, _ images: (ids: [ImageID], paths: [String]), into output: URL,
    _ context: StageContext
  ) throws -> MeasuredGain? {
    guard stack.count >= ViewConsistency.fewest else { return nil }
    context.report(StageProgress(done: 0, total: 0, unit: "images", detail: "was training worth it?"))
    let rows = ViewConsistency.rows(of: stack.count)
    var networks: [(Contender.Kind, ParameterBuffer)] = [
      (.untrained, start(of: backbone, nil, Seed(context.seed).split(DINOStage.name)))
    ]
    if let weights { networks.append((.given, weights.numbers)) }
    networks.append((.trained, trained))
    let contenders = try Contender.all(
      of: backbone, networks, on: try stack.stack(of: rows), precision: choice.precision,
      standardization: identity.standardization, preset: preset, workers: WorkerPool(threads: context.workers))
    for contender in contenders {
      try contender.write(
        ids: rows.map { images.ids[$0] }, paths: rows.map { images.paths[$0] }, identity, into: output)
    }
    return MeasuredGain(contenders)
  }

  /// What training begins with: the given numbers, else those drawn.
  private func start(of model: VisionTransformer, _ weights: StartingWeights?, _ seed: Seed) -> ParameterBuffer {
    if let weights { return weights.numbers }
    let numbers = ParameterBuffer(model.layout)
    model.initialize(numbers, seed: seed.split("backbone"))
    return numbers
  }

  private func train(
    _ identity: TrainingIdentity, _ weights: StartingWeights?, _ stack: PixelStack, _ context: StageContext
  ) throws -> (VisionTransformer, ParameterBuffer, [Monitor], [RaisedAlarm]) {
    let seed = Seed(context.seed).split(DINOStage.name)
    guard let configuration = identity.training else {
      let backbone = VisionTransformer(identity.model)
      return (backbone, start(of: backbone, weights, seed), [], [])
    }
    let trainer = try DINOTrainer(
      configuration: try fitting(configuration, identity.model, context), model: identity.model, images: stack,
      standardization: identity.standardization, workers: WorkerPool(threads: context.workers), seed: seed,
      weights: weights?.numbers)
    var checkpoint = try TrainingCheckpoint(
      in: context.scratch, of: identity, every: parameters.checkpoint_minutes)
    do { try checkpoint.resume(trainer) } catch let fault as TrainingCheckpoint.Fault {
      context.note("checkpoint ignored: \(fault)")
    }
    let found = trainer.state.history.count
    if found > 0 { context.note("went on after step \(found)") }
    let stopsOnAlarm = parameters.on_alarm == "stop"
    func check() throws { if stopsOnAlarm, let alarm = trainer.alarms.first { throw StoppedByAlarm(alarm: alarm) } }
    try check()
    var isTold = false
    let result = try trainer.run(
      progress: {
        context.report(
          StageProgress(
            done: $0.imagesDone, total: $0.images, found: found * trainer.batch, unit: "images",
            detail:
              "epoch \($0.epoch + 1)/\($0.epochs)  loss \(fixed($0.loss, digits: 3))  entropy \(fixed($0.teacherEntropy, digits: 2))\($0.alarms.map { "  ! \($0.alarm.name)" }.joined())"
          ))
      }, shouldStop: { context.isCancelled() || stopsOnAlarm && !trainer.alarms.isEmpty },
      keep: { state, isLast in
        // A full disk costs what could have been gone on from, not the training.
        do { try checkpoint.keep(state, isLast: isLast) } catch  where !isTold {
          isTold = true
          context.note("a checkpoint could not be written")
        } catch {}
      })
    try check()
    if !result.isComplete { throw CancellationError() }
    return (result.backbone, result.teacher, result.history, result.alarms)
  }

  /// Where memory is short, activations are computed twice instead of kept: the same bytes, a third more work.
  private func fitting(
    _ configuration: DINO.Configuration, _ model: VisionTransformer.Configuration, _ context: StageContext
  ) throws -> DINO.Configuration {
    var configuration = configuration
    let promise = MemoryPromise(context)
    func bytes() -> Int { DINOTrainer.memory(configuration, model: model, threads: context.workers) }
    if !promise.allows(bytes()) {
      configuration.recomputesActivations = true
      context.note("activations computed twice, to keep to --max-memory")
    }
    try promise.need(bytes(), for: "networks, gradients and activations of \(context.workers) threads")
    return configuration
  }

  private func configuration(
    _ weights: StartingWeights?, imageSize: Int, images: Int, patch: Int
  ) -> DINO.Configuration {
    var made = weights == nil ? DINO.Configuration() : .continuing
    made.batchSize = parameters.batch_size
    made.epochs = parameters.epochs.integer ?? made.automaticEpochs(images: images)
    made.globalCropSize = parameters.global_crop_size.integer ?? imageSize
    made.globalScale = DINOStage.shares(parameters.global_crops_scale) ?? preset.globalScale
    made.localCropSize = parameters.local_crop_size.integer ?? max(patch, made.globalCropSize / 2 / patch * patch)
    made.localScale = DINOStage.shares(parameters.local_crops_scale) ?? preset.localScale
    made.localCrops = parameters.local_crops_number
    made.outputDimension = parameters.out_dim
    made.headHidden = parameters.head_hidden
    made.normalizesLastLayer = parameters.norm_last_layer
    made.freezeLastLayerEpochs = parameters.freeze_last_layer
    made.learningRate = parameters.lr
    made.backboneRate = parameters.backbone_lr_mult.number ?? made.backboneRate
    made.layerwiseDecay = parameters.layerwise_decay.number ?? made.layerwiseDecay
    made.patchEmbeddingRate = parameters.patch_embed_lr_mult.number ?? made.patchEmbeddingRate
    made.frozenBlocks = parameters.freeze_blocks
    made.headWarmupEpochs = parameters.head_warmup.integer
    made.finalLearningRate = parameters.min_lr
    made.warmupEpochs = parameters.warmup_epochs.integer
    made.weightDecay = parameters.weight_decay
    made.weightDecayEnd = parameters.weight_decay_end
    made.clipGradient = parameters.clip_grad
    made.dropPath = parameters.drop_path_rate
    made.momentumTeacher = parameters.momentum_teacher.number
    made.teacherTemperature = parameters.teacher_temp
    made.warmupTeacherTemperature = parameters.warmup_teacher_temp
    made.warmupTeacherTemperatureEpochs = parameters.warmup_teacher_temp_epochs.integer
    made.studentTemperature = parameters.student_temp
    made.centerMomentum = parameters.center_momentum
    made.dinoWeight = parameters.dino_loss_weight
    made.ibotWeight = parameters.ibot_loss_weight
    made.maskProbability = parameters.mask_sample_probability
    made.maskRatio = parameters.mask_ratio[0]...parameters.mask_ratio[1]
    made.balancing = DINO.Configuration.Balancing(rawValue: parameters.centering)!
    made.koleoWeight = parameters.koleo_loss_weight
    made.precision = choice.precision
    made.preset = preset
    return made
  }
}

/// A run that was to stop when its monitors raise an alarm.
struct StoppedByAlarm: Error, CustomStringConvertible {
  let alarm: RaisedAlarm

  var description: String {
    "training was stopped by an alarm, \(alarm) Its state is kept: with on_alarm continue, it goes on from there"
  }
}

/// An image whose side the patches don't divide.
struct SizeMismatch: Error, CustomStringConvertible {
  let size: Int
  let patch: Int

  var description: String {
    "images are \(size) pixels on a side, which patch_size \(patch) does not divide; ingest at a multiple of it"
  }
}
