import Kernels
import Tensors
import VisionModels

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), β = (0.9, 0.999), ε = 1e-8, as torch computes it.
///
/// Each tensor counts its own steps: one that was frozen at first starts its bias correction when it thaws.
final class AdamW: @unchecked Sendable {
  static let beta1 = 0.9
  static let beta2 = 0.999
  static let epsilon: Float = 1e-8

  let first: ParameterBuffer
  let second: ParameterBuffer
  /// No decay for biases and other one-dimensional tensors.
  private let decays: [Bool]
  /// Steps that each tensor has taken.
  var steps: [Int]

  init(_ layout: ParameterLayout) {
    first = ParameterBuffer(layout)
    second = ParameterBuffer(layout)
    decays = layout.entries.map { $0.shape.count > 1 && !$0.path.hasSuffix(".bias") }
    steps = [Int](repeating: 0, count: layout.entries.count)
  }

  /// Counts a step of one tensor, before its pieces are updated.
  func begin(_ tensor: Int) { steps[tensor] += 1 }

  /// Updates one piece of a tensor; pieces may be done on different threads.
  func update(
    _ parameters: ParameterBuffer, _ gradient: ParameterBuffer, tensor: Int, _ range: Range<Int>, learningRate: Double,
    weightDecay: Double
  ) {
    let t = Double(steps[tensor])
    let start = range.lowerBound
    adamw(
      parameters.pointer + start, gradient.pointer + start, first.pointer + start, second.pointer + start, range.count,
      Float(learningRate), Float(AdamW.beta1), Float(AdamW.beta2), AdamW.epsilon,
      Float(decays[tensor] ? weightDecay : 0), Float(1 - power(AdamW.beta1, t)), Float(1 - power(AdamW.beta2, t)))
  }
}
