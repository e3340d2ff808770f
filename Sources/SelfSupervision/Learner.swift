import Kernels
package import Tensors
package import VisionModels

/// Student, teacher, centre and optimiser, and one step of DINO on a batch of crops.
///
/// A core owns its images: the batch is cut into at most eight lanes, whatever the number of threads. First every lane asks the teacher about its
/// images, a few at a time, and what it said of the whole batch is made into targets; then every lane takes its images through student, loss and
/// back into a gradient of its own. Then lanes are added in lane order, and clipping, AdamW and the teacher's average go over the flat
/// buffer in pieces. The result is the same to the byte at any number of threads.
///
/// Memory: eight gradients and their sum, two moments, student and teacher, which is 13 times the parameters, the packed weights
/// (three times in f32, one and a half in bf16), and each thread's tapes. Of the batch it holds the targets (the head's outputs, two rows an image and one a
/// hidden patch) and class features.
package final class Learner: @unchecked Sendable {
  /// Fixed, because the order of additions hangs on it.
  static let lanes = 8

  package let configuration: DINO.Configuration
  package let backbone: VisionTransformer
  package let head: ProjectionHead
  package let student: ParameterBuffer
  package var teacherParameters: ParameterBuffer { teacher.parameters }
  package var center: [Float] { centering.center.values }
  /// The gradient of the last step, before clipping until the optimiser scales it.
  package var gradient: ParameterBuffer { gradients.total }

  let pool: WorkerPool
  let teacher: Teacher
  let optimizer: AdamW
  let gradients: GradientSum
  let loss: DistillationLoss
  let spreading: Spreading?
  private let tensorRates: TensorRates
  /// What the weights that it started from don't have.
  let absentBiases: [Range<Int>]
  /// Blocks before it get no gradient in this step; nil: nothing of the backbone does.
  private(set) var firstLearningBlock: Int?
  let scratch: [LaneScratch]
  /// What the teacher says of class tokens, rows [2, batch], and its centre.
  let classTargets: TeacherTargets
  let centering: Centering
  private let classMean: BatchMean
  /// The same of hidden patches: rows [2, batch, patches at most].
  let masked: MaskedPatches?
  /// What is watched of the teacher, besides.
  let views: TeacherViews
  var prototypes: PrototypeUse
  /// Losses of each lane: class tokens, hidden patches.
  let laneLosses: UnsafeMutablePointer<(classes: Double, patches: Double)>
  let studentWeights: PackedWeights
  let teacherWeights: PackedWeights
  let studentLastLayer: LastLayer
  let teacherLastLayer: LastLayer

  /// What a step is told by the schedules.
  package struct Rates: Sendable {
    package var learningRate: Double
    package var weightDecay: Double
    package var teacherMomentum: Double
    package var teacherTemperature: Double
    package var freezesLastLayer: Bool
    /// Of the learning rate; 0 leaves the backbone as it is, and computes no gradient of it.
    package var backboneShare: Double

    package init(
      learningRate: Double, weightDecay: Double, teacherMomentum: Double, teacherTemperature: Double,
      freezesLastLayer: Bool, backboneShare: Double = 1
    ) {
      self.learningRate = learningRate
      self.weightDecay = weightDecay
      self.teacherMomentum = teacherMomentum
      self.teacherTemperature = teacherTemperature
      self.freezesLastLayer = freezesLastLayer
      self.backboneShare = backboneShare
    }
  }

  /// What a step has to tell.
  package struct Outcome: Sendable {
    package var loss: Double
    package var teacherEntropy: Double
    /// iBOT's term, not weighted; nil where it is left out.
    package var ibot: Double?
    /// Over both global crops, not weighted; nil where the term is left out.
    package var koleo: Double?
    package var largestGradient: Double
    /// Of the teacher's class features.
    package var views: TeacherViews.Measures
    /// How far the step moved the centre, relative to its length.
    package var centerDrift: Double
    /// The share of the batch's global crops that the most frequent prototype wins.
    package var largestShare: Double
    /// Prototypes that won a crop since the epoch began.
    package var prototypesUsed: Int
  }

  /// - Parameter initialize: sets the student's numbers; the teacher starts as their copy.
  package init(
    _ configuration: DINO.Configuration, model: VisionTransformer.Configuration, workers: WorkerPool,
    initialize: (VisionTransformer, ProjectionHead, ParameterBuffer) -> Void
  ) {
    self.configuration = configuration
    pool = workers
    let networks = Learner.networks(configuration, model)
    let (head, layout) = (networks.head, networks.layout)
    backbone = networks.backbone
    self.head = head
    student = ParameterBuffer(layout)
    initialize(backbone, head, student)
    tensorRates = TensorRates(configuration, layout, depth: model.depth)
    absentBiases = configuration.startsFromWeights ? backbone.absentBiases(student) : []
    teacher = Teacher(of: student)
    optimizer = AdamW(layout)
    gradients = GradientSum(layout: layout, head: head, lanes: Learner.lanes)
    loss = DistillationLoss(
      crops: configuration.crops, output: head.output, studentTemperature: Float(configuration.studentTemperature),
      weight: configuration.dinoWeight)
    scratch = (0..<workers.threads).map { [backbone] _ in
      LaneScratch(
        configuration, backbone: backbone, head: head, images: Learner.imagesAtOnce(configuration, model))
    }
    spreading = configuration.koleoWeight == 0 ? nil : Spreading(batch: configuration.batchSize, width: model.width)
    classTargets = TeacherTargets(rows: 2 * configuration.batchSize, output: head.output)
    centering = Centering(output: head.output, momentum: configuration.centerMomentum)
    classMean = BatchMean(output: head.output, lanes: Learner.lanes)
    views = TeacherViews(batch: configuration.batchSize, width: model.width)
    prototypes = PrototypeUse(output: head.output)
    masked = configuration.masking(patchSize: model.patchSize).map { masking in
      MaskedPatches(
        masking, token: networks.maskToken!, configuration, output: head.output, lanes: Learner.lanes)
    }
    laneLosses = .allocate(capacity: Learner.lanes)
    laneLosses.initialize(repeating: (0, 0), count: Learner.lanes)
    let precision = configuration.precision
    studentWeights = PackedWeights(student, precision: precision, forTraining: true)
    teacherWeights = PackedWeights(teacher.parameters, precision: precision)
    studentLastLayer = head.makeLastLayer(precision, forTraining: true)
    teacherLastLayer = head.makeLastLayer(precision, forTraining: false)
  }

  deinit { laneLosses.deallocate() }

  /// Prototypes that win are counted anew.
  package func beginEpoch() { prototypes.beginEpoch() }

  /// One step on `batch` images: loss and gradient of the student, optimiser, teacher, centre, in this order.
  /// - Throws: `DINOError.diverged` when the loss or a gradient is not finite; the parameters are then as before the step.
  package func step(_ source: any CropSource, batch: Int, rates: Rates, number: Int) throws -> Outcome {
    precondition(batch <= configuration.batchSize, "\(batch) images in a step of \(configuration.batchSize)")
    let lanes = min(Learner.lanes, batch)
    @Sendable func images(_ lane: Int) -> Range<Int> { batch * lane / lanes..<batch * (lane + 1) / lanes }
    renewWeights()
    firstLearningBlock = rates.backboneShare == 0 ? nil : configuration.frozenBlocks
    masked?.draw(source, batch: batch)
    pool.run(jobs: lanes) { lane, worker in self.look(lane, images(lane), source, batch, worker) }
    let entropy = OperationProfile.measure(.loss) { self.settleTargets(batch, rates.teacherTemperature) }
    if let spreading {
      OperationProfile.measure(.spreading) {
        spreading.differentiate(batch: batch, weight: configuration.koleoWeight)
      }
    }
    pool.run(jobs: lanes) { lane, worker in self.walk(lane, images(lane), source, batch, worker) }
    var (classes, patches) = (0.0, 0.0)
    for lane in 0..<lanes {
      classes += laneLosses[lane].classes
      patches += laneLosses[lane].patches
    }
    let loss = classes / Double(batch)
    if !loss.isFinite || !patches.isFinite { throw DINOError.diverged(step: number, tensor: nil) }
    gradients.add(lanes: lanes, parameters: student, pool)
    for (tensor, norm) in gradients.norms.enumerated() where !norm.isFinite {
      throw DINOError.diverged(step: number, tensor: student.layout.entries[tensor].path)
    }
    update(rates)
    let drift = classMean.update(centering, lanes: lanes)
    masked?.updateCenter(lanes: lanes)
    return OperationProfile.measure(.monitoring) {
      Outcome(
        loss: loss, teacherEntropy: entropy, ibot: masked.map { _ in patches }, koleo: spreading?.loss,
        largestGradient: gradients.norms.max() ?? 0, views: views.measure(batch: batch), centerDrift: drift,
        largestShare: prototypes.count(classTargets.winners(2 * batch)), prototypesUsed: prototypes.used)
    }
  }

  /// Logits of the whole batch to distributions. - Returns: the mean entropy of those of class tokens.
  private func settleTargets(_ batch: Int, _ temperature: Double) -> Double {
    let rows = Array(0..<2 * batch)
    switch configuration.balancing {
    case .centering: classTargets.center(rows, centering, temperature: temperature, on: pool)
    case .sinkhorn: classTargets.sinkhorn(rows, temperature: temperature, on: pool)
    }
    masked?.settleTargets(configuration.balancing, temperature: temperature, on: pool)
    return rows.reduce(0) { $0 + classTargets.entropy($1) } / Double(2 * batch)
  }

  /// Adds up what the teacher said in a lane, for the centre.
  func addToCenter(_ logits: UnsafePointer<Float>, rows: Int, lane: Int) {
    classMean.add(logits, rows: rows, lane: lane)
  }

  func beginLook(lane: Int) {
    classMean.begin(lane: lane)
    masked?.mean.begin(lane: lane)
  }

  /// Clips every tensor by its own norm, steps, and lets the teacher follow, piece by piece.
  private func update(_ rates: Rates) {
    let entries = student.layout.entries
    var factors = [Float?](repeating: nil, count: entries.count)
    let stands = entries.indices.map { tensorRates.stands($0, backboneShare: rates.backboneShare) }
    for (tensor, entry) in entries.enumerated() where !stands[tensor] && !isFrozen(entry.path, rates) {
      let limit = configuration.clipGradient
      // torch's form of clipping: the small number keeps a norm of zero harmless.
      factors[tensor] = limit > 0 ? Float(min(1, limit / (gradients.norms[tensor] + 1e-6))) : 1
      optimizer.begin(tensor)
    }
    let clips = factors
    pool.run(jobs: gradients.pieces.count) { index, _ in
      OperationProfile.measure(.optimizer) {
        let piece = self.gradients.pieces[index]
        // The teacher has what stands still, to the bit.
        if stands[piece.tensor] { return }
        if let factor = clips[piece.tensor] {
          if factor < 1 { dino_scale(self.gradient.pointer + piece.range.lowerBound, piece.range.count, factor) }
          self.optimizer.update(
            self.student, self.gradient, tensor: piece.tensor, piece.range,
            learningRate: self.tensorRates.learningRate(piece.tensor, rates), weightDecay: rates.weightDecay)
        }
        self.teacher.follow(self.student, piece.range, momentum: Float(rates.teacherMomentum))
      }
    }
  }

  private func isFrozen(_ path: String, _ rates: Rates) -> Bool {
    switch path {
    case ProjectionHead.directionPath: rates.freezesLastLayer
    case ProjectionHead.lengthPath: rates.freezesLastLayer || configuration.normalizesLastLayer
    default: false
    }
  }

  /// What the last step, or whoever made the learner, changed.
  private func renewWeights() {
    studentWeights.refresh(on: pool)
    teacherWeights.refresh(on: pool)
    studentLastLayer.renew(student, on: pool)
    teacherLastLayer.renew(teacherParameters, on: pool)
  }
}
