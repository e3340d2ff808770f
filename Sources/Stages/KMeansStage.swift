import Clustering
public import Foundation
public import Pipeline
import Storage
import Tensors

/// `kmeans`: a given number of groups, each around its mean.
public struct KMeansStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var n_clusters: Int
    var n_init: Int
    var max_iter: Int
    var tol: Double
    var resamples: Int
  }

  public static let name = "kmeans"
  public static let revision = 2
  public static let summary = "Sort points into a given number of groups: k-means++ seeding, Lloyd's iteration"
  public static let slots = [Slot("points", [.points])]
  public static let output = ArtifactKind.groups
  public static let publishes = GroupsArtifact.published
  public static let fields = [
    ParameterField("n_clusters", .integer(1...100_000), default: nil, "How many groups"),
    ParameterField("n_init", .integer(1...1000), default: 10, "Seeded starts, of which the best is kept"),
    ParameterField("max_iter", .integer(1...100_000), default: 300, "Most iterations of a start"),
    ParameterField("tol", .number(0...1), default: 1e-4, "Stop when the centres move less, relative to the variance"),
    ParameterField(
      "resamples", .integer(0...1000), default: 10,
      "Random halves grouped afresh to say how sure each group is; 0 for none"),
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws { self.parameters = parameters }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    Arithmetic.digest(environment)
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let points = try PointsFile(reading: inputs.folder("points").appending(path: "points.h5"))
    let matrix = try points.points.loaded()
    let workers = WorkerPool(threads: context.workers)
    let seed = Seed(context.seed).split(KMeansStage.name)
    let clusterer = KMeans(
      nClusters: parameters.n_clusters, nInit: parameters.n_init, maxIterations: parameters.max_iter,
      tolerance: parameters.tol)
    let fitted = try clusterer.fit(matrix, seed: seed, workers: workers)
    var finding = GroupsArtifact.Finding(
      partition: fitted.partition, method: "k-means",
      values: [
        GroupsArtifact.Measures.Measure(name: "inertia", value: fitted.inertia),
        GroupsArtifact.Measures.Measure(name: "iterations", value: Double(fitted.iterations)),
      ])
    finding.stability = try GroupsArtifact.stability(
      of: clusterer, matrix, fitted.partition, resamples: parameters.resamples, seed: seed, workers: workers, context)
    try GroupsArtifact.write(finding, points: points, matrix, to: output, seed: seed, workers: workers, context)
    try GroupsModelFile.centers(fitted.centers).write(to: output.appending(path: GroupsModelFile.name))
  }
}
