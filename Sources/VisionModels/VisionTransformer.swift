public import Tensors

/// A vision transformer (Dosovitskiy et al. 2021), forward and backward, with timm's tensors and conventions: pre-norm blocks,
/// query-key-value in that order, a class token, a final norm; and every published variant that `Configuration` names.
///
/// The value holds only where each tensor lies; the numbers are passed to every call, so that student, teacher and gradients
/// share one description.
///
///     let model = VisionTransformer(.named("vit_tiny", imageSize: 64, patchSize: 8, depth: 6)!)
///     let parameters = ParameterBuffer(model.layout)
///     model.initialize(parameters, seed: Seed(7))
///     let weights = model.pack(parameters, precision: .f32, forTraining: true)
///     let tape = model.makeTape(images: 16, side: 64, precision: .f32)
///     model.forward(images, count: 16, weights: weights, tape: tape)      // tape.outputs
///     model.backward(dClass, count: 16, weights: weights, tape: tape, adding: gradient.pointer)
///
/// An image's numbers are the same bytes at any thread count and whatever images share its call; the gradient's sums depend on which
/// images a call holds. All depend on the precision and on the instruction set of `Kernels`.
public struct VisionTransformer: Sendable {
  public let configuration: Configuration
  /// All backbone parameters under timm's names, behind whatever the layout held before.
  public let layout: ParameterLayout
  /// The backbone's own part of `layout.entries`.
  public let entries: ArraySlice<ParameterEntry>

  let positionEmbedding: PositionEmbedding
  let patchEmbedding: PatchEmbedding
  let blocks: [Block]
  let norm: LayerNorm

  /// Appends the backbone's parameters to a layout that may go on; offsets are relative to that buffer.
  public init(_ configuration: Configuration, appendingTo layout: inout ParameterLayout) {
    configuration.check()
    let first = layout.entries.count
    positionEmbedding = PositionEmbedding(configuration, in: &layout)
    patchEmbedding = PatchEmbedding("patch_embed", configuration, in: &layout)
    var blocks: [Block] = []
    for index in 0..<configuration.depth { blocks.append(Block("blocks.\(index)", configuration, in: &layout)) }
    self.blocks = blocks
    norm = LayerNorm("norm", width: configuration.width, epsilon: configuration.layerNormEpsilon, in: &layout)
    self.configuration = configuration
    self.layout = layout
    entries = layout.entries[first...]
  }

  public init(_ configuration: Configuration) {
    var layout = ParameterLayout()
    self.init(configuration, appendingTo: &layout)
  }

  /// Sets the weights as DINO does: normal with deviation 0.02 (the reference cuts at ±2, a hundred deviations out), biases
  /// zero, norms one and zero; factors of branches 1e-5 as in DINOv2. Every tensor draws from a stream of its own name.
  public func initialize(_ parameters: ParameterBuffer, seed: Seed) {
    for entry in entries {
      if let constant = VisionTransformer.startingConstant(entry.path) {
        parameters.pointer.advanced(by: entry.range.lowerBound).update(repeating: constant, count: entry.range.count)
        continue
      }
      var generator = seed.split(entry.path).generator()
      for index in entry.range { parameters.pointer[index] = Float(0.02 * generator.normal()) }
    }
  }

  /// What a tensor starts as where it is not drawn.
  private static func startingConstant(_ path: String) -> Float? {
    if path.hasSuffix(".bias") { return 0 }
    if path.hasSuffix(".gamma") { return 1e-5 }
    return path.contains("norm") ? 1 : nil
  }

  /// The numbers as products read them, shared by all tapes; see `PackedWeights`.
  public func pack(_ parameters: ParameterBuffer, precision: Precision, forTraining: Bool = false) -> PackedWeights {
    PackedWeights(parameters, precision: precision, forTraining: forTraining)
  }

  /// A tape for up to `images` images of `side` pixels; `side` is a multiple of the patch and may differ from the table's.
  /// - Parameters:
  ///   - forTraining: false keeps only what forward needs (a teacher, inference).
  ///   - recomputes: keep only the stream between blocks, and compute the rest again in backward; see `Tape`.
  public func makeTape(
    images: Int, side: Int, precision: Precision, forTraining: Bool = true, recomputes: Bool = false
  ) -> Tape {
    Tape(
      configuration, images: images, side: side, precision: precision, forTraining: forTraining, recomputes: recomputes,
      members: 1)
  }

  /// What comes out of the network.
  public enum Output: Sendable {
    /// The class tokens alone. In the last block only they ask, since nobody reads the others: the same arithmetic, less of it.
    case classTokens
    /// All tokens: class, registers, patches row by row.
    case tokens
  }

  /// Runs the network and leaves what is asked for, after the final norm, in `tape.outputs`.
  /// - Parameters:
  ///   - images: [count, channels, side, side], standardised.
  ///   - residualScale: nil, or [2 · depth, count] factors of each residual branch and image: attention of block 0, feed-forward of block 0, … (stochastic depth: 0 or 1/(1-p)). A training tape's only.
  ///   - mask: patches that are not seen; nil for none.
  public func forward(
    _ images: UnsafePointer<Float>, count: Int, weights: PackedWeights, tape: Tape, output: Output = .classTokens,
    residualScale: UnsafePointer<Float>? = nil, mask: PatchMask? = nil
  ) {
    begin(tape, count: count, weights: weights)
    tape.queries = output == .tokens ? tape.tokens : 1
    keep(residualScale, tape)
    embed(images, weights: weights, tape: tape)
    tape.mask = mask
    if let mask { hide(mask, weights: weights, tape: tape) }
    run(blocks.count, weights: weights, tape: tape, lastQueries: tape.queries)
    finish(rows: count * tape.queries, weights: weights, tape: tape)
  }

  /// Stochastic depth's factors, one a row: of all tokens, or in the last block of those that ask.
  private func keep(_ residualScale: UnsafePointer<Float>?, _ tape: Tape) {
    tape.hasResidualScale = residualScale != nil
    guard let residualScale else { return }
    guard let factors = tape.residualScale else { preconditionFailure("stochastic depth on a tape for inference") }
    for branch in 0..<2 * blocks.count {
      let row = factors + branch * tape.count * tape.tokens
      // Of the last block's input all tokens are read, but no factor of theirs; the branches' ends have the asking ones.
      let queries = branch / 2 == blocks.count - 1 ? tape.queries : tape.tokens
      for image in 0..<tape.count {
        (row + image * queries).update(repeating: residualScale[branch * tape.count + image], count: queries)
      }
    }
  }

  /// Adds the gradients of all parameters into `gradient`, laid out like the parameters.
  /// - Parameters:
  ///   - dOutputs: the gradient with respect to `tape.outputs` of the `forward` just before, of its shape.
  ///   - weights: packed for training.
  ///   - first: stops before the blocks below this one; above 0, also before tokens, positions and patches: what stands still needs no gradient.
  ///   - pixels: [count, channels, side, side], receives the gradient with respect to the images; nil where nobody asks.
  public func backward(
    _ dOutputs: UnsafePointer<Float>, count: Int, weights: PackedWeights, tape: Tape,
    adding gradient: UnsafeMutablePointer<Float>, from first: Int = 0, pixels: UnsafeMutablePointer<Float>? = nil
  ) {
    precondition(
      first == 0 || (first <= blocks.count && pixels == nil), "backward from block \(first) of \(blocks.count)")
    guard let scratch = tape.gradients, let statistics = tape.finalStatistics else {
      preconditionFailure("backward on a tape made for inference")
    }
    precondition(tape.queries > 0, "backward without a forward before it")
    precondition(count == tape.count, "backward over \(count) images after forward over \(tape.count)")
    let rows = count * tape.queries
    scratch.stream.update(repeating: 0, count: rows * configuration.width)
    norm.backward(
      dOutputs, x: tape.blocks[blocks.count - 1].output, rows: rows, parameters: weights.parameters.pointer,
      statistics: statistics, addingInto: scratch.stream, adding: gradient)
    for index in (first..<blocks.count).reversed() {
      let queries = index == blocks.count - 1 ? tape.queries : tape.tokens
      let pass = pass(tape, index, weights: weights, queries: queries)
      // The last block's activations are still there.
      if tape.recomputes && index < blocks.count - 1 { blocks[index].forward(tape.blocks[index], pass) }
      blocks[index].backward(tape.blocks[index], pass, scratch: scratch, adding: gradient)
    }
    if first == 0 { unembed(scratch, weights: weights, tape: tape, adding: gradient, pixels: pixels) }
  }
}
