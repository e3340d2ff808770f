import Kernels

/// The steps that training and feature extraction share.
extension VisionTransformer {
  func shape(_ tape: Tape, _ count: Int, queries: Int) -> Attention.Shape {
    Attention.Shape(images: count, tokens: tape.tokens, queries: queries)
  }

  /// Images to tokens, [count · tokens, width], in the first block's input.
  func embed(_ images: UnsafePointer<Float>, count: Int, parameters: UnsafePointer<Float>, tape: Tape) {
    precondition(count > 0 && count <= tape.capacity, "\(count) images on a tape for \(tape.capacity)")
    precondition(tape.blocks.count == blocks.count, "a tape of \(tape.blocks.count) blocks, a model of \(blocks.count)")
    tape.count = count
    let (width, tokens) = (configuration.width, tape.tokens)
    let stream = tape.blocks[0].input
    patchEmbedding.forward(
      images, count: count, side: tape.side, parameters: parameters, patches: tape.patches, into: tape.branch)
    positionEmbedding.assemble(parameters, tape.resampling, into: tape.positions)
    residual_add(
      stream + width, tokens * width, tape.positions + width, 0, tape.branch, nil, count, (tokens - 1) * width)
    for image in 0..<count { (stream + image * tokens * width).update(from: tape.positions, count: width) }
  }

  /// Runs the first `depth` blocks; in the last of all blocks `lastQueries` tokens of each image ask.
  func run(_ depth: Int, of count: Int, parameters: UnsafePointer<Float>, tape: Tape, lastQueries: Int) {
    for index in 0..<depth {
      let queries = index == blocks.count - 1 ? lastQueries : tape.tokens
      blocks[index].forward(
        tape.blocks[index], shape: shape(tape, count, queries: queries), parameters: parameters,
        residualScale: tape.residualScale(ofBlock: index), branch: tape.branch)
    }
  }

  /// The gradient of the tokens, in `scratch.stream`, to those of patches, class token and positions.
  func unembed(
    _ scratch: Block.Gradients, count: Int, parameters: UnsafePointer<Float>, tape: Tape,
    adding gradient: UnsafeMutablePointer<Float>
  ) {
    let (width, tokens) = (configuration.width, tape.tokens)
    for image in 0..<count {
      (scratch.branch + image * (tokens - 1) * width).update(
        from: scratch.stream + (image * tokens + 1) * width, count: (tokens - 1) * width)
    }
    patchEmbedding.backward(
      scratch.branch, count: count, side: tape.side, parameters: parameters, patches: tape.patches, adding: gradient)
    scratch.normed.update(repeating: 0, count: tokens * width)
    column_sums(scratch.normed, scratch.stream, count, tokens * width, tokens * width)
    positionEmbedding.backward(scratch.normed, tape.resampling, adding: gradient)
  }
}
