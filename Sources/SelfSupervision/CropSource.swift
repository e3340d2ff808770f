package import Tensors

/// Where a step's crops come from: the augmentation in a training run, given pixels in a test.
package protocol CropSource: Sendable {
  /// Writes the standardised global crops of the batch's images `positions`, crop-major: [2, n, 3, side, side], where n is
  /// `positions.count`. The same pixels whenever it is asked; called from several threads, each with its own `worker`.
  func fillGlobals(_ positions: Range<Int>, worker: Int, into globals: UnsafeMutablePointer<Float>)

  /// Writes the local crops likewise: [local crops, n, 3, side, side].
  func fillLocals(_ positions: Range<Int>, worker: Int, into locals: UnsafeMutablePointer<Float>)

  /// The seed of whatever else is random about the image at that position of the batch.
  func seed(_ position: Int) -> Seed

  /// The patches that the student does not see of a global crop, 0 or 1, of the image at that position: counted row by row, ascending.
  func hiddenPatches(_ position: Int, crop: Int, _ masking: BlockMasking) -> [Int]
}

extension CropSource {
  /// Drawn by the image's seed.
  package func hiddenPatches(_ position: Int, crop: Int, _ masking: BlockMasking) -> [Int] {
    var generator = seed(position).split("hidden patches").split(crop).generator()
    return masking.draw(&generator)
  }
}
