import Kernels
import Tensors
import VisionModels

/// What a lane does with its images, a few at a time.
extension Learner {
  /// Asks the teacher about both global crops, and the student for its class features, where a term of the loss needs those of the whole batch before any
  /// gradient. They are computed again in `walk`: keeping the tapes of a batch instead would take hundreds of megabytes and the cache with it.
  func look(_ lane: Int, _ images: Range<Int>, _ source: any CropSource, _ batch: Int, _ worker: Int) {
    let scratch = scratch[worker]
    beginLook(lane: lane)
    for start in stride(from: images.lowerBound, to: images.upperBound, by: scratch.images) {
      let positions = start..<min(start + scratch.images, images.upperBound)
      OperationProfile.measure(.augmentation) {
        source.fillGlobals(positions, worker: worker, into: scratch.globals.pointer)
      }
      teach(positions, lane, batch, scratch)
      if let spreading {
        // Only a tape for training has places for the factors of skipped branches and for patches that are hidden.
        let tape = drops || masked != nil ? scratch.globalTape : scratch.teacherTape
        forwardGlobals(positions, source, tape, batch, scratch)
        spreading.take(classFeatures(tape, positions.count, scratch), positions, batch: batch)
      }
    }
  }

  /// The teacher's logits of the two globals' class tokens and of the patches that the student will not see.
  private func teach(_ positions: Range<Int>, _ lane: Int, _ batch: Int, _ scratch: LaneScratch) {
    let n = positions.count
    let tape = scratch.teacherTape
    backbone.forward(
      scratch.globals.pointer, count: 2 * n, weights: teacherWeights, tape: tape,
      output: masked == nil ? .classTokens : .tokens)
    scratch.features.pointer.update(from: classFeatures(tape, n, scratch), count: 2 * n * width)
    views.take(scratch.features.pointer, positions)
    let patches = masked?.gather(tape, positions, batch, into: scratch.features.pointer + 2 * n * width) ?? 0
    head.forward(
      scratch.features.pointer, count: 2 * n + patches, weights: teacherWeights, lastLayer: teacherLastLayer,
      tape: scratch.teacherHead)
    let logits = scratch.teacherHead.logits
    for crop in 0..<2 {
      classTargets[crop * batch + positions.lowerBound].update(
        from: logits + crop * n * head.output, count: n * head.output)
    }
    addToCenter(logits, rows: 2 * n, lane: lane)
    masked?.take(logits + 2 * n * head.output, count: patches, positions, batch, lane: lane)
  }

  /// Student, loss and gradient.
  func walk(_ lane: Int, _ images: Range<Int>, _ source: any CropSource, _ batch: Int, _ worker: Int) {
    let scratch = scratch[worker]
    gradients.lanes[lane].clear()
    var sums = (classes: 0.0, patches: 0.0)
    for start in stride(from: images.lowerBound, to: images.upperBound, by: scratch.images) {
      let positions = start..<min(start + scratch.images, images.upperBound)
      OperationProfile.measure(.augmentation) {
        source.fillGlobals(positions, worker: worker, into: scratch.globals.pointer)
        source.fillLocals(positions, worker: worker, into: scratch.locals.pointer)
      }
      let rows = study(positions, source, batch, scratch)
      OperationProfile.measure(.loss) {
        sums.classes += loss.evaluate(
          first: classTargets[positions.lowerBound], second: classTargets[batch + positions.lowerBound],
          student: scratch.studentHead.logits, images: positions.count, batch: batch, both: scratch.both.pointer,
          gradient: scratch.dLogits.pointer)
        if let masked {
          let first = configuration.crops * positions.count * head.output
          sums.patches += masked.evaluate(
            student: scratch.studentHead.logits + first, positions, batch, gradient: scratch.dLogits.pointer + first)
        }
      }
      retreat(positions, rows, batch, gradients.lanes[lane].pointer, scratch)
    }
    for range in absentBiases {
      (gradients.lanes[lane].pointer + range.lowerBound).update(repeating: 0, count: range.count)
    }
    laneLosses[lane] = sums
  }

  /// The student's logits of all crops, crops of one size together, and of the hidden patches; the head once over all.
  /// - Returns: the rows that went through the head.
  private func study(_ positions: Range<Int>, _ source: any CropSource, _ batch: Int, _ scratch: LaneScratch) -> Int {
    let n = positions.count
    let localCrops = configuration.localCrops
    forwardGlobals(positions, source, scratch.globalTape, batch, scratch)
    scratch.features.pointer.update(from: classFeatures(scratch.globalTape, n, scratch), count: 2 * n * width)
    if let tape = scratch.localTape {
      backbone.forward(
        scratch.locals.pointer, count: localCrops * n, weights: studentWeights, tape: tape,
        residualScale: drops ? UnsafePointer(scratch.localScales.pointer) : nil)
      (scratch.features.pointer + 2 * n * width).update(from: tape.outputs, count: localCrops * n * width)
    }
    var rows = configuration.crops * n
    rows += masked?.gather(scratch.globalTape, positions, batch, into: scratch.features.pointer + rows * width) ?? 0
    head.forward(
      scratch.features.pointer, count: rows, weights: studentWeights, lastLayer: studentLastLayer,
      tape: scratch.studentHead)
    return rows
  }

  /// The student on both global crops, branches skipped as the images' seeds say, patches hidden.
  private func forwardGlobals(
    _ positions: Range<Int>, _ source: any CropSource, _ tape: VisionTransformer.Tape, _ batch: Int,
    _ scratch: LaneScratch
  ) {
    if drops {
      scratch.drawScales(
        positions, source, localCrops: configuration.localCrops, depth: backbone.configuration.depth,
        rate: configuration.dropPath)
    }
    backbone.forward(
      scratch.globals.pointer, count: 2 * positions.count, weights: studentWeights, tape: tape,
      output: masked == nil ? .classTokens : .tokens,
      residualScale: drops ? UnsafePointer(scratch.globalScales.pointer) : nil,
      mask: masked?.mask(positions, batch, patches: tape.tokens - backbone.configuration.prefixTokens))
  }

  /// The class tokens [2, n, width] of a pass over both globals.
  private func classFeatures(_ tape: VisionTransformer.Tape, _ n: Int, _ scratch: LaneScratch) -> UnsafePointer<Float> {
    if masked == nil { return tape.outputs }
    for image in 0..<2 * n {
      (scratch.dFeatures.pointer + image * width).update(
        from: tape.outputs + image * tape.tokens * width, count: width)
    }
    return UnsafePointer(scratch.dFeatures.pointer)
  }

  private func retreat(
    _ positions: Range<Int>, _ rows: Int, _ batch: Int, _ gradient: UnsafeMutablePointer<Float>, _ scratch: LaneScratch
  ) {
    let n = positions.count
    let dFeatures = scratch.dFeatures.pointer
    head.backward(
      scratch.dLogits.pointer, count: rows, weights: studentWeights, lastLayer: studentLastLayer,
      tape: scratch.studentHead, adding: gradient, into: dFeatures)
    guard let first = firstLearningBlock else { return }
    spreading?.add(positions, batch: batch, to: dFeatures)
    var dOutputs = UnsafePointer(dFeatures)
    if let masked, let dTokens = scratch.dTokens {
      let tokens = scratch.globalTape.tokens
      dTokens.pointer.update(repeating: 0, count: 2 * n * tokens * width)
      for image in 0..<2 * n {
        (dTokens.pointer + image * tokens * width).update(from: dFeatures + image * width, count: width)
      }
      masked.scatter(
        dFeatures + configuration.crops * n * width, scratch.globalTape, positions, batch, into: dTokens.pointer)
      dOutputs = UnsafePointer(dTokens.pointer)
    }
    backbone.backward(
      dOutputs, count: 2 * n, weights: studentWeights, tape: scratch.globalTape, adding: gradient, from: first)
    if let tape = scratch.localTape {
      backbone.backward(
        dFeatures + 2 * n * width, count: configuration.localCrops * n, weights: studentWeights, tape: tape,
        adding: gradient, from: first)
    }
  }

  private var drops: Bool { configuration.dropPath > 0 }
  private var width: Int { backbone.configuration.width }
}
