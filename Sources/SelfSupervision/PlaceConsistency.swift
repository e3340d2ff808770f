public import VisionModels

/// `ViewConsistency` of what a network says at one of its places.
public struct PlaceConsistency: Sendable {
  public let place: FeaturePlace
  public let views: ViewConsistency

  public init(place: FeaturePlace, views: ViewConsistency) {
    self.place = place
    self.views = views
  }

  /// Bytes that the vectors take at most: of each place those of the images as they are, of the varied ones, and a copy.
  public static func memory(of places: [FeaturePlace], _ model: VisionTransformer, images: Int) -> Int {
    places.reduce(0) { $0 + 3 * 4 * images * model.featureWidth($1.pool) }
  }

  /// Measures every place, each once.
  ///
  /// - Complexity: 5 passes an image, and O(images² · width) for each place; memory two vectors an image and place.
  ///   The same bytes at any number of threads.
  /// - Precondition: at least `ViewConsistency.fewest` images.
  /// - Throws: what `LayoutVectors` does.
  public static func measure(_ places: [FeaturePlace], of features: VariedFeatures) throws -> [PlaceConsistency] {
    let source = features.source
    precondition(source.images.count >= ViewConsistency.fewest, "\(source.images.count) images to judge features by")
    var comparisons: [ViewConsistency.Comparison] = []
    var layouts: [LayoutVectors?] = []
    for (place, rows) in zip(places, features.vectors(places, variation: nil)) {
      let layout = place.pool == .layout ? try LayoutVectors(fitting: rows, workers: source.workers) : nil
      let vectors = try layout?(rows, workers: source.workers) ?? rows
      layouts.append(layout)
      comparisons.append(ViewConsistency.Comparison(vectors, workers: source.workers))
    }
    for variation in 0..<ViewConsistency.variations {
      let varied = features.vectors(places, variation: variation)
      for (place, rows) in varied.enumerated() {
        comparisons[place].add(try layouts[place]?(rows, workers: source.workers) ?? rows)
      }
    }
    return zip(places, comparisons).map { PlaceConsistency(place: $0, views: $1.result) }
  }
}
