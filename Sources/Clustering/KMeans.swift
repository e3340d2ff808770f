public import Tensors

/// k-means: centres and groups that make the sum of squared distances small, by greedy k-means++ seeding and Lloyd's iteration.
///
///     let fitted = try KMeans(nClusters: 6).fit(points, seed: seed, workers: pool)
///
/// Names, defaults and stopping rules are scikit-learn's: an iteration assigns and averages; it is the last when no label
/// changed or when the centres together moved, squared, by at most `tolerance` times the mean variance of the columns. Empty
/// groups take the rows farthest from their centres. The best of `nInit` starts by inertia is kept, the first of equals.
/// Assignment is that of 64-bit distances, ties to the lower centre.
///
/// A row's strength is the simplified silhouette 1 − a / b: a and b are the distances to its own and the next nearest centre.
public struct KMeans: Clusterer, Equatable {
  public let nClusters: Int
  public let nInit: Int
  public let maxIterations: Int
  public let tolerance: Double

  /// - Precondition: all counts at least 1, `tolerance` not negative.
  public init(nClusters: Int, nInit: Int = 10, maxIterations: Int = 300, tolerance: Double = 1e-4) {
    precondition(nClusters >= 1 && nInit >= 1 && maxIterations >= 1, "\(nClusters), \(nInit), \(maxIterations)")
    precondition(tolerance >= 0, "a tolerance of \(tolerance)")
    self.nClusters = nClusters
    self.nInit = nInit
    self.maxIterations = maxIterations
    self.tolerance = tolerance
  }

  /// Groups found.
  public struct Fitted: Sendable {
    public let partition: Partition
    /// Row `g` is the mean of group `g` of `partition`. Fewer than `nClusters` rows where the points have fewer distinct values.
    public let centers: Matrix
    /// Sum of squared distances of rows to their centres.
    public let inertia: Double
    /// Iterations of the start that was kept.
    public let iterations: Int
  }

  /// Fits from `nInit` seeded starts.
  /// - Throws: `ClusteringError.noRows`, `.tooFewRows`, `.notFinite`, or what the medium throws.
  /// - Complexity: O(nInit · iterations · n · k · d) time; the points are held in memory twice.
  public func fit(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Fitted {
    let points = try checked(points)
    let problem = KMeansProblem(points: points, holding: nil, nClusters: nClusters)
    // Small problems share out the starts, large ones the rows; the sums are the same either way.
    let work = points.rows * nClusters * (points.columns + 2)
    let runs: [KMeansProblem.Outcome]
    if nInit > 1 && work < Self.smallProblem {
      runs = try workers.map(jobs: nInit) { start, _ in run(problem, seed.split(start), WorkerPool(threads: 1)) }
    } else {
      runs = (0..<nInit).map { run(problem, seed.split($0), workers) }
    }
    var best = 0
    for candidate in 1..<max(nInit, 1) where runs[candidate].inertia < runs[best].inertia { best = candidate }
    return fitted(problem, runs[best])
  }

  /// Fits from the centres given, one run. - Precondition: `startCenters` is [nClusters, columns] and finite.
  public func fit(_ points: any RowSource, from startCenters: Matrix, workers: WorkerPool) throws -> Fitted {
    let points = try checked(points)
    precondition(
      startCenters.rows == nClusters && startCenters.columns == points.columns,
      "start centres of \(startCenters.rows) × \(startCenters.columns)")
    let problem = KMeansProblem(points: points, holding: startCenters, nClusters: nClusters)
    let start = startCenters.storage.map { Double($0) }
    precondition(start.allSatisfy(\.isFinite), "start centres that are not finite")
    return fitted(
      problem, problem.lloyd(from: start, maxIterations: maxIterations, tolerance: tolerance, workers: workers))
  }

  public func partition(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Partition {
    try fit(points, seed: seed, workers: workers).partition
  }

  private static let smallProblem = 1 << 25

  private func checked(_ points: any RowSource) throws -> Matrix {
    let points = try points.checkedForClustering()
    if points.rows < nClusters { throw ClusteringError.tooFewRows(rows: points.rows, needed: nClusters) }
    return points
  }

  private func run(_ problem: KMeansProblem, _ seed: Seed, _ workers: WorkerPool) -> KMeansProblem.Outcome {
    let start = problem.plusPlusCenters(seed: seed, workers: workers)
    return problem.lloyd(from: start, maxIterations: maxIterations, tolerance: tolerance, workers: workers)
  }

  private func fitted(_ problem: KMeansProblem, _ outcome: KMeansProblem.Outcome) -> Fitted {
    let d = problem.points.columns
    let partition = Partition(
      rawLabels: outcome.labels.map { Int($0) }, strengths: problem.strengths(outcome.labels, outcome.centers))
    var centers: [Float] = []
    for raw in partition.rawNumbers { centers += outcome.centers[raw * d..<(raw + 1) * d].map { Float($0) } }
    return Fitted(
      partition: partition, centers: Matrix(rows: partition.groupCount, columns: d, storage: centers),
      inertia: outcome.inertia, iterations: outcome.iterations)
  }
}
