public import Tensors
public import VisionModels

/// What a network says of images, as they are or varied, at any of its places.
public struct VariedFeatures: Sendable {
  let source: VariedImages
  private let model: VisionTransformer
  private let weights: PackedWeights
  /// One a thread, used variation after variation.
  private let tapes: [VisionTransformer.Tape]

  /// - Parameter source: images of a side that patches divide.
  public init(
    of model: VisionTransformer, parameters: ParameterBuffer, precision: Precision, _ source: VariedImages
  ) {
    self.model = model
    self.source = source
    weights = model.pack(parameters, precision: precision)
    tapes = (0..<source.workers.threads).map { _ in
      model.makeTape(
        images: VariedImages.batch, side: source.images.height, precision: precision, forTraining: false)
    }
  }

  /// Of each layer and pooling, layer by layer: one row an image. - Parameter variation: nil leaves the images as they are.
  public func vectors(_ layers: [Int?], pools: [VisionTransformer.Pool], variation: Int?) -> [Matrix] {
    let images = source.images.count
    let widths = layers.flatMap { _ in pools.map { model.featureWidth($0) } }
    let buffers = widths.map { FloatBuffer(images * $0) }
    source.forEachBatch(variation: variation) { rows, worker, pixels in
      model.features(
        pixels, count: rows.count, weights: weights, tape: tapes[worker], layers: layers, pools: pools
      ) { layer, pool in
        let place = layer * pools.count + pool
        return buffers[place].pointer + rows.lowerBound * widths[place]
      }
    }
    return zip(buffers, widths).map { Matrix(rows: images, columns: $1, storage: $0.values) }
  }
}
