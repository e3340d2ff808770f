public import Tensors

/// k-means: centres and groups that make the sum of squared distances small, by k-means++ or k-means‖ seeding and Lloyd's iteration.
///
///     let fitted = try KMeans(nClusters: 6).fit(points, seed: seed, workers: pool)
///     let grown = try fitted.assign(newPoints, workers: pool)
///
/// Names, defaults and stopping rules are scikit-learn's: an iteration assigns and averages; it is the last when no label
/// changed or when the centres together moved, squared, by at most `tolerance` times the mean variance of the columns. Empty
/// groups take the rows farthest from their centres. The best of `nInit` starts by inertia is kept, the first of equals.
///
/// Assignment is that of 64-bit distances, ties to the lower centre, in every iteration: bounds (Elkan 2003, one byte each)
/// and 32-bit products only rule out what is surely farther. Sums are renewed where members changed, in an order that doesn't depend on it.
///
/// A row's strength is the simplified silhouette 1 − a / b: a and b are the distances to its own and the next nearest centre.
public struct KMeans: Clusterer, Equatable {
  /// How the first centres are chosen.
  public enum Seeding: Sendable, Equatable {
    /// Greedy k-means++ (Arthur & Vassilvitskii 2007), k passes over the points.
    case plusPlus
    /// k-means‖ (Bahmani et al. 2012): six passes over the points, then weighted k-means++ on some ten candidates a centre.
    case parallel
  }

  public let nClusters: Int
  public let nInit: Int
  public let maxIterations: Int
  public let tolerance: Double
  public let seeding: Seeding
  /// Bytes that points and bounds may take. Points of another source than memory are held if they fit, else read again in every
  /// pass; bounds take what is left, at most 2 GiB, and rows beyond have none. No result depends on it.
  public let memory: Int

  /// - Precondition: all counts at least 1, `tolerance` and `memory` not negative.
  public init(
    nClusters: Int, nInit: Int = 10, maxIterations: Int = 300, tolerance: Double = 1e-4, seeding: Seeding = .plusPlus,
    memory: Int = .max
  ) {
    precondition(nClusters >= 1 && nInit >= 1 && maxIterations >= 1, "\(nClusters), \(nInit), \(maxIterations)")
    precondition(tolerance >= 0 && memory >= 0, "a tolerance of \(tolerance), a memory of \(memory)")
    self.nClusters = nClusters
    self.nInit = nInit
    self.maxIterations = maxIterations
    self.tolerance = tolerance
    self.seeding = seeding
    self.memory = memory
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

    /// The groups new rows belong to, by 64-bit distances to `centers` as stored, ties to the lower group.
    /// - Throws: `ClusteringError.noRows`, `.notFinite`, or what the medium throws.
    /// - Precondition: the columns are those of the fit.
    /// - Complexity: O(n · k · d) time; rows are read in blocks.
    public func assign(_ rows: any RowSource, workers: WorkerPool) throws -> CenterAssignment {
      try CenterAssignment(of: rows, to: centers, workers: workers)
    }
  }

  /// Fits from `nInit` seeded starts.
  /// - Throws: `ClusteringError.noRows`, `.tooFewRows`, `.notFinite`, or what the medium throws.
  /// - Complexity: O(nInit · iterations · n · k · d) time at worst, less by what bounds rule out; memory n · k bytes of bounds
  ///   (see `memory`) and 30 n beside the points, and 512 · k · d bytes of sums. k-means++ in memory holds the points twice while it runs.
  public func fit(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Fitted {
    let problem = try problem(points, holding: [], workers)
    // Small problems share out the starts, large ones the rows; the sums are the same either way.
    let work = points.rows * nClusters * (points.columns + 2)
    let runs: [KMeansProblem.Outcome]
    if nInit > 1 && work < Self.smallProblem {
      runs = try workers.map(jobs: nInit) { start, _ in
        try run(problem, seed.split(start), WorkerPool(threads: 1))
      }
    } else {
      runs = try (0..<nInit).map { try run(problem, seed.split($0), workers) }
    }
    var best = 0
    for candidate in 1..<max(nInit, 1) where runs[candidate].inertia < runs[best].inertia { best = candidate }
    return try fitted(problem, runs[best], workers)
  }

  /// Fits from the centres given, one run. - Precondition: `startCenters` is [nClusters, columns] and finite.
  public func fit(_ points: any RowSource, from startCenters: Matrix, workers: WorkerPool) throws -> Fitted {
    let start = startCenters.storage.map { Double($0) }
    let problem = try problem(points, holding: start, workers)
    precondition(
      startCenters.rows == nClusters && startCenters.columns == points.columns,
      "start centres of \(startCenters.rows) × \(startCenters.columns)")
    precondition(start.allSatisfy(\.isFinite), "start centres that are not finite")
    let outcome = try problem.lloyd(
      from: start, maxIterations: maxIterations, tolerance: tolerance, strengths: true, workers: workers)
    return try fitted(problem, outcome, workers)
  }

  public func partition(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Partition {
    try fit(points, seed: seed, workers: workers).partition
  }

  private static let smallProblem = 1 << 25

  private func problem(_ points: any RowSource, holding start: [Double], _ workers: WorkerPool) throws -> KMeansProblem
  {
    let bytes = 4 * points.rows * points.columns
    let held = points is Matrix || bytes <= memory
    return try KMeansProblem(
      points: held ? points.loaded() : points, holding: start, nClusters: nClusters,
      boundsLimit: min(KMeansProblem.defaultBoundsLimit, max(0, memory - (held ? bytes : 0))), workers: workers)
  }

  private func run(_ problem: KMeansProblem, _ seed: Seed, _ workers: WorkerPool) throws -> KMeansProblem.Outcome {
    let start =
      switch seeding {
      case .plusPlus: try problem.plusPlusCenters(seed: seed, workers: workers)
      case .parallel: try problem.parallelCenters(seed: seed, workers: workers)
      }
    return try problem.lloyd(
      from: start, maxIterations: maxIterations, tolerance: tolerance, strengths: nInit == 1, workers: workers)
  }

  private func fitted(
    _ problem: KMeansProblem, _ outcome: KMeansProblem.Outcome, _ workers: WorkerPool
  ) throws -> Fitted {
    let (partition, centers) = try problem.partition(outcome, workers: workers)
    return Fitted(partition: partition, centers: centers, inertia: outcome.inertia, iterations: outcome.iterations)
  }
}

extension KMeansProblem {
  /// The groups of an outcome by falling size, and their centres in that order.
  func partition(_ outcome: Outcome, workers: WorkerPool) throws -> (Partition, Matrix) {
    let strengths =
      outcome.strengths.isEmpty
      ? try strengths(
        outcome.labels, outcome.centers, squaredDistances(outcome.labels, outcome.centers, workers: workers),
        bounds: nil, workers: workers) : outcome.strengths
    let partition = Partition(rawLabels: outcome.labels.map { Int($0) }, strengths: strengths)
    var centers: [Float] = []
    for raw in partition.rawNumbers {
      centers += outcome.centers[raw * columns..<(raw + 1) * columns].map { Float($0) }
    }
    return (partition, Matrix(rows: partition.groupCount, columns: columns, storage: centers))
  }
}
