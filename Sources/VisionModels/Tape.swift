import Kernels
import Tensors

extension VisionTransformer {
  /// Scratch and everything backward needs, for up to `capacity` images of `side` pixels: made once, used again and again, by
  /// one thread at a time (or by the members that share each image).
  ///
  /// For training it keeps every block's activations: per token and channel of the stream two f32 and six operands, per hidden channel two
  /// operands more. With recomputation only the stream between blocks is kept, one f32 per token, channel and block, and
  /// backward runs each block forward once more: a third more work.
  /// For inference all blocks share one set.
  public final class Tape: @unchecked Sendable {
    /// Rows that go through half a block at a time where nothing is kept: between them and the weights the second-level cache is shared.
    static let rowsAtOnce = 192

    public let capacity: Int
    public let side: Int
    /// Class token and registers included.
    public let tokens: Int
    public let precision: Precision
    public let isForTraining: Bool
    let recomputes: Bool
    /// What the last `forward` left after the final norm: [count, width], or [count, tokens, width].
    public var outputs: UnsafePointer<Float> { UnsafePointer(finalRows) }

    let resampling: GridResampling?
    let rotary: RotaryAngles?
    let patches: UnsafeMutableRawPointer
    let positions: UnsafeMutablePointer<Float>
    let blocks: [Block.Activations]
    /// The final norm's result.
    let finalRows: UnsafeMutablePointer<Float>
    let finalStatistics: LayerNorm.Statistics?
    /// The factors of the last `forward`, [2 · depth, count · tokens], kept for backward.
    let residualScale: UnsafeMutablePointer<Float>?
    var hasResidualScale = false
    /// What `backward` checks: the images of the last `forward`, 0 before the first.
    var count = 0
    /// Tokens of each image that came out of it.
    var queries = 0
    /// Patches that the last `forward` did not see.
    var mask: PatchMask?
    let gradients: Block.Gradients?
    /// For one head's attention, one a member.
    let headScratch: [UnsafeMutableRawPointer]
    let barrier: Barrier?
    /// Gradients of patches, made when first asked for.
    var patchGradients: OperandBuffer?
    private let buffers: [OperandBuffer]
    /// What it takes of memory, but for what only gradients of pixels ask for.
    public var bytes: Int { buffers.reduce(gradients?.attention.pack.bytes ?? 0) { $0 + $1.bytes } }

    init(
      _ configuration: Configuration, images: Int, side: Int, precision: Precision, forTraining: Bool, recomputes: Bool,
      members: Int
    ) {
      precondition(images > 0, "a tape for \(images) images")
      precondition(members == 1 || !forTraining, "training shares no image")
      let patch = configuration.patchSize
      precondition(side > 0 && side % patch == 0, "side \(side) is no multiple of patch \(patch)")
      if let fault = configuration.fault(in: precision) { preconditionFailure(fault) }
      let grid = side / patch
      let tableGrid = configuration.imageSize / patch
      let (width, depth) = (configuration.width, configuration.depth)
      capacity = images
      self.side = side
      self.precision = precision
      let tokens = configuration.prefixTokens + grid * grid
      self.tokens = tokens
      isForTraining = forTraining
      let recomputes = recomputes && forTraining
      self.recomputes = recomputes
      resampling =
        configuration.positions == .rotary || grid == tableGrid
        ? nil : GridResampling(from: tableGrid, to: grid, configuration.interpolation)
      rotary = configuration.positions == .rotary ? RotaryAngles(configuration, grid: grid) : nil
      barrier = members == 1 ? nil : Barrier(members)

      var room = Room(precision)
      let rows = images * tokens
      // As `Block.forward` lays them out: rows at their own places where they go through at once, else a stretch for each member.
      let places = forTraining || rows <= Tape.rowsAtOnce ? rows : members * Tape.rowsAtOnce
      let isGated = configuration.feedForward == .swiglu
      let (hidden, inner) = (configuration.hiddenWidth, configuration.hiddenWidth * (isGated ? 2 : 1))
      let headWidth = width / configuration.heads
      func statistics(_ room: inout Room) -> LayerNorm.Statistics {
        LayerNorm.Statistics(mean: room.floats(rows), reciprocalDeviation: room.floats(rows))
      }
      let normed = forTraining ? nil : room.operand(places * width)
      func activations(
        _ room: inout Room, input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>?
      ) -> Block.Activations {
        Block.Activations(
          input: input, normed1: normed ?? room.operand(rows * width),
          attention: Attention.Activations(
            qkv: room.operand(rows * 3 * width),
            statistics: forTraining ? room.floats(images * configuration.heads * tokens * 2) : nil,
            mixed: room.operand(rows * width)),
          middle: forTraining ? room.floats(rows * width) : input,
          output: forTraining ? output ?? room.floats(rows * width) : input,
          normed2: normed ?? room.operand(rows * width), activated: room.operand(places * hidden),
          hidden: forTraining || isGated ? room.operand(places * inner) : nil,
          kept: forTraining
            ? Block.Kept(
              statistics1: statistics(&room), statistics2: statistics(&room),
              branch1: configuration.hasLayerScale ? room.operand(rows * width) : nil,
              branch2: configuration.hasLayerScale ? room.operand(rows * width) : nil) : nil)
      }

      let patchStride = operandStride(configuration.channels * patch * patch)
      patches = room.operand((forTraining ? images : members) * grid * grid * patchStride)
      positions = room.floats(tokens * width)
      var blocks = [activations(&room, input: room.floats(rows * width), output: nil)]
      while blocks.count < depth {
        let last = blocks[blocks.count - 1]
        if recomputes {
          blocks.append(last.moved(input: last.output, output: room.floats(rows * width)))
        } else {
          blocks.append(forTraining ? activations(&room, input: last.output, output: nil) : last)
        }
      }
      self.blocks = blocks
      finalRows = room.floats(rows * width)
      finalStatistics = forTraining ? statistics(&room) : nil
      residualScale = forTraining ? room.floats(2 * depth * rows) : nil
      if forTraining {
        let pack = PackScratch(
          rows: rows, outputs: max(3 * width, inner), inputs: max(hidden, width, patchStride), precision)
        gradients = Block.Gradients(
          stream: room.floats(rows * width), branch: room.operand(rows * width), normed: room.floats(rows * width),
          attention: Attention.Gradients(
            mixed: room.operand(rows * width), qkv: room.operand(rows * 3 * width),
            head: room.bytes(attention_scratch(tokens, headWidth, precision.number, 1)), pack: pack),
          feedForward: FeedForward.Gradients(
            hidden: room.operand(rows * inner), activated: isGated ? room.operand(rows * hidden) : nil, pack: pack))
      } else {
        gradients = nil
      }
      headScratch = (0..<members).map { _ in room.bytes(attention_scratch(tokens, headWidth, precision.number, 0)) }
      buffers = room.buffers
    }

    /// The factors of one block's branches, as kept for backward.
    func residualScale(ofBlock block: Int) -> Block.ResidualScale? {
      guard hasResidualScale, let residualScale else { return nil }
      let rows = count * tokens
      return Block.ResidualScale(
        attention: residualScale + 2 * block * rows, feedForward: residualScale + (2 * block + 1) * rows)
    }
  }
}

extension Block.Activations {
  /// The same places for everything but the stream.
  fileprivate func moved(input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>) -> Self {
    Self(
      input: input, normed1: normed1, attention: attention, middle: middle, output: output, normed2: normed2,
      activated: activated, hidden: hidden, kept: kept)
  }
}

/// Hands out buffers and remembers them.
private struct Room {
  let precision: Precision
  var buffers: [OperandBuffer] = []

  init(_ precision: Precision) { self.precision = precision }

  mutating func bytes(_ count: Int) -> UnsafeMutableRawPointer {
    buffers.append(OperandBuffer(bytes: count))
    return buffers[buffers.count - 1].pointer
  }

  mutating func operand(_ count: Int) -> UnsafeMutableRawPointer { bytes(count * precision.bytes) }

  mutating func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    bytes(4 * count).assumingMemoryBound(to: Float.self)
  }
}
