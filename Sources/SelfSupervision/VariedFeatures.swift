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

  /// Of each place one row an image, from one pass. - Parameter variation: nil leaves the images as they are.
  public func vectors(_ places: [FeaturePlace], variation: Int?) -> [Matrix] {
    let images = source.images.count
    let widths = places.map { model.featureWidth($0.pool) }
    let buffers = widths.map { FloatBuffer(images * $0) }
    let (layers, pools) = (places.map(\.layer).distinct, places.map(\.pool).distinct)
    let numbers = layers.map { layer in pools.map { places.firstIndex(of: FeaturePlace(layer: layer, pool: $0)) } }
    source.forEachBatch(variation: variation) { rows, worker, pixels in
      model.features(
        pixels, count: rows.count, weights: weights, tape: tapes[worker], layers: layers, pools: pools
      ) { layer, pool in
        numbers[layer][pool].map { buffers[$0].pointer + rows.lowerBound * widths[$0] }
      }
    }
    return zip(buffers, widths).map { Matrix(rows: images, columns: $1, storage: $0.values) }
  }
}

extension Array where Element: Equatable {
  /// Each element once, in the order in which they come first.
  fileprivate var distinct: Self { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
