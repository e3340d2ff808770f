import Augmentation
import Clustering
import Foundation
import Records
import Reduction
import SelfSupervision
import Storage
import Tensors
import VisionModels

/// One way to see an archive, as training is compared with others: what it makes of a sample of the images, and what that is worth without labels.
struct Contender {
  enum Kind: String, Codable, CaseIterable {
    /// The shrunken pixels themselves.
    case pixels
    /// The network as it is drawn.
    case untrained
    /// The weights that training began with.
    case given
    case trained

    var name: String {
      switch self {
      case .pixels: "raw pixels"
      case .untrained: "untrained network"
      case .given: "given weights"
      case .trained: "trained network"
      }
    }

    /// Holds `points`, in the model's artefact.
    var file: String { "sample-\(rawValue).h5" }
  }

  let kind: Kind
  /// Where in its network; nil for pixels.
  let place: FeaturePlace?
  let views: ViewConsistency
  /// A row an image: brought to length 1 (not pixels), centred, 50 components, as features are scored.
  let points: Matrix
  /// In how many directions rows differ: (Σλ)² / Σλ² of the variances λ of all components.
  let effectiveRank: Double
  /// Mean adjusted Rand index of k-means' groups of random halves with those of the whole, `Contender.groups` of them.
  let stability: Double

  /// Groups that stability is asked of; fewer in a sample of under 32.
  static let groups = 8
  static let components = 50

  private init(
    _ kind: Kind, place: FeaturePlace?, views: ViewConsistency, rows: any RowSource, workers: WorkerPool
  ) throws {
    self.kind = kind
    self.place = place
    self.views = views
    let fitted = try PCA(nComponents: .atMost(.max)).fit(rows, workers: workers)
    let variances = fitted.explainedVariance
    let squares = variances.reduce(0) { $0 + $1 * $1 }
    let whole = variances.reduce(0, +)
    effectiveRank = squares > 0 ? whole * whole / squares : 0
    let coordinates = try fitted.transform(rows, workers: workers)
    let kept = min(Contender.components, fitted.count)
    points = Matrix(
      rows: rows.rows, columns: kept,
      storage: (0..<rows.rows).flatMap { coordinates.row($0).prefix(kept) })
    let clusterer = KMeans(nClusters: min(Contender.groups, rows.rows / 4))
    let seed = Seed(0).split("contender")
    stability = try Stability(
      of: clusterer, on: points, reference: clusterer.partition(points, seed: seed, workers: workers), seed: seed,
      workers: workers
    ).meanARI
  }

  /// The pixels of a sample, by their principal components. - Precondition: images that are not standardised.
  static func pixels(_ images: VariedImages, workers: WorkerPool) throws -> Contender {
    let plain = images.pixels(variation: nil)
    let fitted = try PCA(nComponents: .atMost(components)).fit(plain, workers: workers)
    var comparison = ViewConsistency.Comparison(try fitted.transform(plain, workers: workers), workers: workers)
    for variation in 0..<ViewConsistency.variations {
      comparison.add(try fitted.transform(images.pixels(variation: variation), workers: workers))
    }
    return try Contender(.pixels, place: nil, views: comparison.result, rows: plain, workers: workers)
  }

  /// A network, at the place that `layer: auto` would choose.
  static func network(
    _ kind: Kind, _ model: VisionTransformer, _ parameters: ParameterBuffer, precision: Precision,
    _ images: VariedImages, layout: ImageLayout, workers: WorkerPool
  ) throws -> Contender {
    let features = VariedFeatures(of: model, parameters: parameters, precision: precision, images)
    let depth = model.configuration.depth
    let measured = try PlaceConsistency.measure(
      PlaceSelection.places(among: PlaceSelection.layers(depth: depth), pool: nil, depth: depth, layout: layout),
      of: features)
    let place = PlaceSelection(measured).chosen.place
    var rows = features.vectors([place], variation: nil)[0]
    if place.pool == .layout { rows = try LayoutVectors(fitting: rows, workers: workers)(rows, workers: workers) }
    return try Contender(
      kind, place: place, views: measured.first { $0.place == place }!.views, rows: L2NormalizedRows(rows),
      workers: workers)
  }

  /// Pixels first, then the networks in the order given.
  /// - Parameter images: a sample, square, `ViewConsistency.fewest` or more.
  static func all(
    of model: VisionTransformer, _ networks: [(kind: Kind, parameters: ParameterBuffer)], on images: PixelStack,
    precision: Precision, standardization: Standardization, preset: AugmentationPreset, workers: WorkerPool
  ) throws -> [Contender] {
    let seed = Seed(0).split("training gain")
    let views = VariedImages(
      images, standardization: standardization, preset: preset, seed: seed, workers: workers)
    let plain = VariedImages(images, standardization: .neutral, preset: preset, seed: seed, workers: workers)
    let layout = ImageLayout(of: images, workers: workers)
    return try [pixels(plain, workers: workers)]
      + networks.map {
        try network($0.kind, model, $0.parameters, precision: precision, views, layout: layout, workers: workers)
      }
  }

  /// Keeps the points, for the report to hold against labels that this stage may not see.
  func write(ids: [ImageID], paths: [String], _ identity: TrainingIdentity, into folder: URL) throws {
    let provenance = Provenance(
      modelDigest: kind == .given ? identity.weights ?? "none" : "none", preprocessing: "{}",
      features: "\([kind.rawValue, placeName].compactMap { $0 }.joined(separator: " ")) pca=\(points.columns)",
      arithmetic: identity.arithmetic)
    try EmbeddingsFile.write(
      ids: ids, paths: paths, columns: points.columns, provenance: provenance, to: folder.appending(path: kind.file)
    ) { try $0.append(points.storage) }
  }

  private var placeName: String? {
    place.map { "layer=\(PlacesTable.name(of: $0.layer)) pool=\($0.pool.rawValue)" }
  }

  /// For the model's card.
  var measures: Measures {
    Measures(
      name: kind.name, place: NullIfAbsent(wrappedValue: placeName),
      neighborsKept: views.keptShare.mean, viewRetrieval: views.retrievedShare.mean, clusteringStability: stability,
      effectiveRank: effectiveRank)
  }

  struct Measures: Codable, Hashable, Sendable {
    let name: String
    /// Null for pixels.
    @NullIfAbsent var place: String?
    /// Shares, 0…1.
    let neighborsKept: Double
    let viewRetrieval: Double
    /// At most 1; 0 is chance.
    let clusteringStability: Double
    /// 1 or more, at most the number of components.
    let effectiveRank: Double
  }
}
