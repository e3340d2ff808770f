import Kernels
import Tensors

/// Layer norm over the last axis (Ba, Kiros, Hinton 2016): (x - mean) / √(variance + ε) · γ + β.
struct LayerNorm: Sendable {
  let gamma: Range<Int>
  let beta: Range<Int>
  let width: Int
  let epsilon: Float

  /// What backward needs of the rows it saw.
  struct Statistics {
    let mean: UnsafeMutablePointer<Float>
    let reciprocalDeviation: UnsafeMutablePointer<Float>
  }

  /// Appends `<path>.weight` (γ) and `<path>.bias` (β).
  init(_ path: String, width: Int, epsilon: Float, in layout: inout ParameterLayout) {
    self.width = width
    self.epsilon = epsilon
    gamma = layout.append(path + ".weight", [width])
    beta = layout.append(path + ".bias", [width])
  }

  /// Writes y, [rows, width] packed, as an operand.
  /// - Parameter first: the number of the first row among those of `statistics`; nil keeps none.
  func forward(
    _ x: UnsafePointer<Float>, strideX: Int? = nil, rows: Int, parameters: UnsafePointer<Float>,
    into y: UnsafeMutableRawPointer, _ precision: Precision, statistics: Statistics?, first: Int = 0
  ) {
    OperationProfile.measure(.norm) {
      layer_norm_forward(
        y, precision.number, statistics.map { $0.mean + first }, statistics.map { $0.reciprocalDeviation + first }, x,
        strideX ?? width, rows, width, parameters + gamma.lowerBound, parameters + beta.lowerBound, epsilon)
    }
  }

  /// Adds the gradient into dx, [rows, width] packed, and those of γ and β into `gradient`.
  func backward(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, strideX: Int? = nil, rows: Int,
    parameters: UnsafePointer<Float>, statistics: Statistics, addingInto dx: UnsafeMutablePointer<Float>,
    adding gradient: UnsafeMutablePointer<Float>
  ) {
    OperationProfile.measure(.normBackward) {
      layer_norm_backward(
        dx, width, gradient + gamma.lowerBound, gradient + beta.lowerBound, dy, x, strideX ?? width, statistics.mean,
        statistics.reciprocalDeviation, rows, width, parameters + gamma.lowerBound)
    }
  }
}
