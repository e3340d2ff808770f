public import Foundation
public import Pipeline
import Records
import Reduction
import Storage
import Tensors

/// `pca`: fewer columns, by principal component analysis; the first two make the map.
public struct PCAStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var n_components: ParameterValue
    var normalize: String
    var whiten: Double
    var solver: String
  }

  public static let name = "pca"
  public static let revision = 3
  public static let summary = "Reduce feature vectors by principal component analysis"
  public static let slots = [Slot("embeddings", [.embeddings])]
  public static let output = ArtifactKind.points
  public static let publishes = [Published(file: "points.h5", name: "points.h5")]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "n_components", .either([.integer(1...100_000), .number(0.01...0.9999)]), default: 50,
      "How many components, or below 1 the share of variance they keep; never more than rows or columns"),
    ParameterField(
      "normalize", .choice(["l2", "none"]), default: "l2",
      "Bring vectors to length 1 first: cosine geometry, for embeddings"),
    ParameterField(
      "whiten", .number(0...1), default: 0,
      "Divide each component by its deviation to this power: 0 keeps distances, 1 gives all the same weight"),
    ParameterField(
      "solver", .choice(["auto", "covariance", "covariance64", "svd", "randomized"]), default: "auto",
      "How: 32-bit products with 64-bit sums (1e-4 of exact; falls back to 64 bits where that can't be kept, and says so), 64 bits throughout, a decomposition of the rows themselves, or an approximation for very many columns; auto goes by the shape"
    ),
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws { self.parameters = parameters }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    Arithmetic.digest(environment)
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let embeddings = try EmbeddingsFile.read(from: inputs.folder("embeddings").appending(path: "embeddings.h5"))
    let isNormalized = parameters.normalize == "l2"
    let rows = ProjectedPoints.rows(of: embeddings, isNormalized: isNormalized)
    let workers = WorkerPool(threads: context.workers)
    let pca = PCA(nComponents: components, whiten: parameters.whiten, solver: solver(context))
    try MemoryPromise(context).need(
      pca.workingBytes(rows: rows.rows, columns: rows.columns, threads: context.workers)
        + ProjectedPoints.memory(
          rows: rows.rows, columns: rows.columns, count: mostComponents(rows.columns), threads: context.workers),
      for: "the covariance, axes and blocks of rows of \(context.workers) threads")
    let fitted = try pca.fit(rows, workers: workers)
    try context.checkCancellation()
    let axes = PointsFile.PrincipalAxes(
      mean: fitted.mean, components: fitted.components, explainedVariance: fitted.explainedVariance,
      explainedVarianceRatio: fitted.explainedVarianceRatio, whiten: parameters.whiten, isNormalized: isNormalized)
    try ProjectedPoints(embeddings: embeddings, axes: axes, fitted: fitted).write(
      to: output.appending(path: "points.h5"), workers: workers, context)
    context.note("components \(fitted.count)")
    context.note("variance_kept \(fitted.explainedVarianceRatio.reduce(0, +))")
    context.note("solver \(PCAStage.name(of: fitted.solver))")
  }

  private var components: PCA.Components {
    switch parameters.n_components {
    case .number(let share): .variance(share)
    case .integer(let count): .atMost(count)
    default: preconditionFailure("n_components \(parameters.n_components)")
    }
  }

  private func mostComponents(_ columns: Int) -> Int { min(parameters.n_components.integer ?? columns, columns) }

  private func solver(_ context: StageContext) -> PCA.Solver {
    switch parameters.solver {
    case "covariance": .covariance
    case "covariance64": .covariance64
    case "svd": .svd
    case "randomized": .randomized(seed: Seed(context.seed).split(PCAStage.name))
    default: .auto
    }
  }

  /// As a recipe has it.
  private static func name(of solver: PCA.Solver) -> String {
    switch solver {
    case .auto: "auto"
    case .covariance: "covariance"
    case .covariance64: "covariance64"
    case .svd: "svd"
    case .randomized: "randomized"
    }
  }
}
