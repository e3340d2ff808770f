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
  private var scale: Float { 1 / Float(headWidth).squareRoot() }

  init(_ path: String, width: Int, heads: Int, in layout: inout ParameterLayout) {
    self.width = width
    self.heads = heads
    qkv = Linear(path + ".qkv", inputs: width, outputs: 3 * width, in: &layout)
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
    /// Distance between two rows of attention weights.
    var stride: Int { softmax_stride(tokens) }
    /// Floats that the weights of one image and head take.
    var weightsPerHead: Int { queries * stride }
  }

  /// What the layer leaves for backward.
  struct Activations {
    /// [images · tokens, 3 · width]: queries, keys, values side by side.
    let qkv: UnsafeMutablePointer<Float>
    /// [images, heads, queries, stride], rows that sum to one; or a single [queries, stride], written anew for every head.
    let weights: UnsafeMutablePointer<Float>
    let keepsWeights: Bool
    /// [images · queries, width]: the heads' results side by side.
    let mixed: UnsafeMutablePointer<Float>
  }

  /// x is [images · tokens, width]; writes y, [images · queries, width].
  func forward(
    _ x: UnsafePointer<Float>, shape: Shape, parameters: UnsafePointer<Float>, activations: Activations,
    into y: UnsafeMutablePointer<Float>
  ) {
    if shape.isWhole {
      qkv.forward(x, rows: shape.rows, parameters: parameters, into: activations.qkv)
    } else {
      precondition(shape.queries == 1, "\(shape.queries) queries of \(shape.tokens) tokens")
      qkv.forward(
        x, strideX: shape.tokens * width, rows: shape.images, parameters: parameters, into: activations.qkv,
        strideY: shape.tokens * 3 * width, part: 0..<width)
      qkv.forward(
        x, rows: shape.rows, parameters: parameters, into: activations.qkv, strideY: 3 * width, part: width..<3 * width)
    }
    for image in 0..<shape.images {
      let rows = activations.qkv + image * shape.tokens * 3 * width
      let mixed = activations.mixed + image * shape.queries * width
      for head in 0..<heads {
        let query = rows + head * headWidth
        let weights = weights(activations, shape, image, head)
        BLAS.multiply(
          query, query + width, transposeB: true, into: weights, m: shape.queries, n: shape.tokens, k: headWidth,
          alpha: scale, strideA: 3 * width, strideB: 3 * width, strideC: shape.stride)
        softmax_forward(weights, shape.queries, shape.tokens, shape.stride)
        BLAS.multiply(
          weights, query + 2 * width, into: mixed + head * headWidth, m: shape.queries, n: headWidth, k: shape.tokens,
          strideA: shape.stride, strideB: 3 * width, strideC: width)
      }
    }
    projection.forward(activations.mixed, rows: shape.queryRows, parameters: parameters, into: y)
  }

  /// Scratch of backward.
  struct Gradients {
    /// [images · queries, width]
    let mixed: UnsafeMutablePointer<Float>
    /// [images · tokens, 3 · width]
    let qkv: UnsafeMutablePointer<Float>
    /// [queries, stride]
    let weights: UnsafeMutablePointer<Float>
  }

  /// Writes dx, [images · tokens, width], given dy, [images · queries, width].
  func backward(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, shape: Shape, parameters: UnsafePointer<Float>,
    activations: Activations, scratch: Gradients, dx: UnsafeMutablePointer<Float>,
    adding gradient: UnsafeMutablePointer<Float>
  ) {
    projection.backward(
      dy, x: activations.mixed, rows: shape.queryRows, parameters: parameters, dx: scratch.mixed, adding: gradient)
    for image in 0..<shape.images {
      let rows = activations.qkv + image * shape.tokens * 3 * width
      let dRows = scratch.qkv + image * shape.tokens * 3 * width
      let dMixed = scratch.mixed + image * shape.queries * width
      for head in 0..<heads {
        backward(
          query: rows + head * headWidth, weights: weights(activations, shape, image, head),
          dMixed: dMixed + head * headWidth, shape: shape, dWeights: scratch.weights, dQuery: dRows + head * headWidth)
      }
    }
    if shape.isWhole {
      qkv.backward(scratch.qkv, x: x, rows: shape.rows, parameters: parameters, dx: dx, adding: gradient)
    } else {
      qkv.backward(
        scratch.qkv, strideDY: 3 * width, x: x, rows: shape.rows, parameters: parameters, dx: dx, adding: gradient,
        part: width..<3 * width)
      qkv.backward(
        scratch.qkv, strideDY: shape.tokens * 3 * width, x: x, strideX: shape.tokens * width, rows: shape.images,
        parameters: parameters, dx: dx, strideDX: shape.tokens * width, accumulating: true, adding: gradient,
        part: 0..<width)
    }
  }

  /// One image and head: with P = softmax(s q kᵀ), dV = Pᵀ dO, dP = dO Vᵀ, dS = P · (dP - Σ P dP), dQ = s dS K, dK = s dSᵀ Q.
  private func backward(
    query: UnsafePointer<Float>, weights: UnsafePointer<Float>, dMixed: UnsafePointer<Float>, shape: Shape,
    dWeights: UnsafeMutablePointer<Float>, dQuery: UnsafeMutablePointer<Float>
  ) {
    let (queries, tokens, stride) = (shape.queries, shape.tokens, shape.stride)
    BLAS.multiply(
      weights, transposeA: true, dMixed, into: dQuery + 2 * width, m: tokens, n: headWidth, k: queries, strideA: stride,
      strideB: width, strideC: 3 * width)
    BLAS.multiply(
      dMixed, query + 2 * width, transposeB: true, into: dWeights, m: queries, n: tokens, k: headWidth, strideA: width,
      strideB: 3 * width, strideC: stride)
    softmax_backward(dWeights, weights, queries, tokens, stride)
    BLAS.multiply(
      dWeights, query + width, into: dQuery, m: queries, n: headWidth, k: tokens, alpha: scale, strideA: stride,
      strideB: 3 * width, strideC: 3 * width)
    BLAS.multiply(
      dWeights, transposeA: true, query, into: dQuery + width, m: tokens, n: headWidth, k: queries, alpha: scale,
      strideA: stride, strideB: 3 * width, strideC: 3 * width)
  }

  private func weights(_ activations: Activations, _ shape: Shape, _ image: Int, _ head: Int)
    -> UnsafeMutablePointer<Float>
  {
    activations.keepsWeights ? activations.weights + (image * heads + head) * shape.weightsPerHead : activations.weights
  }
}
