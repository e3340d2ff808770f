public import Tensors

/// Spherical k-means (Dhillon & Modha 2001): groups by direction. Rows count by their direction only, centres have length one, and
/// the sum of cosines between rows and their centres is made large.
///
///     let fitted = try SphericalKMeans(nClusters: 20).fit(points, seed: seed, workers: pool)
///
/// Rows are brought to length one in 32 bits; then this is Lloyd's iteration of `KMeans` (same seeding, exactness, stopping
/// rules, care of empty groups) with sums brought to length one in place of means. A row of zeros has no direction: it is as far
/// from all centres, and goes to the lowest. Strength is that of `KMeans`, by distances between unit vectors.
public struct SphericalKMeans: Clusterer, Equatable {
  public let nClusters: Int
  public let nInit: Int
  public let maxIterations: Int
  public let tolerance: Double
  public let seeding: KMeans.Seeding

  /// - Precondition: all counts at least 1, `tolerance` not negative.
  public init(
    nClusters: Int, nInit: Int = 10, maxIterations: Int = 300, tolerance: Double = 1e-4,
    seeding: KMeans.Seeding = .plusPlus
  ) {
    precondition(nClusters >= 1 && nInit >= 1 && maxIterations >= 1, "\(nClusters), \(nInit), \(maxIterations)")
    precondition(tolerance >= 0, "a tolerance of \(tolerance)")
    self.nClusters = nClusters
    self.nInit = nInit
    self.maxIterations = maxIterations
    self.tolerance = tolerance
    self.seeding = seeding
  }

  /// Groups found.
  public struct Fitted: Sendable {
    public let partition: Partition
    /// Row `g` is the direction of group `g` of `partition`, of length one.
    public let centers: Matrix
    /// Sum of 1 − cosine between rows and their centres.
    public let inertia: Double
    /// Iterations of the start that was kept.
    public let iterations: Int

    /// The groups new rows belong to, by direction. Distances are those between unit vectors, √(2 − 2 cosine).
    /// - Throws: `ClusteringError.noRows`, `.notFinite`, or what the medium throws.
    public func assign(_ rows: any RowSource, workers: WorkerPool) throws -> CenterAssignment {
      try CenterAssignment(of: Directions(of: rows), to: centers, workers: workers)
    }
  }

  /// Fits from `nInit` seeded starts and keeps the best by inertia, the first of equals.
  /// - Throws: `ClusteringError.noRows`, `.tooFewRows`, `.notFinite`, or what the medium throws.
  /// - Complexity: that of `KMeans.fit`; the directions are held in memory.
  public func fit(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Fitted {
    let problem = try KMeansProblem(points: Directions(of: points).loaded(), nClusters: nClusters, workers: workers)
    var best: KMeansProblem.Outcome?
    for start in 0..<nInit {
      let seed = seed.split(start)
      let rows =
        switch seeding {
        case .plusPlus: try problem.plusPlusCenters(seed: seed, workers: workers)
        case .parallel: try problem.parallelCenters(seed: seed, workers: workers)
        }
      let outcome = try run(problem, from: rows, workers)
      if let best, best.inertia <= outcome.inertia { continue }
      best = outcome
    }
    return try fitted(problem, best!, workers)
  }

  /// Fits from the centres given, one run; their lengths don't matter. - Precondition: [nClusters, columns] and finite.
  public func fit(_ points: any RowSource, from startCenters: Matrix, workers: WorkerPool) throws -> Fitted {
    let start = try Directions(of: startCenters).loaded().storage.map { Double($0) }
    let problem = try KMeansProblem(
      points: Directions(of: points).loaded(), holding: start, nClusters: nClusters, workers: workers)
    precondition(
      startCenters.rows == nClusters && startCenters.columns == points.columns,
      "start centres of \(startCenters.rows) × \(startCenters.columns)")
    return try fitted(problem, try run(problem, from: start, workers), workers)
  }

  public func partition(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Partition {
    try fit(points, seed: seed, workers: workers).partition
  }

  private func run(
    _ problem: KMeansProblem, from start: [Double], _ workers: WorkerPool
  ) throws -> KMeansProblem.Outcome {
    try problem.lloyd(
      from: start, as: .directions, maxIterations: maxIterations, tolerance: tolerance, strengths: nInit == 1,
      workers: workers)
  }

  private func fitted(
    _ problem: KMeansProblem, _ outcome: KMeansProblem.Outcome, _ workers: WorkerPool
  ) throws -> Fitted {
    let (partition, centers) = try problem.partition(outcome, workers: workers)
    return Fitted(partition: partition, centers: centers, inertia: outcome.inertia / 2, iterations: outcome.iterations)
  }
}

/// Rows of another source brought to length one; rows of zeros stay as they are, and so do rows that are not finite.
struct Directions: RowSource {
  private let source: any RowSource
  var rows: Int { source.rows }
  var columns: Int { source.columns }

  init(of source: any RowSource) { self.source = source }

  func withRows<R>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
    var values = try source.withRows(range) { Array($0) }
    for row in 0..<range.count {
      let numbers = row * columns..<(row + 1) * columns
      var square = 0.0
      for i in numbers { square += Double(values[i]) * Double(values[i]) }
      if square == 0 || !square.isFinite { continue }
      let length = square.squareRoot()
      for i in numbers { values[i] = Float(Double(values[i]) / length) }
    }
    return try values.withUnsafeBufferPointer(body)
  }

  func loaded() throws -> Matrix {
    try withRows(0..<rows) { Matrix(rows: rows, columns: columns, storage: Array($0)) }
  }
}
