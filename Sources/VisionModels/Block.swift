import Kernels

/// One pre-norm block: h += attention(norm1(h)), then h += feedForward(norm2(h)), each branch times a factor per image.
struct Block: Sendable {
  let norm1: LayerNorm
  let attention: Attention
  let norm2: LayerNorm
  let feedForward: FeedForward
  private var width: Int { attention.width }

  init(_ path: String, _ configuration: VisionTransformer.Configuration, in layout: inout ParameterLayout) {
    let (width, epsilon) = (configuration.width, configuration.layerNormEpsilon)
    norm1 = LayerNorm(path + ".norm1", width: width, epsilon: epsilon, in: &layout)
    attention = Attention(path + ".attn", width: width, heads: configuration.heads, in: &layout)
    norm2 = LayerNorm(path + ".norm2", width: width, epsilon: epsilon, in: &layout)
    feedForward = FeedForward(path + ".mlp", width: width, hidden: configuration.hiddenWidth, in: &layout)
  }

  /// What a block leaves for backward; without backward all blocks share one such set.
  struct Activations {
    /// The block's input, [images · tokens, width]; owned by whoever made it.
    let input: UnsafeMutablePointer<Float>
    let normed1: UnsafeMutablePointer<Float>
    let statistics1: LayerNorm.Statistics
    let attention: Attention.Activations
    /// The stream between the two halves, [images · queries, width].
    let middle: UnsafeMutablePointer<Float>
    let normed2: UnsafeMutablePointer<Float>
    let statistics2: LayerNorm.Statistics
    let hidden: UnsafeMutablePointer<Float>
    let activated: UnsafeMutablePointer<Float>
    /// [images · queries, width]; without backward the same buffer as `input`.
    let output: UnsafeMutablePointer<Float>
  }

  /// Factors of the two branches, [images] each.
  struct ResidualScale {
    let attention: UnsafePointer<Float>
    let feedForward: UnsafePointer<Float>
  }

  /// From `activations.input` to `activations.output`; `branch` is scratch, [images · tokens, width].
  func forward(
    _ activations: Activations, shape: Attention.Shape, parameters: UnsafePointer<Float>,
    residualScale: ResidualScale?, branch: UnsafeMutablePointer<Float>
  ) {
    let (asked, all) = (shape.queries * width, shape.tokens * width)
    norm1.forward(
      activations.input, rows: shape.rows, parameters: parameters, into: activations.normed1,
      statistics: activations.statistics1)
    attention.forward(
      activations.normed1, shape: shape, parameters: parameters, activations: activations.attention, into: branch)
    residual_add(
      activations.middle, asked, activations.input, all, branch, residualScale?.attention, shape.images, asked)
    norm2.forward(
      activations.middle, rows: shape.queryRows, parameters: parameters, into: activations.normed2,
      statistics: activations.statistics2)
    feedForward.forward(
      activations.normed2, rows: shape.queryRows, parameters: parameters, hidden: activations.hidden,
      activated: activations.activated, into: branch)
    residual_add(
      activations.output, asked, activations.middle, asked, branch, residualScale?.feedForward, shape.images, asked)
  }

  /// Scratch of backward.
  struct Gradients {
    /// The gradient of the stream: of the output on entry, of the input on return.
    let stream: UnsafeMutablePointer<Float>
    /// [images · tokens, width]
    let branch: UnsafeMutablePointer<Float>
    /// [images · tokens, width]
    let normed: UnsafeMutablePointer<Float>
    /// [images · tokens, hidden]
    let hidden: UnsafeMutablePointer<Float>
    let attention: Attention.Gradients
  }

  /// Turns the gradient in `scratch.stream`, [images · queries, width], into that of the input, [images · tokens, width].
  func backward(
    _ activations: Activations, shape: Attention.Shape, parameters: UnsafePointer<Float>,
    residualScale: ResidualScale?, scratch: Gradients, adding gradient: UnsafeMutablePointer<Float>
  ) {
    feedForward.backward(
      branchGradient(residualScale?.feedForward, shape, scratch), x: activations.normed2, rows: shape.queryRows,
      parameters: parameters, hidden: activations.hidden, activated: activations.activated, dHidden: scratch.hidden,
      dx: scratch.normed, adding: gradient)
    norm2.backward(
      scratch.normed, x: activations.middle, rows: shape.queryRows, parameters: parameters,
      statistics: activations.statistics2, addingInto: scratch.stream, adding: gradient)
    attention.backward(
      branchGradient(residualScale?.attention, shape, scratch), x: activations.normed1, shape: shape,
      parameters: parameters, activations: activations.attention, scratch: scratch.attention, dx: scratch.normed,
      adding: gradient)
    if !shape.isWhole { spread(scratch.stream, shape) }
    norm1.backward(
      scratch.normed, x: activations.input, rows: shape.rows, parameters: parameters,
      statistics: activations.statistics1, addingInto: scratch.stream, adding: gradient)
  }

  private func branchGradient(_ scale: UnsafePointer<Float>?, _ shape: Attention.Shape, _ scratch: Gradients)
    -> UnsafePointer<Float>
  {
    guard let scale else { return UnsafePointer(scratch.stream) }
    scale_images(scratch.branch, scratch.stream, scale, shape.images, shape.queries * width)
    return UnsafePointer(scratch.branch)
  }

  /// Moves the rows of the tokens that asked to their places among all tokens, from the last image down since they overlap.
  private func spread(_ stream: UnsafeMutablePointer<Float>, _ shape: Attention.Shape) {
    let (asked, all) = (shape.queries * width, shape.tokens * width)
    for image in (0..<shape.images).reversed() {
      let target = stream + image * all
      target.update(from: stream + image * asked, count: asked)
      (target + asked).update(repeating: 0, count: all - asked)
    }
  }
}
