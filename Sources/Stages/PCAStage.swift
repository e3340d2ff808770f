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
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws { self.parameters = parameters }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    Arithmetic.digest(environment)
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let embeddings = try EmbeddingsFile.read(from: inputs.folder("embeddings").appending(path: "embeddings.h5"))
    let rows: any RowSource = parameters.normalize == "l2" ? L2NormalizedRows(embeddings.vectors) : embeddings.vectors
    let workers = WorkerPool(threads: context.workers)
    let components: PCA.Components =
      switch parameters.n_components {
      case .number(let share): .variance(share)
      case .integer(let count): .atMost(count)
      default: preconditionFailure("n_components \(parameters.n_components)")
      }
    let fitted = try PCA(nComponents: components, whiten: parameters.whiten).fit(rows, workers: workers)
    let points = try fitted.transform(rows, workers: workers)
    let file = PointsFile(
      ids: embeddings.ids, paths: embeddings.paths, points: points,
      principalAxes: PointsFile.PrincipalAxes(
        mean: fitted.mean, components: fitted.components, explainedVariance: fitted.explainedVariance,
        explainedVarianceRatio: fitted.explainedVarianceRatio, whiten: parameters.whiten,
        isNormalized: parameters.normalize == "l2"),
      map: firstTwoColumns(points), provenance: embeddings.provenance)
    try file.write(to: output.appending(path: "points.h5"))
    context.note("components \(fitted.count)")
    context.note("variance_kept \(fitted.explainedVarianceRatio.reduce(0, +))")
  }

  /// The map of the page: the two components of largest variance (the second is 0 where there is only one).
  private func firstTwoColumns(_ points: Matrix) -> Matrix {
    let storage = (0..<points.rows).flatMap { row in
      [points[row, 0], points.columns > 1 ? points[row, 1] : 0]
    }
    return Matrix(rows: points.rows, columns: 2, storage: storage)
  }
}
