public import Augmentation
public import Tensors
public import VisionModels

/// The images of a stack, as they are or varied as training varies them, handed out in small batches.
public struct VariedImages: Sendable {
  public let images: PixelStack
  let workers: WorkerPool
  private let standardization: Standardization
  private let preset: AugmentationPreset
  private let seed: Seed
  /// One a thread, used variation after variation.
  private let scratch: [Scratch]
  static let batch = 8

  /// - Parameter images: square.
  public init(
    _ images: PixelStack, standardization: Standardization, preset: AugmentationPreset, seed: Seed, workers: WorkerPool
  ) {
    self.images = images
    self.workers = workers
    self.standardization = standardization
    self.preset = preset
    self.seed = seed
    let side = images.height
    scratch = (0..<workers.threads).map { _ in
      Scratch(
        pixels: FloatBuffer(VariedImages.batch * 3 * side * side),
        augmenter: Augmenter(
          preset: preset, mean: standardization.mean, deviation: standardization.deviation, height: side, width: side,
          largestSide: side))
    }
  }

  /// A batch of images, and what varies them.
  private struct Scratch: Sendable {
    let pixels: FloatBuffer
    let augmenter: Augmenter
  }

  /// Calls `body` with each batch's [images, 3, side, side], standardised, on any thread; `nil` leaves the images as they are.
  func forEachBatch(
    variation: Int?, _ body: @Sendable (_ rows: Range<Int>, _ worker: Int, _ pixels: UnsafePointer<Float>) -> Void
  ) {
    let (side, batch) = (images.height, VariedImages.batch)
    workers.run(jobs: (images.count + batch - 1) / batch) { job, worker in
      let rows = job * batch..<min((job + 1) * batch, images.count)
      let own = scratch[worker]
      for (place, image) in rows.enumerated() {
        let target = own.pixels.pointer + place * 3 * side * side
        if let variation {
          own.augmenter.load(images, image)
          var generator = seed.split(variation).split(image).generator()
          own.augmenter.crop(.secondGlobal, scale: preset.globalScale, side: side, &generator, into: target)
        } else {
          images.read(image, into: target)
          standardization.apply(to: target, height: side, width: side)
        }
      }
      body(rows, worker, own.pixels.pointer)
    }
  }

  /// The pixels themselves, averaged over boxes to the largest side up to `most` that divides the image's: a row an image, channels in turn.
  public func pixels(variation: Int?, most: Int = 32) -> Matrix {
    let side = images.height
    let small = (1...min(most, side)).last { side % $0 == 0 }!
    let width = 3 * small * small
    let buffer = FloatBuffer(images.count * width)
    forEachBatch(variation: variation) { rows, _, pixels in
      for (place, image) in rows.enumerated() {
        let source = pixels + place * 3 * side * side
        let target = buffer.pointer + image * width
        for channel in 0..<3 {
          boxMeans(
            of: source + channel * side * side, side: side, to: small, into: target + channel * small * small)
        }
      }
    }
    return Matrix(rows: images.count, columns: width, storage: buffer.values)
  }
}
