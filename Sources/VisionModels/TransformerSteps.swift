import Kernels

/// The steps that training and feature extraction share.
extension VisionTransformer {
  func pass(_ tape: Tape, _ block: Int, weights: PackedWeights, queries: Int, share: Share = .whole) -> Block.Pass {
    Block.Pass(
      shape: Attention.Shape(images: tape.count, tokens: tape.tokens, queries: queries), weights: weights,
      rotary: tape.rotary, residualScale: tape.residualScale(ofBlock: block), share: share,
      scratch: tape.headScratch[share.index],
      rowsAtOnce: tape.isForTraining ? tape.capacity * tape.tokens : Tape.rowsAtOnce)
  }

  /// Says of which images a pass on the tape is. Before members share it.
  func begin(_ tape: Tape, count: Int, weights: PackedWeights) {
    precondition(count > 0 && count <= tape.capacity, "\(count) images on a tape for \(tape.capacity)")
    precondition(tape.blocks.count == blocks.count, "a tape of \(tape.blocks.count) blocks, a model of \(blocks.count)")
    precondition(tape.precision == weights.precision, "a tape in \(tape.precision), weights in \(weights.precision)")
    tape.count = count
  }

  /// Images to tokens, [count · tokens, width], in the first block's input.
  func embed(_ images: UnsafePointer<Float>, weights: PackedWeights, tape: Tape, share: Share = .whole) {
    let (width, tokens, prefix) = (configuration.width, tape.tokens, configuration.prefixTokens)
    let patches = tokens - prefix
    let stream = tape.blocks[0].input
    if share.index == 0 {
      positionEmbedding.assemble(
        weights.parameters.pointer, tape.resampling, patches: patches, into: tape.positions)
    }
    share.meet()
    let part = share.part(of: patches)
    let size = patchEmbedding.channels * tape.side * tape.side
    for image in 0..<tape.count {
      let first = stream + image * tokens * width
      if share.index == 0 { first.update(from: tape.positions, count: prefix * width) }
      let place = (tape.isForTraining ? image : 0) * patches + part.lowerBound
      let row = (prefix + part.lowerBound) * width
      patchEmbedding.forward(
        images + image * size, side: tape.side, part: part, weights: weights,
        patches: tape.patches.advanced(by: place * patchEmbedding.stride, tape.precision),
        edge: .residual(into: first + row, stride: width, base: tape.positions + row, baseStride: width))
    }
    share.meet()
  }

  /// Runs the first `depth` blocks; in the last of all blocks `lastQueries` tokens of each image ask.
  func run(_ depth: Int, weights: PackedWeights, tape: Tape, lastQueries: Int, share: Share = .whole) {
    for index in 0..<depth {
      let queries = index == blocks.count - 1 ? lastQueries : tape.tokens
      blocks[index].forward(
        tape.blocks[index], pass(tape, index, weights: weights, queries: queries, share: share))
    }
    share.meet()
  }

  /// The final norm of `rows` rows of the last block's output, as f32.
  func finish(rows: Int, weights: PackedWeights, tape: Tape) {
    norm.forward(
      tape.blocks[blocks.count - 1].output, rows: rows, parameters: weights.parameters.pointer, into: tape.finalRows,
      .f32, statistics: tape.finalStatistics)
  }

  /// The gradient of the tokens, in `scratch.stream`, to those of patches, class token, registers and positions, and of the pixels
  /// where asked for.
  func unembed(
    _ scratch: Block.Gradients, weights: PackedWeights, tape: Tape, adding gradient: UnsafeMutablePointer<Float>,
    pixels: UnsafeMutablePointer<Float>?
  ) {
    let (width, tokens, count) = (configuration.width, tape.tokens, tape.count)
    let prefix = configuration.prefixTokens
    let patches = tokens - prefix
    for image in 0..<count {
      convert(
        scratch.branch.advanced(by: image * patches * width, tape.precision), tape.precision.number,
        scratch.stream + (image * tokens + prefix) * width, patches * width)
    }
    if let mask = tape.mask {
      unhide(mask, stream: scratch.stream, patches: scratch.branch, tape: tape, adding: gradient)
    }
    if pixels != nil && tape.patchGradients == nil {
      tape.patchGradients = OperandBuffer(bytes: 4 * tape.capacity * patches * patchEmbedding.patchCount)
    }
    let dPatches = pixels == nil ? nil : tape.patchGradients?.pointer.assumingMemoryBound(to: Float.self)
    patchEmbedding.backward(
      scratch.branch, rows: count * patches, weights: weights, patches: tape.patches, scratch: scratch.attention.pack,
      adding: gradient, dPatches: dPatches)
    if let pixels, let dPatches {
      let size = patchEmbedding.channels * tape.side * tape.side
      pixels.update(repeating: 0, count: count * size)
      for image in 0..<count {
        scatter_patches(
          pixels + image * size, dPatches + image * patches * patchEmbedding.patchCount, patchEmbedding.patchCount,
          patchEmbedding.channels, tape.side, patchEmbedding.patchSize)
      }
    }
    scratch.normed.update(repeating: 0, count: tokens * width)
    column_sums(
      scratch.normed, scratch.stream, Precision.f32.number, count, tokens * width, tokens * width)
    positionEmbedding.backward(scratch.normed, tape.resampling, patches: patches, adding: gradient)
  }
}
