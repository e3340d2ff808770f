import Clustering
public import Foundation
public import Pipeline
import Storage
import Tensors

/// `hdbscan`: as many groups as the density shows, and noise for what lies in none.
public struct HDBSCANStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var min_cluster_size: Int
    var min_samples: ParameterValue
    var cluster_selection_method: String
    var cluster_selection_epsilon: Double
    var alpha: Double
    var allow_single_cluster: Bool
    var max_cluster_size: Int
    var metric: String
    var assign_noise: ParameterValue
    var resamples: Int
  }

  public static let name = "hdbscan"
  public static let revision = 2
  public static let summary = "Sort points into groups of any number by density, exactly; the rest is noise"
  public static let slots = [Slot("points", [.points]), Slot("images", [.images], optional: true)]
  public static let output = ArtifactKind.groups
  public static let publishes =
    GroupsArtifact.published + [Published(file: ClusterSizesTable.file, name: "sizes-{step}.csv")]
  public static let fields = [
    ParameterField("min_cluster_size", .integer(2...1_000_000), default: 15, "Fewest images that make a group"),
    ParameterField(
      "min_samples", .either([.integer(1...1_000_000), .choice(["auto"])]), default: "auto",
      "Neighbours that make a place dense; lower it for less noise; auto is min_cluster_size"),
    ParameterField(
      "cluster_selection_method", .choice(["eom", "leaf"]), default: "eom",
      "Groups that last longest (eom), or the finest (leaf)"),
    ParameterField(
      "cluster_selection_epsilon", .number(0...1e9), default: 0.0, "Groups nearer than this are not parted"),
    ParameterField("alpha", .number(0.01...100), default: 1.0, "Divides distances before they meet core distances"),
    ParameterField("allow_single_cluster", .flag, default: false, "Whether all images may be one group"),
    ParameterField(
      "max_cluster_size", .integer(0...1_000_000_000), default: 0, "Larger groups are parted; 0 for any size"),
    ParameterField(
      "metric", .choice(Metric.allCases.map(\.rawValue)), default: "euclidean", "How far apart points are"),
    ParameterField(
      "assign_noise", .either([.choice(["none"]), .number(0...1)]), default: "none",
      "Proposes a group for images in none whose membership in it is at least this, in a column of its own; labels stay as they are"
    ),
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
    let clusterer = HDBSCAN(
      minClusterSize: parameters.min_cluster_size, minSamples: parameters.min_samples.integer,
      selectionMethod: parameters.cluster_selection_method == "leaf" ? .leaf : .eom,
      clusterSelectionEpsilon: parameters.cluster_selection_epsilon, alpha: parameters.alpha,
      allowSingleCluster: parameters.allow_single_cluster,
      maxClusterSize: parameters.max_cluster_size == 0 ? nil : parameters.max_cluster_size,
      metric: Metric(rawValue: parameters.metric)!)
    let fitted = try clusterer.fit(matrix, workers: workers)
    try context.checkCancellation()
    let validity = DensityValidity(of: matrix, fitted.partition, workers: workers)
    let model = DensityModel(fitted, points: matrix)
    let curve = ClusterSizeCurve(
      of: fitted, sizes: ClusterSizeCurve.sizes(forRows: matrix.rows), workers: workers)
    try ClusterSizesTable.write(curve, to: output.appending(path: ClusterSizesTable.file))
    if let sizes = curve.plateauSizes {
      context.note("min_cluster_size \(sizes.lowerBound) to \(sizes.upperBound) give the same groups")
    }
    let seed = Seed(context.seed).split(HDBSCANStage.name)
    var finding = GroupsArtifact.Finding(
      partition: fitted.partition, method: "HDBSCAN", outlierScores: fitted.outlierScores,
      values: validity.score.map { [GroupsArtifact.Measures.Measure(name: "dbcv", value: $0)] } ?? [])
    if let threshold = parameters.assign_noise.number {
      let proposals = model.proposals(
        for: fitted.partition, by: .membership, threshold: threshold, workers: workers)
      context.note("noise_proposed \(proposals.count)")
      finding.proposals = proposals
    }
    finding.stability = try GroupsArtifact.stability(
      of: clusterer, matrix, fitted.partition, units: PatientUnits(inputs, ids: points.ids).units,
      resamples: parameters.resamples, seed: seed, workers: workers, context)
    try GroupsArtifact.write(finding, points: points, matrix, to: output, seed: seed, workers: workers, context)
    try GroupsModelFile.density(model).write(to: output.appending(path: GroupsModelFile.name))
  }
}
