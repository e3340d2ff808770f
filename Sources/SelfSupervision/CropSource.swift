package import Tensors

/// Where a step's crops come from: the augmentation in a training run, given pixels in a test.
package protocol CropSource: Sendable {
  /// Writes the standardised crops of the batch's images `positions`, crop-major: globals [2, n, 3, side, side],
  /// locals [local crops, n, 3, side, side], where n is `positions.count`. Called from several threads, each with its own `worker`.
  func fill(
    _ positions: Range<Int>, worker: Int, globals: UnsafeMutablePointer<Float>, locals: UnsafeMutablePointer<Float>)

  /// The seed of whatever else is random about the image at that position of the batch.
  func seed(_ position: Int) -> Seed
}
