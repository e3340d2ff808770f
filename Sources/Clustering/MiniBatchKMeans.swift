public import Tensors

/// Mini-batch k-means (Sculley 2010): centres follow random batches of rows, each row by 1 / (rows its centre has seen). An
/// approximation for archives that Lloyd's iteration would take too long for; `KMeans` is exact.
///
///     let fitted = try MiniBatchKMeans(nClusters: 100).fit(points, seed: seed, workers: pool)
///
/// Names, defaults and rules are scikit-learn's: the start is k-means++ on three batches; batches are drawn with replacement;
/// a centre that saw fewer than `reassignmentRatio` times the rows of the busiest is put on a random row of the batch, looked for
/// whenever a centre is without rows or ten rows a centre have gone by; the end is `maxIterations` times n rows, or ten batches
/// (`maxNoImprovement`) in a row that did not lower the smoothed inertia. Each batch is assigned exactly, by 64-bit distances.
public struct MiniBatchKMeans: Clusterer, Equatable {
  public let nClusters: Int
  public let batchSize: Int
  /// Passes over as many rows as there are, at most.
  public let maxIterations: Int
  public let maxNoImprovement: Int
  public let reassignmentRatio: Double

  /// - Precondition: all counts at least 1; `reassignmentRatio` in 0…1.
  public init(
    nClusters: Int, batchSize: Int = 1024, maxIterations: Int = 100, maxNoImprovement: Int = 10,
    reassignmentRatio: Double = 0.01
  ) {
    precondition(nClusters >= 1 && batchSize >= 1 && maxIterations >= 1, "\(nClusters), \(batchSize), \(maxIterations)")
    precondition(maxNoImprovement >= 1 && 0...1 ~= reassignmentRatio, "\(maxNoImprovement), \(reassignmentRatio)")
    self.nClusters = nClusters
    self.batchSize = batchSize
    self.maxIterations = maxIterations
    self.maxNoImprovement = maxNoImprovement
    self.reassignmentRatio = reassignmentRatio
  }

  /// Groups found.
  public struct Fitted: Sendable {
    /// Every row by the nearest of the final centres; strengths are those of `KMeans`.
    public let partition: Partition
    /// Row `g` is where the batches left the centre of group `g` of `partition`; not quite the group's mean.
    public let centers: Matrix
    /// Sum of squared distances of rows to their centres.
    public let inertia: Double
    /// Batches taken.
    public let batches: Int

    /// The groups new rows belong to, as in `KMeans.Fitted.assign`.
    public func assign(_ rows: any RowSource, workers: WorkerPool) throws -> CenterAssignment {
      try CenterAssignment(of: rows, to: centers, workers: workers)
    }
  }

  /// - Throws: `ClusteringError.noRows`, `.tooFewRows`, `.notFinite`, or what the medium throws.
  /// - Complexity: O((batches · batchSize + n) · k · d) time; rows are read as they are drawn, and all once at the end.
  public func fit(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Fitted {
    let problem = try KMeansProblem(points: points, nClusters: nClusters, workers: workers)
    var generator = seed.split("batches").generator()
    func draw(_ count: Int) throws -> Matrix {
      let rows = (0..<count).map { _ in generator.integer(below: problem.rows) }
      return Matrix(rows: count, columns: problem.columns, storage: try problem.values(ofRows: rows).map { Float($0) })
    }
    let size = min(batchSize, problem.rows)
    let start = try draw(min(problem.rows, max(3 * size, 3 * nClusters)))
    var centers = MiniBatchCenters(
      values: try KMeansProblem(points: start, nClusters: nClusters, workers: workers)
        .plusPlusCenters(seed: seed.split("start"), workers: workers), count: nClusters)
    var progress = MiniBatchProgress(share: min(1, 2 * Double(size) / Double(problem.rows + 1)))
    let most = max(1, maxIterations * problem.rows / size)
    var batches = 0
    var seen = 0
    while batches < most && progress.idle < maxNoImprovement {
      batches += 1
      let batch = try draw(size)
      let inertia = try centers.follow(batch, workers: workers)
      seen += size
      if centers.weights.contains(0) || seen >= 10 * nClusters {
        seen = 0
        centers.reassign(to: batch, ratio: reassignmentRatio, &generator)
      }
      // The first batch says how good the start was.
      if batches > 1 { progress.note(inertia / Double(size)) }
    }
    var labels = [Int32](repeating: -1, count: problem.rows)
    _ = try problem.assign(centers.values, &labels, bounds: nil, sums: nil, workers: workers)
    let outcome = try problem.outcome(labels, centers.values, batches, bounds: nil, strengths: true, workers: workers)
    let (partition, found) = try problem.partition(outcome, workers: workers)
    return Fitted(partition: partition, centers: found, inertia: outcome.inertia, batches: batches)
  }

  public func partition(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Partition {
    try fit(points, seed: seed, workers: workers).partition
  }
}

/// Centres that follow batches, and how many rows each has seen.
private struct MiniBatchCenters {
  var values: [Double]
  var weights: [Double]
  private let count: Int

  init(values: [Double], count: Int) {
    self.values = values
    self.count = count
    weights = [Double](repeating: 0, count: count)
  }

  /// Moves the centres by a batch; returns its sum of squared distances before.
  mutating func follow(_ batch: Matrix, workers: WorkerPool) throws -> Double {
    let d = batch.columns
    let problem = try KMeansProblem(points: batch, holding: values, nClusters: 1, workers: workers).asking(for: count)
    var labels = [Int32](repeating: -1, count: batch.rows)
    let sums = KMeansSums(problem)
    _ = try problem.assign(values, &labels, bounds: nil, sums: sums, workers: workers)
    let inertia = try problem.squaredDistances(labels, values, workers: workers).reduce(0, +)
    let groups = sums.total(workers)
    for group in 0..<count where groups.counts[group] > 0 {
      let weight = weights[group] + Double(groups.counts[group])
      for i in group * d..<(group + 1) * d { values[i] = (values[i] * weights[group] + groups.sums[i]) / weight }
      weights[group] = weight
    }
    return inertia
  }

  /// Puts centres that saw too few rows on random rows of a batch, at most half as many as it has, the idlest first.
  mutating func reassign(to batch: Matrix, ratio: Double, _ generator: inout RandomGenerator) {
    let d = batch.columns
    let busiest = weights.max() ?? 0
    let idle = weights.indices.sorted { weights[$0] != weights[$1] ? weights[$0] < weights[$1] : $0 < $1 }
      .prefix(batch.rows / 2).filter { weights[$0] < ratio * busiest }
    if idle.isEmpty { return }
    let chosen = Set(idle)
    let least = weights.indices.filter { !chosen.contains($0) }.map { weights[$0] }.min() ?? 0
    var rows = Array(0..<batch.rows)
    generator.shuffle(&rows)
    for (group, row) in zip(idle, rows) {
      for c in 0..<d { values[group * d + c] = Double(batch[row, c]) }
      weights[group] = least
    }
  }
}

/// Whether batches still get better, by an exponentially weighted mean of their inertia.
private struct MiniBatchProgress {
  let share: Double
  private var smoothed: Double?
  private var least = Double.infinity
  /// Batches in a row that were no better.
  private(set) var idle = 0

  init(share: Double) { self.share = share }

  mutating func note(_ inertia: Double) {
    let now = smoothed.map { $0 * (1 - share) + inertia * share } ?? inertia
    smoothed = now
    if now < least {
      (least, idle) = (now, 0)
    } else {
      idle += 1
    }
  }
}
