import Kernels
import Tensors

/// y = x Wᵀ + b over rows: the affine layer, its weight [outputs, inputs] as PyTorch keeps it.
public struct Linear: Sendable {
  public let weight: Range<Int>
  public let bias: Range<Int>
  public let inputs: Int
  public let outputs: Int

  /// Appends `<path>.weight` and `<path>.bias`. `shape` is the weight's where it is stored under another one ([outputs, 3, p, p]).
  public init(_ path: String, inputs: Int, outputs: Int, shape: [Int]? = nil, in layout: inout ParameterLayout) {
    self.inputs = inputs
    self.outputs = outputs
    weight = layout.append(path + ".weight", shape ?? [outputs, inputs])
    bias = layout.append(path + ".bias", [outputs])
  }

  /// Writes y, [rows, outputs]; rows of x and y may lie further apart than they are long.
  /// - Parameter part: computes only these outputs, at their places in y.
  public func forward(
    _ x: UnsafePointer<Float>, strideX: Int? = nil, rows: Int, parameters: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, strideY: Int? = nil, part: Range<Int>? = nil
  ) {
    let part = part ?? 0..<outputs
    let stride = strideY ?? outputs
    let target = y + part.lowerBound
    // The bias first and the product added to it: the product would otherwise write zeros there before it begins.
    broadcast_row(target, parameters + bias.lowerBound + part.lowerBound, rows, part.count, stride)
    BLAS.multiply(
      x, parameters + weight.lowerBound + part.lowerBound * inputs, transposeB: true, into: target, m: rows,
      n: part.count, k: inputs, beta: 1, strideA: strideX ?? inputs, strideC: stride)
  }

  /// Adds the gradients of weight and bias, given dy and the x of `forward`, and writes (or with `accumulating` adds) dx.
  /// - Parameter dx: nil where nobody needs it.
  public func backward(
    _ dy: UnsafePointer<Float>, strideDY: Int? = nil, x: UnsafePointer<Float>, strideX: Int? = nil, rows: Int,
    parameters: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>?, strideDX: Int? = nil,
    accumulating: Bool = false, adding gradient: UnsafeMutablePointer<Float>, part: Range<Int>? = nil
  ) {
    let part = part ?? 0..<outputs
    let stride = strideDY ?? outputs
    let source = dy + part.lowerBound
    column_sums(gradient + bias.lowerBound + part.lowerBound, source, rows, part.count, stride)
    BLAS.multiply(
      source, transposeA: true, x, into: gradient + weight.lowerBound + part.lowerBound * inputs, m: part.count,
      n: inputs, k: rows, beta: 1, strideA: stride, strideB: strideX ?? inputs)
    guard let dx else { return }
    BLAS.multiply(
      source, parameters + weight.lowerBound + part.lowerBound * inputs, into: dx, m: rows, n: inputs, k: part.count,
      beta: accumulating ? 1 : 0, strideA: stride, strideC: strideDX ?? inputs)
  }
}
