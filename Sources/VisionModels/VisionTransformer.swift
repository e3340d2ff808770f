public import Tensors

/// A vision transformer (Dosovitskiy et al. 2021), forward and backward, with timm's tensors and conventions: pre-norm blocks,
/// exact GELU, query-key-value in that order, a class token, learned positions, a final norm.
///
/// The value holds only where each tensor lies; the numbers are passed to every call, so that student, teacher and gradients
/// share one description.
///
///     let model = VisionTransformer(.named("vit_tiny", imageSize: 64, patchSize: 8, depth: 6)!)
///     let parameters = ParameterBuffer(model.layout)
///     model.initialize(parameters, seed: Seed(7))
///     let tape = model.makeTape(images: 16, side: 64)
///     model.forward(images, count: 16, parameters: parameters.pointer, tape: tape)      // tape.classFeatures
///     model.backward(dClass, count: 16, parameters: parameters.pointer, tape: tape, adding: gradient.pointer)
///
/// Results are the same bytes at any thread count, since one thread runs one tape; they may depend on how many images share a
/// call, on BLAS's kernel family and on the instruction set of `Kernels`.
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
  /// zero, norms one and zero. Every tensor draws from a stream of its own name.
  public func initialize(_ parameters: ParameterBuffer, seed: Seed) {
    for entry in entries {
      let isNorm = entry.path.contains("norm")
      var generator = seed.split(entry.path).generator()
      for index in entry.range {
        if entry.path.hasSuffix(".bias") {
          parameters.pointer[index] = 0
        } else if isNorm {
          parameters.pointer[index] = 1
        } else {
          parameters.pointer[index] = Float(0.02 * generator.normal())
        }
      }
    }
  }

  /// A tape for up to `images` images of `side` pixels; `side` is a multiple of the patch and may differ from the table's.
  /// - Parameter forTraining: false keeps only what forward needs (a teacher, inference).
  public func makeTape(images: Int, side: Int, forTraining: Bool = true) -> Tape {
    Tape(configuration, images: images, side: side, forTraining: forTraining)
  }

  /// Runs the network and leaves the class tokens, after the final norm, in `tape.classFeatures`.
  ///
  /// In the last block only the class token asks: nobody reads the others. That is the same arithmetic, less of it.
  /// - Parameters:
  ///   - images: [count, channels, side, side], standardised.
  ///   - residualScale: nil, or [2 · depth, count] factors of each residual branch and image: attention of block 0, feed-forward of block 0, … (stochastic depth: 0 or 1/(1-p)).
  public func forward(
    _ images: UnsafePointer<Float>, count: Int, parameters: UnsafePointer<Float>, tape: Tape,
    residualScale: UnsafePointer<Float>? = nil
  ) {
    tape.hasResidualScale = residualScale != nil
    if let residualScale {
      tape.residualScale.update(from: residualScale, count: 2 * configuration.depth * count)
    }
    embed(images, count: count, parameters: parameters, tape: tape)
    run(blocks.count, of: count, parameters: parameters, tape: tape, lastQueries: 1)
    norm.forward(
      tape.blocks[blocks.count - 1].output, rows: count, parameters: parameters, into: tape.finalRows,
      statistics: tape.finalStatistics)
  }

  /// Adds the gradients of all parameters into `gradient`, laid out like the parameters.
  /// - Parameter dClass: [count, width], the gradient with respect to `tape.classFeatures` of the `forward` just before.
  public func backward(
    _ dClass: UnsafePointer<Float>, count: Int, parameters: UnsafePointer<Float>, tape: Tape,
    adding gradient: UnsafeMutablePointer<Float>
  ) {
    guard let scratch = tape.gradients else { preconditionFailure("backward on a tape made for inference") }
    precondition(count == tape.count, "backward over \(count) images after forward over \(tape.count)")
    scratch.stream.update(repeating: 0, count: count * configuration.width)
    norm.backward(
      dClass, x: tape.blocks[blocks.count - 1].output, rows: count, parameters: parameters,
      statistics: tape.finalStatistics, addingInto: scratch.stream, adding: gradient)
    for index in blocks.indices.reversed() {
      blocks[index].backward(
        tape.blocks[index], shape: shape(tape, count, queries: index == blocks.count - 1 ? 1 : tape.tokens),
        parameters: parameters, residualScale: tape.residualScale(ofBlock: index), scratch: scratch, adding: gradient)
    }
    unembed(scratch, count: count, parameters: parameters, tape: tape, adding: gradient)
  }
}
