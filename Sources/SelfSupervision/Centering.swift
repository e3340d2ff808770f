import Kernels
package import VisionModels

/// The centre c that is taken off the teacher's logits, so that no output can win every image: a running mean of the raw logits.
package final class Centering: @unchecked Sendable {
  package let center: FloatBuffer
  let momentum: Float

  package init(output: Int, momentum: Double) {
    center = FloatBuffer(output)
    self.momentum = Float(momentum)
  }

  /// c = m·c + (1 − m)·mean, after the loss of the step. - Parameter mean: of the teacher's raw logits over both globals of the batch.
  package func update(mean: FloatBuffer) { ema(center.pointer, mean.pointer, center.count, momentum) }
}
