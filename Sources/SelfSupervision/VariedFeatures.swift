import Augmentation
import Tensors
import VisionModels

/// Vectors of images, as they are or varied, at several places of a network.
struct VariedFeatures: Sendable {
  let layers: [Int?]
  let pools: [VisionTransformer.Pool]
  let images: PixelStack
  let model: VisionTransformer
  let weights: PackedWeights
  let standardization: Standardization
  let preset: AugmentationPreset
  let seed: Seed
  let workers: WorkerPool
  /// One a thread, used variation after variation.
  private let scratch: [Scratch]
  private static let chunk = 8

  init(
    _ layers: [Int?], _ pools: [VisionTransformer.Pool], images: PixelStack, model: VisionTransformer,
    parameters: ParameterBuffer, precision: Precision, standardization: Standardization, preset: AugmentationPreset,
    seed: Seed, workers: WorkerPool
  ) {
    self.layers = layers
    self.pools = pools
    self.images = images
    self.model = model
    weights = model.pack(parameters, precision: precision)
    self.standardization = standardization
    self.preset = preset
    self.seed = seed
    self.workers = workers
    let (side, chunk, packed) = (images.height, VariedFeatures.chunk, weights)
    scratch = (0..<workers.threads).map { _ in
      Scratch(
        tape: model.makeTape(images: chunk, side: side, precision: packed.precision, forTraining: false),
        pixels: FloatBuffer(chunk * 3 * side * side),
        augmenter: Augmenter(
          preset: preset, mean: standardization.mean, deviation: standardization.deviation, height: side, width: side,
          largestSide: side))
    }
  }

  /// A tape, a chunk of images, and what varies them.
  private struct Scratch: Sendable {
    let tape: VisionTransformer.Tape
    let pixels: FloatBuffer
    let augmenter: Augmenter
  }

  /// Of each layer and pooling, layer by layer: one row an image.
  func vectors(variation: Int?) -> [Matrix] {
    let side = images.height
    let widths = layers.flatMap { _ in pools.map { model.featureWidth($0) } }
    let buffers = widths.map { FloatBuffer(images.count * $0) }
    let chunk = VariedFeatures.chunk
    workers.run(jobs: (images.count + chunk - 1) / chunk) { job, worker in
      let part = job * chunk..<min((job + 1) * chunk, images.count)
      let own = scratch[worker]
      for (place, image) in part.enumerated() {
        let target = own.pixels.pointer + place * 3 * side * side
        if let variation {
          own.augmenter.load(images, image)
          var generator = seed.split(variation).split(image).generator()
          own.augmenter.crop(
            .secondGlobal, scale: preset.globalScale, side: side, &generator, into: target)
        } else {
          images.read(image, into: target)
          standardization.apply(to: target, height: side, width: side)
        }
      }
      model.features(
        own.pixels.pointer, count: part.count, weights: weights, tape: own.tape, layers: layers, pools: pools
      ) { layer, pool in
        let place = layer * pools.count + pool
        return buffers[place].pointer + part.lowerBound * widths[place]
      }
    }
    return zip(buffers, widths).map { Matrix(rows: images.count, columns: $1, storage: $0.values) }
  }
}
