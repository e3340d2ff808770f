import Kernels
import Tensors

/// Multi-head self-attention (Vaswani et al. 2017): softmax(q kᵀ / √d) v in every head, then a projection.
///
/// `queries` says how many tokens of each image, counted from its first, ask: all of them, or in the last block only the class
/// token where nobody reads the others. Keys and values are always those of all tokens.
struct Attention: Sendable {
  let qkv: Linear
  let projection: Linear
  let width: Int
  let heads: Int
  private var headWidth: Int { width / heads }
  /// Which parts of `qkv`.
  private static let queries = 0
  private static let keysAndValues = 1

  init(_ path: String, width: Int, heads: Int, in layout: inout ParameterLayout) {
    self.width = width
    self.heads = heads
    qkv = Linear(path + ".qkv", inputs: width, outputs: 3 * width, parts: [width, 2 * width], in: &layout)
    projection = Linear(path + ".proj", inputs: width, outputs: width, in: &layout)
  }

  /// Extents of one call.
  struct Shape {
    let images: Int
    let tokens: Int
    let queries: Int

    var rows: Int { images * tokens }
    var queryRows: Int { images * queries }
    var isWhole: Bool { queries == tokens }
  }

  /// What the layer leaves for backward.
  struct Activations {
    /// [images · tokens, 3 · width]: queries, keys, values side by side.
    let qkv: UnsafeMutableRawPointer
    /// [images, heads, queries, 2], what backward needs to make the weights again; nil without backward.
    let statistics: UnsafeMutablePointer<Float>?
    /// [images · queries, width]: the heads' results side by side.
    let mixed: UnsafeMutableRawPointer
  }

  /// Queries, keys and values of the rows `rows` of x, [images · tokens, width]; x points to the first of them.
  func project(
    _ x: UnsafeMutableRawPointer, rows: Range<Int>, shape: Shape, weights: PackedWeights, rotary: RotaryAngles?,
    into activations: Activations
  ) {
    let precision = weights.precision
    let target = activations.qkv.advanced(by: rows.lowerBound * 3 * width, precision)
    if shape.isWhole {
      qkv.forward(
        x, stride: width, rows: rows.count, weights: weights, edge: .affine(into: target, stride: 3 * width, precision),
        as: .qkv)
    } else {
      precondition(shape.queries == 1, "\(shape.queries) queries of \(shape.tokens) tokens")
      let first = (rows.lowerBound + shape.tokens - 1) / shape.tokens
      let end = (rows.upperBound + shape.tokens - 1) / shape.tokens
      if end > first {
        qkv.forward(
          x.advanced(by: (first * shape.tokens - rows.lowerBound) * width, precision), stride: shape.tokens * width,
          rows: end - first, weights: weights,
          edge: .affine(
            into: activations.qkv.advanced(by: first * shape.tokens * 3 * width, precision),
            stride: shape.tokens * 3 * width, precision), part: Attention.queries, as: .qkv)
      }
      qkv.forward(
        x, stride: width, rows: rows.count, weights: weights,
        edge: .affine(into: target.advanced(by: width, precision), stride: 3 * width, precision),
        part: Attention.keysAndValues, as: .qkv)
    }
    rotary?.turn(activations.qkv, stride: 3 * width, rows: rows, precision)
  }

  /// Mixes values into `activations.mixed`, for the heads that are the share's.
  func mix(
    _ activations: Activations, shape: Shape, precision: Precision, share: Share, scratch: UnsafeMutableRawPointer
  ) {
    let units = share.part(of: shape.images * heads)
    OperationProfile.measure(.attention, operations: operations(shape, units.count)) {
      mix(activations, shape: shape, precision: precision, units: units, scratch: scratch)
    }
  }

  /// Of scores and mixtures.
  private func operations(_ shape: Shape, _ units: Int) -> Int { 4 * units * shape.queries * shape.tokens * headWidth }

  private func mix(
    _ activations: Activations, shape: Shape, precision: Precision, units: Range<Int>, scratch: UnsafeMutableRawPointer
  ) {
    for unit in units {
      var asked = head(activations.qkv, shape, unit, precision)
      attention_prepare(&asked, scratch)
      attention_forward(
        &asked, 0, shape.queries, place(activations.mixed, shape, unit, precision), width,
        activations.statistics.map { $0 + unit * shape.queries * 2 }, scratch)
    }
  }

  /// Head `unit % heads` of image `unit / heads`.
  func head(_ qkv: UnsafeMutableRawPointer, _ shape: Shape, _ unit: Int, _ precision: Precision) -> attention_head {
    let first = unit / heads * shape.tokens * 3 * width + unit % heads * headWidth
    let query = qkv.advanced(by: first, precision)
    return attention_head(
      q: query, k: query.advanced(by: width, precision), v: query.advanced(by: 2 * width, precision),
      stride: 3 * width, type: precision.number, tokens: shape.tokens, queries: shape.queries, headWidth: headWidth,
      scale: 1 / Float(headWidth).squareRoot())
  }

  /// The head's place in [images · queries, width].
  private func place(
    _ rows: UnsafeMutableRawPointer, _ shape: Shape, _ unit: Int, _ precision: Precision
  ) -> UnsafeMutableRawPointer {
    rows.advanced(by: unit / heads * shape.queries * width + unit % heads * headWidth, precision)
  }

  /// Scratch of backward.
  struct Gradients {
    /// [images · queries, width]
    let mixed: UnsafeMutableRawPointer
    /// [images · tokens, 3 · width]
    let qkv: UnsafeMutableRawPointer
    let head: UnsafeMutableRawPointer
    let pack: PackScratch
  }

  /// Writes dx, [images · tokens, width] f32, given dy, [images · queries, width], and x, both operands.
  func backward(
    _ dy: UnsafeMutableRawPointer, x: UnsafeMutableRawPointer, shape: Shape, weights: PackedWeights,
    rotary: RotaryAngles?, activations: Activations, scratch: Gradients, dx: UnsafeMutablePointer<Float>,
    adding gradient: UnsafeMutablePointer<Float>
  ) {
    let precision = weights.precision
    projection.backward(
      dy, strideDY: width, x: activations.mixed, strideX: width, rows: shape.queryRows, weights: weights,
      dx: .affine(into: scratch.mixed, stride: width, precision), scratch: scratch.pack, adding: gradient,
      as: .projectionBackward)
    guard let statistics = activations.statistics else { preconditionFailure("backward without statistics") }
    let units = shape.images * heads
    // Scores again, and four products of the way back.
    OperationProfile.measure(.attentionBackward, operations: operations(shape, units) / 2 * 5) {
      for unit in 0..<units {
        var asked = head(activations.qkv, shape, unit, precision)
        let dq = scratch.qkv.advanced(by: unit / heads * shape.tokens * 3 * width + unit % heads * headWidth, precision)
        attention_backward(
          &asked, place(activations.mixed, shape, unit, precision), place(scratch.mixed, shape, unit, precision), width,
          statistics + unit * shape.queries * 2, dq, dq.advanced(by: width, precision),
          dq.advanced(by: 2 * width, precision), 3 * width, scratch.head)
      }
    }
    rotary?.turn(scratch.qkv, stride: 3 * width, rows: 0..<shape.rows, backwards: true, precision)
    if shape.isWhole {
      qkv.backward(
        scratch.qkv, strideDY: 3 * width, x: x, strideX: width, rows: shape.rows, weights: weights,
        dx: .sums(into: dx, stride: width), scratch: scratch.pack, adding: gradient, as: .qkvBackward)
      return
    }
    qkv.backward(
      scratch.qkv.advanced(by: width, precision), strideDY: 3 * width, x: x, strideX: width, rows: shape.rows,
      weights: weights, dx: .sums(into: dx, stride: width), scratch: scratch.pack, adding: gradient,
      part: Attention.keysAndValues, as: .qkvBackward)
    qkv.backward(
      scratch.qkv, strideDY: shape.tokens * 3 * width, x: x, strideX: shape.tokens * width, rows: shape.images,
      weights: weights, dx: .add(into: dx, stride: shape.tokens * width), scratch: scratch.pack, adding: gradient,
      part: Attention.queries, as: .qkvBackward)
  }
}
