import Kernels
package import Tensors
package import VisionModels

/// Student, teacher, centre and optimiser, and one step of DINO on a batch of crops.
///
/// A core owns its images: the batch is cut into at most eight lanes, whatever the number of threads; a lane takes its images a few
/// at a time through teacher, student, loss and back into a gradient of its own. Then lanes are added in lane order, and
/// clipping, AdamW and the teacher's average go over the flat buffer in pieces. The result is the same to the byte at any number of threads.
///
/// Memory: eight gradients and their sum, two moments, student and teacher, which is 13 times the parameters, the packed weights
/// (three times in f32, one and a half in bf16), and each thread's tapes. It does not grow with the batch.
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

  private let pool: WorkerPool
  let teacher: Teacher
  let optimizer: AdamW
  private let gradients: GradientSum
  let centering: Centering
  private let loss: DistillationLoss
  private let spreading: Spreading?
  private let scratch: [LaneScratch]
  private let laneTeacherSums: [FloatBuffer]
  private let laneSums: UnsafeMutablePointer<DistillationLoss.Sums>
  private let teacherMean: FloatBuffer
  private let studentWeights: PackedWeights
  private let teacherWeights: PackedWeights
  private let studentLastLayer: LastLayer
  private let teacherLastLayer: LastLayer

  /// What a step is told by the schedules.
  package struct Rates: Sendable {
    package var learningRate: Double
    package var weightDecay: Double
    package var teacherMomentum: Double
    package var teacherTemperature: Double
    package var freezesLastLayer: Bool

    package init(
      learningRate: Double, weightDecay: Double, teacherMomentum: Double, teacherTemperature: Double,
      freezesLastLayer: Bool
    ) {
      self.learningRate = learningRate
      self.weightDecay = weightDecay
      self.teacherMomentum = teacherMomentum
      self.teacherTemperature = teacherTemperature
      self.freezesLastLayer = freezesLastLayer
    }
  }

  /// What a step has to tell.
  package struct Outcome: Sendable {
    package var loss: Double
    package var teacherEntropy: Double
    /// Over both global crops, not weighted; nil where the term is left out.
    package var koleo: Double?
    package var largestGradient: Double
  }

  /// - Parameter initialize: sets the student's numbers; the teacher starts as their copy.
  package init(
    _ configuration: DINO.Configuration, model: VisionTransformer.Configuration, workers: WorkerPool,
    initialize: (VisionTransformer, ProjectionHead, ParameterBuffer) -> Void
  ) {
    self.configuration = configuration
    pool = workers
    let (backbone, head) = Learner.networks(configuration, model)
    let layout = head.layout
    self.backbone = backbone
    self.head = head
    student = ParameterBuffer(layout)
    initialize(backbone, head, student)
    teacher = Teacher(of: student)
    optimizer = AdamW(layout)
    gradients = GradientSum(layout: layout, head: head, lanes: Learner.lanes)
    centering = Centering(output: head.output, momentum: configuration.centerMomentum)
    loss = DistillationLoss(
      crops: configuration.crops, output: head.output, studentTemperature: Float(configuration.studentTemperature))
    scratch = (0..<workers.threads).map { _ in
      LaneScratch(
        configuration, backbone: backbone, head: head, images: Learner.imagesAtOnce(configuration, model))
    }
    spreading = configuration.koleoWeight == 0 ? nil : Spreading(batch: configuration.batchSize, width: model.width)
    laneTeacherSums = (0..<Learner.lanes).map { _ in FloatBuffer(head.output) }
    laneSums = .allocate(capacity: Learner.lanes)
    laneSums.initialize(repeating: DistillationLoss.Sums(), count: Learner.lanes)
    teacherMean = FloatBuffer(head.output)
    let precision = configuration.precision
    studentWeights = PackedWeights(student, precision: precision, forTraining: true)
    teacherWeights = PackedWeights(teacher.parameters, precision: precision)
    studentLastLayer = head.makeLastLayer(precision, forTraining: true)
    teacherLastLayer = head.makeLastLayer(precision, forTraining: false)
  }

  deinit { laneSums.deallocate() }

  /// One step on `batch` images: loss and gradient of the student, optimiser, teacher, centre, in this order.
  /// - Throws: `DINOError.diverged` when the loss or a gradient is not finite; the parameters are then as before the step.
  package func step(_ source: any CropSource, batch: Int, rates: Rates, number: Int) throws -> Outcome {
    precondition(batch <= configuration.batchSize, "\(batch) images in a step of \(configuration.batchSize)")
    let lanes = min(Learner.lanes, batch)
    @Sendable func images(_ lane: Int) -> Range<Int> { batch * lane / lanes..<batch * (lane + 1) / lanes }
    renewWeights()
    if let spreading {
      pool.run(jobs: lanes) { lane, worker in self.look(images(lane), source, spreading, batch, worker) }
      OperationProfile.measure(.spreading) {
        spreading.differentiate(batch: batch, weight: configuration.koleoWeight)
      }
    }
    pool.run(jobs: lanes) { lane, worker in self.walk(lane, images(lane), source, batch, rates, worker) }
    var sums = DistillationLoss.Sums()
    for lane in 0..<lanes { sums.add(laneSums[lane]) }
    let loss = sums.loss / Double(batch)
    if !loss.isFinite { throw DINOError.diverged(step: number, tensor: nil) }
    gradients.add(lanes: lanes, parameters: student, pool)
    for (tensor, norm) in gradients.norms.enumerated() where !norm.isFinite {
      throw DINOError.diverged(step: number, tensor: student.layout.entries[tensor].path)
    }
    update(rates)
    teacherMean.clear()
    for lane in 0..<lanes { axpby(teacherMean.pointer, laneTeacherSums[lane].pointer, head.output, 1, 1) }
    dino_scale(teacherMean.pointer, head.output, 1 / Float(2 * batch))
    centering.update(mean: teacherMean)
    return Outcome(
      loss: loss, teacherEntropy: sums.teacherEntropy / Double(batch), koleo: spreading?.loss,
      largestGradient: gradients.norms.max() ?? 0)
  }

  /// The student's features of one lane's global crops, for the term that needs those of the whole batch before any gradient. They
  /// are computed again in `walk`: keeping the tapes of a batch instead would take hundreds of megabytes and the cache with it.
  private func look(_ images: Range<Int>, _ source: any CropSource, _ spreading: Spreading, _ batch: Int, _ worker: Int)
  {
    let scratch = scratch[worker]
    // Only a tape for training has places for the factors of skipped branches.
    let tape = drops ? scratch.globalTape : scratch.teacherTape
    for start in stride(from: images.lowerBound, to: images.upperBound, by: scratch.images) {
      let positions = start..<min(start + scratch.images, images.upperBound)
      OperationProfile.measure(.augmentation) {
        source.fillGlobals(positions, worker: worker, into: scratch.globals.pointer)
      }
      forwardGlobals(positions, source, tape, scratch)
      spreading.take(tape.outputs, positions, batch: batch)
    }
  }

  /// One lane's images, a few at a time.
  private func walk(
    _ lane: Int, _ images: Range<Int>, _ source: any CropSource, _ batch: Int, _ rates: Rates, _ worker: Int
  ) {
    let scratch = scratch[worker]
    gradients.lanes[lane].clear()
    laneTeacherSums[lane].clear()
    var sums = DistillationLoss.Sums()
    for start in stride(from: images.lowerBound, to: images.upperBound, by: scratch.images) {
      let positions = start..<min(start + scratch.images, images.upperBound)
      OperationProfile.measure(.augmentation) {
        source.fillGlobals(positions, worker: worker, into: scratch.globals.pointer)
        source.fillLocals(positions, worker: worker, into: scratch.locals.pointer)
      }
      teach(positions.count, lane, scratch)
      study(positions, source, scratch)
      OperationProfile.measure(.loss) {
        sums.add(
          loss.evaluate(
            teacher: scratch.teacherHead.logits, student: scratch.studentHead.logits, center: centering.center.pointer,
            teacherTemperature: Float(rates.teacherTemperature), images: positions.count, batch: batch,
            targets: scratch.targets.pointer, gradient: scratch.dLogits.pointer))
      }
      retreat(positions, batch, gradients.lanes[lane].pointer, scratch)
    }
    laneSums[lane] = sums
  }

  /// The teacher's logits of the two globals; their sum goes to the lane's share of the centre.
  private func teach(_ n: Int, _ lane: Int, _ scratch: LaneScratch) {
    backbone.forward(scratch.globals.pointer, count: 2 * n, weights: teacherWeights, tape: scratch.teacherTape)
    head.forward(
      scratch.teacherTape.outputs, count: 2 * n, weights: teacherWeights, lastLayer: teacherLastLayer,
      tape: scratch.teacherHead)
    column_sums(
      laneTeacherSums[lane].pointer, scratch.teacherHead.logits, Precision.f32.number, 2 * n, head.output, head.output)
  }

  /// The student's logits of all crops, crops of one size together, the head once over all.
  private func study(_ positions: Range<Int>, _ source: any CropSource, _ scratch: LaneScratch) {
    let n = positions.count
    let width = backbone.configuration.width
    let localCrops = configuration.localCrops
    forwardGlobals(positions, source, scratch.globalTape, scratch)
    scratch.features.pointer.update(from: scratch.globalTape.outputs, count: 2 * n * width)
    if let tape = scratch.localTape {
      backbone.forward(
        scratch.locals.pointer, count: localCrops * n, weights: studentWeights, tape: tape,
        residualScale: drops ? UnsafePointer(scratch.localScales.pointer) : nil)
      (scratch.features.pointer + 2 * n * width).update(from: tape.outputs, count: localCrops * n * width)
    }
    head.forward(
      scratch.features.pointer, count: configuration.crops * n, weights: studentWeights, lastLayer: studentLastLayer,
      tape: scratch.studentHead)
  }

  /// The student on both global crops, branches skipped as the images' seeds say.
  private func forwardGlobals(
    _ positions: Range<Int>, _ source: any CropSource, _ tape: VisionTransformer.Tape, _ scratch: LaneScratch
  ) {
    if drops {
      scratch.drawScales(
        positions, source, localCrops: configuration.localCrops, depth: backbone.configuration.depth,
        rate: configuration.dropPath)
    }
    backbone.forward(
      scratch.globals.pointer, count: 2 * positions.count, weights: studentWeights, tape: tape,
      residualScale: drops ? UnsafePointer(scratch.globalScales.pointer) : nil)
  }

  private var drops: Bool { configuration.dropPath > 0 }

  private func retreat(
    _ positions: Range<Int>, _ batch: Int, _ gradient: UnsafeMutablePointer<Float>, _ scratch: LaneScratch
  ) {
    let n = positions.count
    head.backward(
      scratch.dLogits.pointer, count: configuration.crops * n, weights: studentWeights, lastLayer: studentLastLayer,
      tape: scratch.studentHead, adding: gradient, into: scratch.dFeatures.pointer)
    spreading?.add(positions, batch: batch, to: scratch.dFeatures.pointer)
    backbone.backward(
      scratch.dFeatures.pointer, count: 2 * n, weights: studentWeights, tape: scratch.globalTape, adding: gradient)
    if let tape = scratch.localTape {
      backbone.backward(
        scratch.dFeatures.pointer + 2 * n * backbone.configuration.width, count: configuration.localCrops * n,
        weights: studentWeights, tape: tape, adding: gradient)
    }
  }

  /// Clips every tensor by its own norm, steps, and lets the teacher follow, piece by piece.
  private func update(_ rates: Rates) {
    let entries = student.layout.entries
    var factors = [Float?](repeating: nil, count: entries.count)
    for (tensor, entry) in entries.enumerated() where !isFrozen(entry.path, rates) {
      let limit = configuration.clipGradient
      // torch's form of clipping: the small number keeps a norm of zero harmless.
      factors[tensor] = limit > 0 ? Float(min(1, limit / (gradients.norms[tensor] + 1e-6))) : 1
      optimizer.begin(tensor)
    }
    let clips = factors
    pool.run(jobs: gradients.pieces.count) { index, _ in
      OperationProfile.measure(.optimizer) {
        let piece = self.gradients.pieces[index]
        if let factor = clips[piece.tensor] {
          if factor < 1 { dino_scale(self.gradient.pointer + piece.range.lowerBound, piece.range.count, factor) }
          self.optimizer.update(
            self.student, self.gradient, tensor: piece.tensor, piece.range, learningRate: rates.learningRate,
            weightDecay: rates.weightDecay)
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
