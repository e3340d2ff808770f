import Kernels

/// The feed-forward half of a block: fc1, exact GELU, fc2.
struct FeedForward: Sendable {
  let fc1: Linear
  let fc2: Linear

  init(_ path: String, width: Int, hidden: Int, in layout: inout ParameterLayout) {
    fc1 = Linear(path + ".fc1", inputs: width, outputs: hidden, in: &layout)
    fc2 = Linear(path + ".fc2", inputs: hidden, outputs: width, in: &layout)
  }

  /// x and y are [rows, width]; `hidden` and `activated`, [rows, hidden], stay as they are for backward (one buffer may serve
  /// as both where there is none).
  func forward(
    _ x: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, hidden: UnsafeMutablePointer<Float>,
    activated: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    fc1.forward(x, rows: rows, parameters: parameters, into: hidden)
    gelu_forward(activated, hidden, rows * fc1.outputs)
    fc2.forward(activated, rows: rows, parameters: parameters, into: y)
  }

  /// Writes dx; `dHidden` is scratch, [rows, hidden].
  func backward(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    hidden: UnsafePointer<Float>, activated: UnsafePointer<Float>, dHidden: UnsafeMutablePointer<Float>,
    dx: UnsafeMutablePointer<Float>, adding gradient: UnsafeMutablePointer<Float>
  ) {
    fc2.backward(dy, x: activated, rows: rows, parameters: parameters, dx: dHidden, adding: gradient)
    gelu_backward(dHidden, hidden, rows * fc1.outputs)
    fc1.backward(dHidden, x: x, rows: rows, parameters: parameters, dx: dx, adding: gradient)
  }
}
