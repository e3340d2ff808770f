package import Kernels
package import Tensors

/// y = x Wᵀ + b over rows: the affine layer, its weight [outputs, inputs] as PyTorch keeps it.
public struct Linear: Sendable {
  package let weight: Range<Int>
  package let bias: Range<Int>
  package let inputs: Int
  package let outputs: Int
  /// Outputs that may be asked for alone, each a matrix of its own to the products.
  private let parts: [Part]

  private struct Part {
    let outputs: Range<Int>
    let product: Int
  }

  /// Appends `<path>.weight` and `<path>.bias`.
  /// - Parameters:
  ///   - shape: the weight's where it is stored under another one ([outputs, 3, p, p]).
  ///   - parts: numbers of outputs that may be asked for alone; they add up to `outputs`.
  package init(
    _ path: String, inputs: Int, outputs: Int, shape: [Int]? = nil, parts: [Int]? = nil,
    in layout: inout ParameterLayout
  ) {
    self.inputs = inputs
    self.outputs = outputs
    weight = layout.append(path + ".weight", shape ?? [outputs, inputs])
    bias = layout.append(path + ".bias", [outputs])
    var made: [Part] = []
    for count in parts ?? [outputs] {
      let first = made.last?.outputs.upperBound ?? 0
      let product = layout.appendProduct(offset: weight.lowerBound + first * inputs, inputs: inputs, outputs: count)
      made.append(Part(outputs: first..<first + count, product: product))
    }
    self.parts = made
  }

  /// The product of `rows` rows of x, `stride` numbers apart, with the weight; the edge says where it goes and gets the bias.
  /// - Parameters:
  ///   - part: computes only these outputs; the edge's places are then theirs.
  ///   - operation: under which name it is measured.
  package func forward(
    _ x: UnsafeMutableRawPointer, stride: Int, rows: Int, weights: PackedWeights, edge: product_edge, part: Int? = nil,
    as operation: OperationProfile.Operation
  ) {
    OperationProfile.measure(
      operation, operations: 2 * rows * inputs * (part.map { parts[$0].outputs.count } ?? outputs)
    ) {
      multiply(x, stride: stride, rows: rows, weights: weights, edge: edge, part: part)
    }
  }

  private func multiply(
    _ x: UnsafeMutableRawPointer, stride: Int, rows: Int, weights: PackedWeights, edge: product_edge, part: Int?
  ) {
    let bytes = edge.type == Precision.bf16.number ? 2 : 4
    for (index, piece) in parts.enumerated() where part == nil || part == index {
      var edge = edge
      edge.bias = UnsafePointer(weights.parameters.pointer) + bias.lowerBound + piece.outputs.lowerBound
      if part == nil { edge.out += piece.outputs.lowerBound * bytes }
      product(
        x, stride: stride, rows: rows, columns: piece.outputs.count, depth: inputs,
        right: weights.matrices[piece.product].forward, weights.precision, edge)
    }
  }

  /// Adds the gradients of weight and bias, given dy and the x of `forward`, and computes dx.
  /// - Parameters:
  ///   - dx: what becomes of dy W, nil where nobody needs it; with several parts its sums are added up.
  ///   - part: as in `forward`; dy then holds these outputs alone.
  ///   - operation: under which name it is measured.
  package func backward(
    _ dy: UnsafeMutableRawPointer, strideDY: Int, x: UnsafeMutableRawPointer, strideX: Int, rows: Int,
    weights: PackedWeights, dx: product_edge?, scratch: PackScratch, adding gradient: UnsafeMutablePointer<Float>,
    part: Int? = nil, as operation: OperationProfile.Operation
  ) {
    let count = 2 * rows * inputs * (part.map { parts[$0].outputs.count } ?? outputs)
    OperationProfile.measure(operation, operations: dx == nil ? count : 2 * count) {
      differentiate(
        dy, strideDY: strideDY, x: x, strideX: strideX, rows: rows, weights: weights, dx: dx, scratch: scratch,
        adding: gradient, part: part)
    }
  }

  private func differentiate(
    _ dy: UnsafeMutableRawPointer, strideDY: Int, x: UnsafeMutableRawPointer, strideX: Int, rows: Int,
    weights: PackedWeights, dx: product_edge?, scratch: PackScratch, adding gradient: UnsafeMutablePointer<Float>,
    part: Int?
  ) {
    let precision = weights.precision
    let wanted = part.map { parts[$0].outputs } ?? 0..<outputs
    column_sums(gradient + bias.lowerBound + wanted.lowerBound, dy, precision.number, rows, wanted.count, strideDY)
    scratch.addOuterProduct(
      dy, strideDY, x, strideX, rows: rows, outputs: wanted.count, inputs: inputs, precision,
      into: gradient + weight.lowerBound + wanted.lowerBound * inputs)
    guard var edge = dx else { return }
    for (index, piece) in parts.enumerated() where part == nil || part == index {
      let first = part == nil ? piece.outputs.lowerBound : 0
      product(
        dy.advanced(by: first, precision), stride: strideDY, rows: rows, columns: inputs, depth: piece.outputs.count,
        right: weights.matrices[piece.product].backward, precision, edge)
      edge = .add(into: edge.out.assumingMemoryBound(to: Float.self), stride: edge.stride)
    }
  }
}
