import Kernels
import Tensors

/// One pre-norm block: h += attention(norm1(h)), then h += feedForward(norm2(h)), each branch times a factor per channel where the
/// model has such, and a factor per image in stochastic depth.
struct Block: Sendable {
  let norm1: LayerNorm
  let attention: Attention
  let scale1: Range<Int>?
  let norm2: LayerNorm
  let feedForward: FeedForward
  let scale2: Range<Int>?
  private var width: Int { attention.width }

  init(_ path: String, _ configuration: VisionTransformer.Configuration, in layout: inout ParameterLayout) {
    let (width, epsilon) = (configuration.width, configuration.layerNormEpsilon)
    norm1 = LayerNorm(path + ".norm1", width: width, epsilon: epsilon, in: &layout)
    attention = Attention(path + ".attn", width: width, heads: configuration.heads, in: &layout)
    scale1 = configuration.hasLayerScale ? layout.append(path + ".ls1.gamma", [width]) : nil
    norm2 = LayerNorm(path + ".norm2", width: width, epsilon: epsilon, in: &layout)
    feedForward = FeedForward(path + ".mlp", configuration, in: &layout)
    scale2 = configuration.hasLayerScale ? layout.append(path + ".ls2.gamma", [width]) : nil
  }

  /// What a block leaves for backward; without backward all blocks share one such set.
  struct Activations {
    /// The block's input, [images · tokens, width]; owned by whoever made it.
    let input: UnsafeMutablePointer<Float>
    let normed1: UnsafeMutableRawPointer
    let attention: Attention.Activations
    /// The stream between the two halves, [images · queries, width]; without backward the same buffer as `input`.
    let middle: UnsafeMutablePointer<Float>
    /// [images · queries, width]; without backward the same buffer as `input`.
    let output: UnsafeMutablePointer<Float>
    let normed2: UnsafeMutableRawPointer
    /// [images · queries, fc2.inputs].
    let activated: UnsafeMutableRawPointer
    /// [images · queries, fc1.outputs]; nil where nothing needs it.
    let hidden: UnsafeMutableRawPointer?
    let kept: Kept?
  }

  /// What only backward needs.
  struct Kept {
    let statistics1: LayerNorm.Statistics
    let statistics2: LayerNorm.Statistics
    /// The branches before their factors per channel, [images · queries, width]; nil where there are none.
    let branch1: UnsafeMutableRawPointer?
    let branch2: UnsafeMutableRawPointer?
  }

  /// Factors of the two branches, one a row of the queries.
  struct ResidualScale {
    let attention: UnsafePointer<Float>
    let feedForward: UnsafePointer<Float>
  }

  /// What a pass is told besides its activations.
  struct Pass {
    let shape: Attention.Shape
    let weights: PackedWeights
    let rotary: RotaryAngles?
    let residualScale: ResidualScale?
    let share: Share
    /// For one head's attention; the share's own.
    let scratch: UnsafeMutableRawPointer
    /// Rows that go through a half of the block at a time. Without backward a few, so that what lies between its two products never leaves the
    /// cache; what is kept for backward has a place for every row.
    let rowsAtOnce: Int
  }

  /// From `activations.input` to `activations.output`.
  func forward(_ activations: Activations, _ pass: Pass) {
    let (shape, weights) = (pass.shape, pass.weights)
    let precision = weights.precision
    let parameters = UnsafePointer(weights.parameters.pointer)
    forEachChunk(of: pass.share.part(of: shape.rows), pass) { rows, place in
      let normed = activations.normed1.advanced(by: place * width, precision)
      norm1.forward(
        activations.input + rows.lowerBound * width, rows: rows.count, parameters: parameters, into: normed, precision,
        statistics: activations.kept?.statistics1, first: rows.lowerBound)
      attention.project(
        normed, rows: rows, shape: shape, weights: weights, rotary: pass.rotary, into: activations.attention)
    }
    pass.share.meet()
    attention.mix(
      activations.attention, shape: shape, precision: precision, share: pass.share, scratch: pass.scratch)
    pass.share.meet()
    let inputStride = shape.isWhole ? width : shape.tokens * width
    forEachChunk(of: pass.share.part(of: shape.queryRows), pass) { rows, place in
      let first = rows.lowerBound * width
      var edge = product_edge.residual(
        into: activations.middle + first, stride: width, base: activations.input + rows.lowerBound * inputStride,
        baseStride: inputStride)
      finish(&edge, scale1, pass.residualScale?.attention, activations.kept?.branch1, rows, pass)
      attention.projection.forward(
        activations.attention.mixed.advanced(by: first, precision), stride: width, rows: rows.count, weights: weights,
        edge: edge, as: .projection)
      let normed = activations.normed2.advanced(by: place * width, precision)
      norm2.forward(
        activations.middle + first, rows: rows.count, parameters: parameters, into: normed, precision,
        statistics: activations.kept?.statistics2, first: rows.lowerBound)
      edge = .residual(
        into: activations.output + first, stride: width, base: activations.middle + first, baseStride: width)
      finish(&edge, scale2, pass.residualScale?.feedForward, activations.kept?.branch2, rows, pass)
      feedForward.forward(
        normed, rows: rows.count, weights: weights,
        hidden: activations.hidden?.advanced(by: place * feedForward.fc1.outputs, precision),
        activated: activations.activated.advanced(by: place * feedForward.fc2.inputs, precision), edge: edge)
    }
  }

  /// Cuts rows into chunks; `place` is where their operands lie: at the rows' own place where they are kept, else always the share's.
  private func forEachChunk(of rows: Range<Int>, _ pass: Pass, _ body: (_ rows: Range<Int>, _ place: Int) -> Void) {
    var first = rows.lowerBound
    while first < rows.upperBound {
      let end = min(first + pass.rowsAtOnce, rows.upperBound)
      body(first..<end, pass.rowsAtOnce >= pass.shape.rows ? first : pass.share.index * pass.rowsAtOnce)
      first = end
    }
  }

  /// The factors of a branch's end.
  private func finish(
    _ edge: inout product_edge, _ scale: Range<Int>?, _ rowFactors: UnsafePointer<Float>?,
    _ branch: UnsafeMutableRawPointer?, _ rows: Range<Int>, _ pass: Pass
  ) {
    edge.type = pass.weights.precision.number
    edge.columnFactor = scale.map { UnsafePointer(pass.weights.parameters.pointer) + $0.lowerBound }
    edge.rowFactor = rowFactors.map { $0 + rows.lowerBound }
    edge.kept = branch?.advanced(by: rows.lowerBound * width, pass.weights.precision)
    edge.keptStride = width
  }

  /// Scratch of backward.
  struct Gradients {
    /// The gradient of the stream: of the output on entry, of the input on return. [images · tokens, width]
    let stream: UnsafeMutablePointer<Float>
    /// [images · tokens, width], an operand.
    let branch: UnsafeMutableRawPointer
    /// [images · tokens, width]
    let normed: UnsafeMutablePointer<Float>
    let attention: Attention.Gradients
    let feedForward: FeedForward.Gradients
  }

  /// Turns the gradient in `scratch.stream`, [images · queries, width], into that of the input, [images · tokens, width].
  func backward(
    _ activations: Activations, _ pass: Pass, scratch: Gradients, adding gradient: UnsafeMutablePointer<Float>
  ) {
    guard let kept = activations.kept, let hidden = activations.hidden else {
      preconditionFailure("backward of a block that kept nothing")
    }
    let (shape, weights) = (pass.shape, pass.weights)
    let parameters = UnsafePointer(weights.parameters.pointer)
    differentiateBranch(scale2, pass.residualScale?.feedForward, kept.branch2, pass, scratch, gradient)
    feedForward.backward(
      scratch.branch, x: activations.normed2, rows: shape.queryRows, weights: weights, hidden: hidden,
      activated: activations.activated, scratch: scratch.feedForward, dx: scratch.normed, adding: gradient)
    norm2.backward(
      scratch.normed, x: activations.middle, rows: shape.queryRows, parameters: parameters,
      statistics: kept.statistics2, addingInto: scratch.stream, adding: gradient)
    differentiateBranch(scale1, pass.residualScale?.attention, kept.branch1, pass, scratch, gradient)
    attention.backward(
      scratch.branch, x: activations.normed1, shape: shape, weights: weights, rotary: pass.rotary,
      activations: activations.attention, scratch: scratch.attention, dx: scratch.normed, adding: gradient)
    if !shape.isWhole { spread(scratch.stream, shape) }
    norm1.backward(
      scratch.normed, x: activations.input, rows: shape.rows, parameters: parameters, statistics: kept.statistics1,
      addingInto: scratch.stream, adding: gradient)
  }

  private func differentiateBranch(
    _ scale: Range<Int>?, _ rowFactors: UnsafePointer<Float>?, _ branch: UnsafeMutableRawPointer?, _ pass: Pass,
    _ scratch: Gradients, _ gradient: UnsafeMutablePointer<Float>
  ) {
    OperationProfile.measure(.branchBackward) {
      branch_backward(
        scratch.branch, pass.weights.precision.number, scale.map { gradient + $0.lowerBound }, scratch.stream, branch,
        scale.map { UnsafePointer(pass.weights.parameters.pointer) + $0.lowerBound }, rowFactors, pass.shape.queryRows,
        width)
    }
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
