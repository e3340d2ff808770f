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

/// Chooses a place without labels: where an image keeps its neighbours when it is varied.
///
/// Good features put an image beside its likes, and do so again when the same image is cropped, mirrored and its grey levels moved as training does.
/// Of a sample of the archive every candidate's nearest neighbours are looked up among the images as they are, and again among as
/// many crops of them, four times; a candidate's score is the mean share of neighbours that stay. Among candidates within one standard error of the
/// best the deepest layer is taken, because what training put in lies there, and of its poolings the best.
///
/// How far this agrees with labels on real sets is in `Documentation/Training.md`.
public struct PlaceSelection: Sendable {
  public struct Candidate: Hashable, Sendable {
    public let place: FeaturePlace
    /// Mean share of an image's neighbours that stay its neighbours, 0…1, and its standard error over images.
    public let kept: Double
    public let error: Double

    public init(place: FeaturePlace, kept: Double, error: Double) {
      self.place = place
      self.kept = kept
      self.error = error
    }
  }

  /// Images looked at, at most, evenly spread; fewer than `fewest` tell nothing.
  public static let sample = 600
  public static let fewest = 20
  static let neighbors = 5
  static let variations = 4

  /// Layer by layer, and of each in the order of `Pool.allCases`.
  public let candidates: [Candidate]
  public let chosen: Candidate

  /// - Parameter candidates: at least one.
  public init(_ candidates: [Candidate]) {
    precondition(!candidates.isEmpty, "no place to choose from")
    self.candidates = candidates
    let best = candidates.max { $0.kept < $1.kept }!
    func depth(_ candidate: Candidate) -> Int { candidate.place.layer ?? .max }
    let good = candidates.filter { $0.kept >= best.kept - best.error }
    let deepest = good.map(depth).max()!
    chosen = good.filter { depth($0) == deepest }.max { $0.kept < $1.kept }!
  }

  /// Layers worth asking: a network's first third sees edges.
  public static func layers(depth: Int) -> [Int?] { Array(depth / 3..<depth).map { $0 } + [nil] }

  /// Scores every layer under every pooling.
  ///
  /// - Parameters:
  ///   - images: square, of a side that patches divide; at most `sample` are wanted.
  ///   - preset: how images are varied, with its global crops.
  /// - Complexity: 5 passes an image, and O(images² · width) for each candidate; memory one variation's vectors of all candidates.
  ///   The same bytes at any number of threads.
  /// - Precondition: at least `fewest` images, one layer and one pooling.
  public init(
    among layers: [Int?], pools: [VisionTransformer.Pool], of images: PixelStack, model: VisionTransformer,
    parameters: ParameterBuffer, precision: Precision, standardization: Standardization, preset: AugmentationPreset,
    seed: Seed, on workers: WorkerPool
  ) {
    precondition(images.count >= PlaceSelection.fewest, "\(images.count) images to choose a layer by")
    let views = VariedFeatures(
      layers, pools, images: images, model: model, parameters: parameters, precision: precision,
      standardization: standardization, preset: preset, seed: seed, workers: workers)
    var plain = views.vectors(variation: nil)
    let means = plain.map(PlaceSelection.mean)
    let known = PlaceSelection.neighbors(of: &plain, around: means, workers)
    var shares = [[Double]](repeating: [Double](repeating: 0, count: images.count), count: means.count)
    for variation in 0..<PlaceSelection.variations {
      var varied = views.vectors(variation: variation)
      for (place, found) in PlaceSelection.neighbors(of: &varied, around: means, workers).enumerated() {
        for image in 0..<images.count {
          let own = Set((0..<known[place].count).map { known[place].index(image, $0) })
          let kept = (0..<found.count).count { own.contains(found.index(image, $0)) }
          shares[place][image] += Double(kept) / Double(found.count * PlaceSelection.variations)
        }
      }
    }
    self.init(
      shares.enumerated().map { number, values in
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        return Candidate(
          place: FeaturePlace(layer: layers[number / pools.count], pool: pools[number % pools.count]), kept: mean,
          error: (variance / count).squareRoot())
      })
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

  /// Nearest by the angle around the mean: rows are brought to length one, the mean is taken off, and they are brought to length one again.
  private static func neighbors(of places: inout [Matrix], around means: [[Float]], _ workers: WorkerPool)
    -> [Neighbors]
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

/// Vectors of images, as they are or varied, at several places of a network.
private struct VariedFeatures: Sendable {
  let layers: [Int?]
  let pools: [VisionTransformer.Pool]
  let images: PixelStack
  let model: VisionTransformer
  let weights: PackedWeights
  let standardization: Standardization
  let preset: AugmentationPreset
  let seed: Seed
  let workers: WorkerPool
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
  }

  /// Of each layer and pooling, layer by layer: one row an image.
  func vectors(variation: Int?) -> [Matrix] {
    let side = images.height
    let widths = layers.flatMap { _ in pools.map { model.featureWidth($0) } }
    let buffers = widths.map { FloatBuffer(images.count * $0) }
    let chunk = VariedFeatures.chunk
    let scratch = (0..<workers.threads).map { _ in
      (
        tape: model.makeTape(images: chunk, side: side, precision: weights.precision, forTraining: false),
        pixels: FloatBuffer(chunk * 3 * side * side),
        augmenter: Augmenter(
          preset: preset, mean: standardization.mean, deviation: standardization.deviation, height: side, width: side,
          largestSide: side)
      )
    }
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
