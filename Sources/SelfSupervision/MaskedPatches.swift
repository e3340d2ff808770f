import Kernels
import Tensors
import VisionModels

/// iBOT's side of a step: which patches of the batch's global crops are hidden, what the teacher says of them, and the loss.
///
/// Rows of a few images' hidden patches are those of the first crop, image by image, then those of the second.
final class MaskedPatches: @unchecked Sendable {
  let mean: BatchMean
  private let masking: BlockMasking
  private let token: Range<Int>
  private let targets: TeacherTargets
  let centering: Centering
  private let loss: MaskedPatchLoss
  /// Of crop `crop · batch + position`: its hidden patches.
  private var hidden: [[Int]] = []

  init(
    _ masking: BlockMasking, token: Range<Int>, _ configuration: DINO.Configuration, output: Int, lanes: Int
  ) {
    self.masking = masking
    self.token = token
    targets = TeacherTargets(rows: 2 * configuration.batchSize * masking.most, output: output)
    centering = Centering(output: output, momentum: configuration.centerMomentum)
    mean = BatchMean(output: output, lanes: lanes)
    loss = MaskedPatchLoss(
      output: output, studentTemperature: Float(configuration.studentTemperature), weight: configuration.ibotWeight)
  }

  /// Draws what is hidden in this step.
  func draw(_ source: any CropSource, batch: Int) {
    hidden = (0..<2 * batch).map { source.hiddenPatches($0 % batch, crop: $0 / batch, masking) }
    if let most = hidden.map(\.count).max() { precondition(most <= masking.most, "\(most) hidden patches of a crop") }
  }

  /// What a pass over both globals of these images does not see.
  func mask(_ positions: Range<Int>, _ batch: Int, patches: Int) -> PatchMask {
    var places: [Int] = []
    forEachCrop(positions, batch) { image, crop in places += hidden[crop].map { image * patches + $0 } }
    return PatchMask(token: token, places: places)
  }

  /// Copies the features of hidden patches out of a pass over all tokens; returns how many there were.
  func gather(
    _ tape: VisionTransformer.Tape, _ positions: Range<Int>, _ batch: Int, into target: UnsafeMutablePointer<Float>
  ) -> Int {
    var count = 0
    forEachToken(tape, positions, batch) { token in
      (target + count * token.width).update(from: tape.outputs + token.place, count: token.width)
      count += 1
    }
    return count
  }

  /// Puts the gradients of hidden patches to their places among those of all tokens.
  func scatter(
    _ gradients: UnsafePointer<Float>, _ tape: VisionTransformer.Tape, _ positions: Range<Int>, _ batch: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    var count = 0
    forEachToken(tape, positions, batch) { token in
      (target + token.place).update(from: gradients + count * token.width, count: token.width)
      count += 1
    }
  }

  /// Keeps the teacher's logits of these images' hidden patches.
  func take(_ logits: UnsafePointer<Float>, count: Int, _ positions: Range<Int>, _ batch: Int, lane: Int) {
    var row = 0
    forEachCrop(positions, batch) { _, crop in
      targets[crop * masking.most].update(
        from: logits + row * targets.output, count: hidden[crop].count * targets.output)
      row += hidden[crop].count
    }
    mean.add(logits, rows: count, lane: lane)
  }

  func settleTargets(_ balancing: DINO.Configuration.Balancing, temperature: Double, on pool: WorkerPool) {
    let rows = hidden.indices.flatMap { crop in hidden[crop].indices.map { crop * masking.most + $0 } }
    switch balancing {
    case .centering: targets.center(rows, centering, temperature: temperature, on: pool)
    case .sinkhorn: targets.sinkhorn(rows, temperature: temperature, on: pool)
    }
  }

  /// The loss of these images and its gradient.
  func evaluate(
    student: UnsafePointer<Float>, _ positions: Range<Int>, _ batch: Int, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    var (sum, row) = (0.0, 0)
    forEachCrop(positions, batch) { _, crop in
      let count = hidden[crop].count
      if count == 0 { return }
      sum += loss.evaluate(
        targets: targets[crop * masking.most], student: student + row * targets.output, count: count, batch: batch,
        gradient: gradient + row * targets.output)
      row += count
    }
    return sum
  }

  func updateCenter(lanes: Int) { mean.update(centering, lanes: lanes) }

  private func forEachCrop(_ positions: Range<Int>, _ batch: Int, _ body: (_ image: Int, _ crop: Int) -> Void) {
    for global in 0..<2 {
      for (i, position) in positions.enumerated() { body(global * positions.count + i, global * batch + position) }
    }
  }

  private func forEachToken(
    _ tape: VisionTransformer.Tape, _ positions: Range<Int>, _ batch: Int,
    _ body: (_ token: (place: Int, width: Int)) -> Void
  ) {
    let patches = masking.grid * masking.grid
    let width = token.count
    forEachCrop(positions, batch) { image, crop in
      for patch in hidden[crop] { body(((image * tape.tokens + tape.tokens - patches + patch) * width, width)) }
    }
  }
}
