public import Augmentation
import Kernels
public import Tensors
public import VisionModels

/// Where in a network a vector is taken: a layer and a pooling.
public struct FeaturePlace: Hashable, Codable, Sendable {
  /// The stream as it enters that block; nil is the end of the network, after the final norm.
  public var layer: Int?
  public var pool: VisionTransformer.Pool

  public init(layer: Int?, pool: VisionTransformer.Pool) {
    self.layer = layer
    self.pool = pool
  }
}

/// How well features stay in their place when an image is varied: the share of an image's nearest neighbours that are still the nearest after the image
/// and they were cropped, mirrored and their grey levels moved as training does. No label is asked.
///
/// Good features put an image beside its likes, and do so again of the same image seen otherwise. Of every place the five nearest neighbours are looked up
/// among the images as they are, and again among as many crops of them, four times. Rows are compared by their angle around the mean.
public struct NeighborConsistency: Sendable {
  public let place: FeaturePlace
  /// One an image, 0…1.
  public let shares: [Double]

  /// Over images.
  public var mean: Double { shares.reduce(0, +) / Double(shares.count) }
  /// Of the mean.
  public var standardError: Double { NeighborConsistency.standardError(of: shares) }

  static func standardError(of values: [Double]) -> Double {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(count - 1, 1)
    return (variance / count).squareRoot()
  }

  /// Images worth looking at, at most, evenly spread; fewer than `fewest` tell nothing.
  public static let sample = 600
  public static let fewest = 20
  static let neighbors = 5
  static let variations = 4

  public init(place: FeaturePlace, shares: [Double]) {
    self.place = place
    self.shares = shares
  }

  /// The rows of an archive of so many images that are looked at.
  public static func rows(of count: Int) -> [Int] {
    let wanted = min(count, sample)
    return (0..<wanted).map { $0 * count / wanted }
  }

  /// Measures every layer under every pooling, layer by layer.
  ///
  /// - Parameters:
  ///   - images: square, of a side that patches divide.
  ///   - preset: how images are varied, with its global crops.
  /// - Complexity: 5 passes an image, and O(images² · width) for each place; memory one variation's vectors of all places.
  ///   The same bytes at any number of threads.
  /// - Precondition: at least `fewest` images.
  public static func measure(
    _ layers: [Int?], pools: [VisionTransformer.Pool], of images: PixelStack, model: VisionTransformer,
    parameters: ParameterBuffer, precision: Precision, standardization: Standardization, preset: AugmentationPreset,
    seed: Seed, on workers: WorkerPool
  ) -> [NeighborConsistency] {
    precondition(images.count >= fewest, "\(images.count) images to judge features by")
    let views = VariedFeatures(
      layers, pools, images: images, model: model, parameters: parameters, precision: precision,
      standardization: standardization, preset: preset, seed: seed, workers: workers)
    var plain = views.vectors(variation: nil)
    let means = plain.map(mean)
    let known = nearest(in: &plain, around: means, workers).map { found in
      (0..<images.count).map { image in Set((0..<found.count).map { found.index(image, $0) }) }
    }
    var shares = [[Double]](repeating: [Double](repeating: 0, count: images.count), count: means.count)
    for variation in 0..<variations {
      var varied = views.vectors(variation: variation)
      for (place, found) in nearest(in: &varied, around: means, workers).enumerated() {
        for image in 0..<images.count {
          let kept = (0..<found.count).count { known[place][image].contains(found.index(image, $0)) }
          shares[place][image] += Double(kept) / Double(found.count * variations)
        }
      }
    }
    return shares.enumerated().map { number, values in
      NeighborConsistency(
        place: FeaturePlace(layer: layers[number / pools.count], pool: pools[number % pools.count]), shares: values)
    }
  }

  /// Mean of the rows at length one.
  private static func mean(_ rows: Matrix) -> [Float] {
    var sums = [Double](repeating: 0, count: rows.columns)
    for row in 0..<rows.rows {
      let values = rows.row(row)
      let length = max(values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot(), 1e-12)
      for column in values.indices { sums[column] += Double(values[column]) / length }
    }
    return sums.map { Float($0 / Double(max(rows.rows, 1))) }
  }

  /// Rows are brought to length one, the mean is taken off, and they are brought to length one again.
  private static func nearest(in places: inout [Matrix], around means: [[Float]], _ workers: WorkerPool) -> [Neighbors]
  {
    places.indices.map { place in
      let (rows, columns) = (places[place].rows, places[place].columns)
      places[place].withUnsafeMutableBufferPointer { buffer in
        for row in 0..<rows {
          let values = buffer.baseAddress! + row * columns
          _ = dino_unit(values, columns, values)
          axpby(values, means[place], columns, -1, 1)
          _ = dino_unit(values, columns, values)
        }
      }
      return Neighbors(of: places[place], count: neighbors, workers: workers)
    }
  }
}
