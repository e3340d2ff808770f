public import Foundation
public import Pipeline
import Records
import Reduction
import Storage
import Tensors

/// `umap`: a layout in which neighbours stay neighbours, for the map of the page, or for HDBSCAN in a few dimensions.
public struct UMAPStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var n_neighbors: Int
    var n_components: Int
    var min_dist: Double
    var spread: Double
    var set_op_mix_ratio: Double
    var local_connectivity: Double
    var negative_sample_rate: Int
    var learning_rate: Double
    var n_epochs: ParameterValue
    var `init`: String
  }

  public static let name = "umap"
  public static let revision = 1
  public static let summary = "Lay points out in a few dimensions so that neighbours stay neighbours (UMAP)"
  public static let slots = [Slot("points", [.points])]
  public static let output = ArtifactKind.points
  public static let publishes = [Published(file: "points.h5", name: "points-{step}.h5")]
  public static let fields = [
    ParameterField("n_neighbors", .integer(2...10_000), default: 15, "Nearest points that are a point's surroundings"),
    ParameterField("n_components", .integer(1...64), default: 2, "Dimensions of the layout; 2 make a map"),
    ParameterField("min_dist", .number(0...10), default: 0.1, "How near points may lie; 0 for grouping"),
    ParameterField("spread", .number(0.01...100), default: 1.0, "The scale that min_dist is of"),
    ParameterField(
      "set_op_mix_ratio", .number(0...1), default: 1.0, "1 unites the surroundings of two points, 0 intersects them"),
    ParameterField(
      "local_connectivity", .number(0...100), default: 1.0, "Neighbours that count as connected at any distance"),
    ParameterField("negative_sample_rate", .integer(0...100), default: 5, "Strangers a sampled edge"),
    ParameterField("learning_rate", .number(0...100), default: 1.0, "The largest step of the first epoch, about"),
    ParameterField(
      "n_epochs", .either([.integer(1...100_000), .choice(["auto"])]), default: "auto",
      "auto: 500 up to 10,000 points, 200 beyond"),
    ParameterField("init", .choice(["spectral", "pca", "random"]), default: "spectral", "What the layout starts from"),
  ]

  private let parameters: Parameters
  private let umap: UMAP

  public init(_ parameters: Parameters) throws {
    guard parameters.min_dist <= parameters.spread else {
      throw ParameterError(key: "min_dist", message: "at most spread, which is \(parameters.spread)")
    }
    self.parameters = parameters
    umap = UMAP(
      nNeighbors: parameters.n_neighbors, nComponents: parameters.n_components, minDist: parameters.min_dist,
      spread: parameters.spread, setOpMixRatio: parameters.set_op_mix_ratio,
      localConnectivity: parameters.local_connectivity, negativeSampleRate: parameters.negative_sample_rate,
      learningRate: parameters.learning_rate, nEpochs: parameters.n_epochs.integer,
      initialization: ["pca": .pca, "random": .random][parameters.`init`] ?? .spectral)
  }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    Arithmetic.digest(environment)
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let source = try PointsFile(reading: inputs.folder("points").appending(path: "points.h5"))
    let points = try source.points.loaded()
    let workers = WorkerPool(threads: context.workers)
    let seed = Seed(context.seed).split(UMAPStage.name)
    let fitted = try umap.fit(points, seed: seed, workers: workers)
    try context.checkCancellation()
    let layout = fitted.embedding
    let quality = MapQuality(of: layout, points: points, seed: seed.split("quality"), workers: workers)
    if let trust = quality.trustworthiness { context.note("trustworthiness \(NumberText.text(trust))") }
    if let kept = quality.neighborsKept { context.note("neighbors_kept \(NumberText.text(kept))") }
    context.note("start \(fitted.start.rawValue)")
    try PointsFile(
      ids: source.ids, paths: source.paths, points: layout,
      map: layout.columns == 2 ? layout : nil, provenance: source.provenance
    ).write(to: output.appending(path: "points.h5"))
  }
}
