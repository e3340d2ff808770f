extension VisionTransformer {
  /// Scratch and everything backward needs, for up to `capacity` images of `side` pixels: made once, used again and again, by
  /// one thread at a time.
  ///
  /// For training it keeps every block's activations: 8 floats a token and channel, two a hidden one, and the attention weights.
  /// For inference all blocks share one set.
  public final class Tape: @unchecked Sendable {
    public let capacity: Int
    public let side: Int
    /// Class token included.
    public let tokens: Int
    public let isForTraining: Bool
    /// [count, width] after the final norm, as the last `forward` left it.
    public var classFeatures: UnsafePointer<Float> { UnsafePointer(finalRows) }

    let resampling: GridResampling?
    let patches: UnsafeMutablePointer<Float>
    let positions: UnsafeMutablePointer<Float>
    let blocks: [Block.Activations]
    let branch: UnsafeMutablePointer<Float>
    /// The final norm's result, [count, width], or of all tokens where features pool them.
    let finalRows: UnsafeMutablePointer<Float>
    let finalStatistics: LayerNorm.Statistics
    /// The factors of the last `forward`, [2 · depth, count], kept for backward.
    let residualScale: UnsafeMutablePointer<Float>
    var hasResidualScale = false
    /// What `backward` checks: the images of the last `forward`, 0 before the first.
    var count = 0
    let gradients: Block.Gradients?
    private let buffers: [UnsafeMutablePointer<Float>]

    init(_ configuration: Configuration, images: Int, side: Int, forTraining: Bool) {
      precondition(images > 0, "a tape for \(images) images")
      let patch = configuration.patchSize
      precondition(side > 0 && side % patch == 0, "side \(side) is no multiple of patch \(patch)")
      let grid = side / patch
      let tableGrid = configuration.imageSize / patch
      let (width, depth) = (configuration.width, configuration.depth)
      capacity = images
      self.side = side
      tokens = 1 + grid * grid
      isForTraining = forTraining
      resampling = grid == tableGrid ? nil : GridResampling(from: tableGrid, to: grid)

      var buffers: [UnsafeMutablePointer<Float>] = []
      func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
        buffers.append(allocateFloats(count))
        return buffers[buffers.count - 1]
      }
      let rows = images * tokens
      let hiddenWidth = configuration.hiddenWidth
      let weightsPerHead = Attention.Shape(images: images, tokens: tokens, queries: tokens).weightsPerHead
      func statistics() -> LayerNorm.Statistics {
        LayerNorm.Statistics(mean: floats(rows), reciprocalDeviation: floats(rows))
      }
      func activations(input: UnsafeMutablePointer<Float>) -> Block.Activations {
        let hidden = floats(rows * hiddenWidth)
        let normed1 = floats(rows * width)
        return Block.Activations(
          input: input, normed1: normed1, statistics1: statistics(),
          attention: Attention.Activations(
            qkv: floats(rows * 3 * width),
            weights: floats(forTraining ? images * configuration.heads * weightsPerHead : weightsPerHead),
            keepsWeights: forTraining, mixed: floats(rows * width)),
          middle: floats(rows * width), normed2: forTraining ? floats(rows * width) : normed1,
          statistics2: statistics(), hidden: hidden, activated: forTraining ? floats(rows * hiddenWidth) : hidden,
          output: forTraining ? floats(rows * width) : input)
      }

      patches = floats(images * configuration.channels * side * side)
      positions = floats(tokens * width)
      var blocks = [activations(input: floats(rows * width))]
      while blocks.count < depth {
        blocks.append(forTraining ? activations(input: blocks[blocks.count - 1].output) : blocks[0])
      }
      self.blocks = blocks
      branch = floats(rows * width)
      finalRows = floats(rows * width)
      finalStatistics = statistics()
      residualScale = floats(2 * depth * images)
      gradients =
        forTraining
        ? Block.Gradients(
          stream: floats(rows * width), branch: branch, normed: floats(rows * width),
          hidden: floats(rows * hiddenWidth),
          attention: Attention.Gradients(
            mixed: floats(rows * width), qkv: floats(rows * 3 * width), weights: floats(weightsPerHead))) : nil
      self.buffers = buffers
    }

    deinit { for buffer in buffers { buffer.deallocate() } }

    /// The factors of one block's branches, as kept for backward.
    func residualScale(ofBlock block: Int) -> Block.ResidualScale? {
      guard hasResidualScale else { return nil }
      return Block.ResidualScale(
        attention: residualScale + 2 * block * count, feedForward: residualScale + (2 * block + 1) * count)
    }
  }
}
