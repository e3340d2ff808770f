public import Foundation
public import Pipeline
import Records
import Reduction
import Storage
import Tensors

/// `project`: vectors of images that came later, along the axes that an earlier `pca` step found. Nothing is fitted.
public struct ProjectStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {}

  public static let name = "project"
  public static let revision = 1
  public static let summary = "Reduce the vectors of new images along the axes of an earlier step, which are kept"
  public static let slots = [Slot("embeddings", [.embeddings]), Slot("axes", [.points])]
  public static let output = ArtifactKind.points
  public static let publishes = [Published(file: "points.h5", name: "points.h5")]
  public static let usesSeed = false

  public init(_ parameters: Parameters) throws {}

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    Arithmetic.digest(environment)
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let embeddings = try EmbeddingsFile.read(from: inputs.folder("embeddings").appending(path: "embeddings.h5"))
    let fitted = try PointsFile(reading: inputs.folder("axes").appending(path: "points.h5"))
    guard let axes = fitted.principalAxes else { throw NoAxes() }
    guard axes.mean.count == embeddings.vectors.columns else {
      throw OtherFeatures(what: "\(axes.mean.count) numbers each, not \(embeddings.vectors.columns)")
    }
    if let other = fitted.provenance, !other.isComparable(to: embeddings.provenance) {
      throw OtherFeatures(what: "another network, place or preparation of pixels")
    }
    try ProjectedPoints(embeddings: embeddings, axes: axes, fitted: axes.fitted).write(
      to: output.appending(path: "points.h5"), workers: WorkerPool(threads: context.workers), context)
  }
}

extension PointsFile.PrincipalAxes {
  /// As something that projects. What it does not hold (singular values) is not asked for there.
  var fitted: PCA.Fitted {
    PCA.Fitted(
      mean: mean, components: components, explainedVariance: explainedVariance,
      explainedVarianceRatio: explainedVarianceRatio,
      singularValues: [Double](repeating: .nan, count: explainedVariance.count), whiten: whiten)
  }
}

/// Points that no PCA made.
struct NoAxes: Error, CustomStringConvertible {
  var description: String { "axes: the step is no pca, so there is nothing to project new images by" }
}
