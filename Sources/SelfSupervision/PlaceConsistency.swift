public import VisionModels

/// `ViewConsistency` of what a network says at one of its places.
public struct PlaceConsistency: Sendable {
  public let place: FeaturePlace
  public let views: ViewConsistency

  public init(place: FeaturePlace, views: ViewConsistency) {
    self.place = place
    self.views = views
  }

  /// Measures every layer under every pooling, layer by layer.
  ///
  /// - Complexity: 5 passes an image, and O(images² · width) for each place; memory two vectors an image and place.
  ///   The same bytes at any number of threads.
  /// - Precondition: at least `ViewConsistency.fewest` images.
  public static func measure(
    _ layers: [Int?], pools: [VisionTransformer.Pool], of features: VariedFeatures
  ) -> [PlaceConsistency] {
    let source = features.source
    precondition(source.images.count >= ViewConsistency.fewest, "\(source.images.count) images to judge features by")
    var comparisons = features.vectors(layers, pools: pools, variation: nil).map {
      ViewConsistency.Comparison($0, workers: source.workers)
    }
    for variation in 0..<ViewConsistency.variations {
      let varied = features.vectors(layers, pools: pools, variation: variation)
      for (place, rows) in varied.enumerated() { comparisons[place].add(rows) }
    }
    let places = layers.flatMap { layer in pools.map { FeaturePlace(layer: layer, pool: $0) } }
    return zip(places, comparisons).map { PlaceConsistency(place: $0, views: $1.result) }
  }
}
