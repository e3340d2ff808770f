import Kernels
import Tensors
import VisionModels

/// The student's class features of a batch's global crops, and what `KoLeo` makes of them: the one term of the loss that looks from image to
/// image. Lanes put their features in; then the gradient is made; then lanes take theirs out.
final class Spreading: @unchecked Sendable {
  /// The regulariser summed over both global crops, of the last step.
  private(set) var loss = 0.0
  private let koleo = KoLeo()
  private let width: Int
  /// [2, batch, width], crop-major.
  private let features: FloatBuffer
  private let gradient: FloatBuffer

  init(batch: Int, width: Int) {
    self.width = width
    features = FloatBuffer(2 * batch * width)
    gradient = FloatBuffer(2 * batch * width)
  }

  /// - Parameter classFeatures: [2, positions, width], crop-major.
  func take(_ classFeatures: UnsafePointer<Float>, _ positions: Range<Int>, batch: Int) {
    let count = positions.count * width
    for crop in 0..<2 {
      (features.pointer + (crop * batch + positions.lowerBound) * width).update(
        from: classFeatures + crop * count, count: count)
    }
  }

  func differentiate(batch: Int, weight: Double) {
    loss = 0
    for crop in 0..<2 {
      let start = crop * batch * width
      loss += koleo.evaluate(
        features.pointer + start, count: batch, width: width, weight: weight, gradient: gradient.pointer + start)
    }
  }

  /// Adds the images' share to the gradient of their features. - Parameter dFeatures: [2 or more, positions, width], crop-major.
  func add(_ positions: Range<Int>, batch: Int, to dFeatures: UnsafeMutablePointer<Float>) {
    let count = positions.count * width
    for crop in 0..<2 {
      axpby(
        dFeatures + crop * count, gradient.pointer + (crop * batch + positions.lowerBound) * width, count, 1, 1)
    }
  }
}
