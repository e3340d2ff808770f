import Kernels
import Tensors

/// The feed-forward half of a block: fc1, exact GELU (or silu(a) · b of its two halves), fc2.
struct FeedForward: Sendable {
  let fc1: Linear
  let fc2: Linear
  private let isGated: Bool

  init(_ path: String, _ configuration: VisionTransformer.Configuration, in layout: inout ParameterLayout) {
    let (width, hidden) = (configuration.width, configuration.hiddenWidth)
    isGated = configuration.feedForward == .swiglu
    fc1 = Linear(path + ".fc1", inputs: width, outputs: isGated ? 2 * hidden : hidden, in: &layout)
    fc2 = Linear(path + ".fc2", inputs: hidden, outputs: width, in: &layout)
  }

  /// x is [rows, width]; the edge says what becomes of the result.
  /// - Parameters:
  ///   - hidden: [rows, fc1.outputs], what the activation is given, for backward; without a gate nil keeps none.
  ///   - activated: [rows, fc2.inputs].
  func forward(
    _ x: UnsafeMutableRawPointer, rows: Int, weights: PackedWeights, hidden: UnsafeMutableRawPointer?,
    activated: UnsafeMutableRawPointer, edge: product_edge
  ) {
    let precision = weights.precision
    if isGated, let hidden {
      fc1.forward(
        x, stride: fc1.inputs, rows: rows, weights: weights,
        edge: .affine(into: hidden, stride: fc1.outputs, precision), as: .feedForward1)
      swiglu_forward(activated, hidden, rows, fc2.inputs, precision.number)
    } else {
      fc1.forward(
        x, stride: fc1.inputs, rows: rows, weights: weights,
        edge: .gelu(into: activated, stride: fc1.outputs, keeping: hidden, precision), as: .feedForward1)
    }
    fc2.forward(activated, stride: fc2.inputs, rows: rows, weights: weights, edge: edge, as: .feedForward2)
  }

  /// Scratch of backward: the gradients of `hidden` and, where gated, of `activated`.
  struct Gradients {
    let hidden: UnsafeMutableRawPointer
    let activated: UnsafeMutableRawPointer?
    let pack: PackScratch
  }

  /// Writes dx, [rows, width] f32.
  func backward(
    _ dy: UnsafeMutableRawPointer, x: UnsafeMutableRawPointer, rows: Int, weights: PackedWeights,
    hidden: UnsafeMutableRawPointer, activated: UnsafeMutableRawPointer, scratch: Gradients,
    dx: UnsafeMutablePointer<Float>, adding gradient: UnsafeMutablePointer<Float>
  ) {
    let precision = weights.precision
    let edge: product_edge =
      if let dActivated = scratch.activated {
        .affine(into: dActivated, stride: fc2.inputs, precision)
      } else {
        .geluSlope(into: scratch.hidden, stride: fc2.inputs, kept: hidden, precision)
      }
    fc2.backward(
      dy, strideDY: fc2.outputs, x: activated, strideX: fc2.inputs, rows: rows, weights: weights, dx: edge,
      scratch: scratch.pack, adding: gradient, as: .feedForward2Backward)
    if let dActivated = scratch.activated {
      swiglu_backward(scratch.hidden, dActivated, hidden, rows, fc2.inputs, precision.number)
    }
    fc1.backward(
      scratch.hidden, strideDY: fc1.outputs, x: x, strideX: fc1.inputs, rows: rows, weights: weights,
      dx: .sums(into: dx, stride: fc1.inputs), scratch: scratch.pack, adding: gradient, as: .feedForward1Backward)
  }
}
