import Clustering
public import Foundation
import Insight
public import Pipeline
import Records
import Storage
import Tensors

/// `kmeans`: groups around their means, as many as asked for, or as many as the points show.
public struct KMeansStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var n_clusters: ParameterValue
    var k_max: ParameterValue
    var `init`: String
    var n_init: Int
    var max_iter: Int
    var tol: Double
    var algorithm: String
    var metric: String
    var resamples: Int
  }

  public static let name = "kmeans"
  public static let revision = 2
  public static let summary = "Sort points into groups around their means; how many there are, it finds out"
  public static let slots = [Slot("points", [.points]), Slot("images", [.images], optional: true)]
  public static let output = ArtifactKind.groups
  public static let publishes =
    GroupsArtifact.published + [
      Published(file: CountsTable.file, name: "counts-{step}.csv", isOptional: true)
    ]
  public static let fields = [
    ParameterField(
      "n_clusters", .either([.integer(1...1_000_000), .choice(["auto"])]), default: "auto",
      "How many groups; auto: as many as several measures agree on, one where nothing shows structure"),
    ParameterField(
      "k_max", .either([.integer(2...200), .choice(["auto"])]), default: "auto",
      "The most groups that auto tries; auto: 20, or a tenth of the images"),
    ParameterField(
      "init", .choice(["k-means++", "k-means||"]), default: "k-means++",
      "How first centres are chosen; k-means|| for thousands of groups"),
    ParameterField("n_init", .integer(1...1000), default: 10, "Seeded starts, of which the best is kept"),
    ParameterField("max_iter", .integer(1...100_000), default: 300, "Most iterations of a start"),
    ParameterField("tol", .number(0...1), default: 1e-4, "Stop when the centres move less, relative to the variance"),
    ParameterField(
      "algorithm", .choice(["lloyd", "minibatch"]), default: "lloyd",
      "Exact iterations over all points, or an approximation by batches"),
    ParameterField(
      "metric", .choice(Metric.allCases.map(\.rawValue)), default: "euclidean",
      "cosine: points and centres at length 1 (spherical k-means; with lloyd)"),
    ParameterField(
      "resamples", .integer(0...1000), default: 10,
      "Random halves grouped afresh to say how sure each group is; 0 for none"),
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws {
    if parameters.metric == "cosine" && parameters.algorithm == "minibatch" {
      throw ParameterError(key: "metric", message: "cosine is for algorithm: lloyd")
    }
    self.parameters = parameters
  }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    Arithmetic.digest(environment)
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let points = try PointsFile(reading: inputs.folder("points").appending(path: "points.h5"))
    let promise = MemoryPromise(context)
    let held = 4 * points.points.rows * points.points.columns
    try promise.need(3 * held, for: "the points, their packed copy and the bounds of \(points.points.rows) images")
    let matrix = try points.points.loaded()
    let workers = WorkerPool(threads: context.workers)
    let seed = Seed(context.seed).split(KMeansStage.name)
    let units = try PatientUnits(inputs, ids: points.ids).units
    let count = try parameters.n_clusters.integer == nil ? count(of: matrix, units, seed, workers) : nil
    try context.checkCancellation()
    let k = parameters.n_clusters.integer ?? count!.estimate
    let metric = Metric(rawValue: parameters.metric)!
    let found = try groups(
      k, of: matrix, metric, memory: context.memoryLimit.map { max($0 - held, 0) } ?? .max, seed, workers)
    var finding = GroupsArtifact.Finding(partition: found.partition, method: "k-means", values: found.values)
    if let count {
      let said = CountSentence(count)
      finding.count = said
      context.note("count: \(said.sentence)")
      try CountsTable.write(count, to: output.appending(path: CountsTable.file))
    }
    finding.stability = try GroupsArtifact.stability(
      of: found.clusterer, matrix, found.partition, units: units, resamples: parameters.resamples, seed: seed,
      workers: workers, context)
    try GroupsArtifact.write(finding, points: points, matrix, to: output, seed: seed, workers: workers, context)
    try GroupsModelFile.centers(found.centers, metric).write(to: output.appending(path: GroupsModelFile.name))
  }

  private func count(
    of points: Matrix, _ units: [Int]?, _ seed: Seed, _ workers: WorkerPool
  ) throws -> ClusterCount {
    try ClusterCount(
      of: points, upTo: parameters.k_max.integer.map { min($0, points.rows) }, units: units, seed: seed,
      workers: workers)
  }

  private struct Found {
    var partition: Partition
    var centers: Matrix
    var values: [GroupsArtifact.Measures.Measure]
    var clusterer: any Clusterer

    init(_ partition: Partition, _ centers: Matrix, _ values: [(String, Double)], _ clusterer: any Clusterer) {
      self.partition = partition
      self.centers = centers
      self.values = values.map { GroupsArtifact.Measures.Measure(name: $0.0, value: $0.1) }
      self.clusterer = clusterer
    }
  }

  private func groups(
    _ k: Int, of points: Matrix, _ metric: Metric, memory: Int, _ seed: Seed, _ workers: WorkerPool
  ) throws -> Found {
    let seeding: KMeans.Seeding = parameters.`init` == "k-means||" ? .parallel : .plusPlus
    if parameters.algorithm == "minibatch" {
      let clusterer = MiniBatchKMeans(nClusters: k, maxIterations: parameters.max_iter)
      let fitted = try clusterer.fit(points, seed: seed, workers: workers)
      return Found(
        fitted.partition, fitted.centers, [("inertia", fitted.inertia), ("batches", Double(fitted.batches))], clusterer)
    }
    if metric == .cosine {
      let clusterer = SphericalKMeans(
        nClusters: k, nInit: parameters.n_init, maxIterations: parameters.max_iter, tolerance: parameters.tol,
        seeding: seeding)
      let fitted = try clusterer.fit(points, seed: seed, workers: workers)
      return Found(
        fitted.partition, fitted.centers, [("inertia", fitted.inertia), ("iterations", Double(fitted.iterations))],
        clusterer)
    }
    let clusterer = KMeans(
      nClusters: k, nInit: parameters.n_init, maxIterations: parameters.max_iter, tolerance: parameters.tol,
      seeding: seeding, memory: memory)
    let fitted = try clusterer.fit(points, seed: seed, workers: workers)
    return Found(
      fitted.partition, fitted.centers, [("inertia", fitted.inertia), ("iterations", Double(fitted.iterations))],
      clusterer)
  }
}

/// `counts.csv`: what every measure says of every number of groups that was tried.
enum CountsTable {
  static let file = "counts.csv"

  static func write(_ count: ClusterCount, to url: URL) throws {
    try CSVWriter.write(
      to: url,
      columns: [
        "k", "silhouette", "simplified_silhouette", "calinski_harabasz", "davies_bouldin", "gap_to_box",
        "gap_to_gaussian", "prediction_strength", "stability", "apart", "plausible",
      ]
    ) { writer in
      for candidate in count.candidates {
        try writer.row([
          NumberText.text(candidate.k), NumberText.text(candidate.silhouette),
          NumberText.text(candidate.simplifiedSilhouette), NumberText.text(candidate.calinskiHarabasz),
          NumberText.text(candidate.daviesBouldin), NumberText.text(candidate.gapToBox),
          NumberText.text(candidate.gapToGaussian), NumberText.text(candidate.predictionStrength),
          NumberText.text(candidate.stability), NumberText.text(candidate.apart),
          count.plausible.contains(candidate.k) ? "true" : "false",
        ])
      }
    }
  }
}
