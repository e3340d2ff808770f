public import Tensors

/// Hierarchical k-means with resampling (Vo et al. 2024, *Automatic Data Curation for Self-Supervised Learning*): centres spread over
/// what there is, not over how often it is there, so that a long tail of rare kinds isn't drowned by a common one.
///
///     let levels = try HierarchicalKMeans(nClusters: [1000, 100, 10]).fit(points, seed: seed, workers: pool)
///     let rows = levels.sample(5000, seed: seed)
///
/// Level 0 groups the rows, each further level the centres of the level below. At each level, after k-means (`maxIterations` from
/// k-means++), `resamplings` times: the `sampleSizes[level]` members of each group that are closest to its centre are grouped anew,
/// and all are given to the nearest of the centres found. Each round flattens the density that the next one sees.
public struct HierarchicalKMeans: Clusterer, Equatable {
  /// Groups of each level, falling.
  public let nClusters: [Int]
  /// Members of a group that stand for it in a resampling, by level; 1 for no resampling.
  public let sampleSizes: [Int]
  public let resamplings: Int
  public let maxIterations: Int
  public let seeding: KMeans.Seeding

  /// - Parameter sampleSizes: nil for half of the mean size of a group, at least 2, at every level (see `sampleSize`).
  /// - Precondition: at least one level; counts are at least 1 and fall; as many sample sizes as levels, where given.
  public init(
    nClusters: [Int], sampleSizes: [Int]? = nil, resamplings: Int = 10, maxIterations: Int = 50,
    seeding: KMeans.Seeding = .plusPlus
  ) {
    precondition(!nClusters.isEmpty && nClusters.last! >= 1, "levels of \(nClusters) groups")
    precondition(zip(nClusters, nClusters.dropFirst()).allSatisfy { $0 > $1 }, "levels of \(nClusters) groups")
    precondition(
      sampleSizes.map { $0.count == nClusters.count && $0.allSatisfy { $0 >= 1 } } ?? true, "\(sampleSizes!)")
    precondition(resamplings >= 0 && maxIterations >= 1, "\(resamplings), \(maxIterations)")
    self.nClusters = nClusters
    self.sampleSizes = sampleSizes ?? []
    self.resamplings = resamplings
    self.maxIterations = maxIterations
    self.seeding = seeding
  }

  /// One level of groups.
  public struct Level: Sendable {
    /// Row `g` is the centre of group `g`.
    public let centers: Matrix
    /// The group of each row (level 0) or of each centre of the level below; strengths are those of `KMeans`.
    public let partition: Partition
  }

  /// Groups of groups.
  public struct Fitted: Sendable {
    /// From the rows' own groups up.
    public let levels: [Level]

    /// The rows' partition at a level: 0 has most groups.
    public func labels(atLevel level: Int) -> [Int] {
      var labels = levels[0].partition.labels.map { $0! }
      for above in levels[1..<(level + 1)] { labels = labels.map { above.partition.labels[$0]! } }
      return labels
    }

    /// A hierarchically balanced sample of rows, ascending: the top level's groups share `count` as evenly as their sizes allow,
    /// each share is shared out below likewise, and a lowest group draws its share from its rows at random.
    /// - Returns: `count` rows, or all where there are fewer.
    /// - Complexity: O(n log n).
    public func sample(_ count: Int, seed: Seed) -> [Int] {
      HierarchicalSampling(self).sample(count, seed: seed)
    }
  }

  /// - Throws: `ClusteringError.noRows`, `.tooFewRows`, `.notFinite`, or what the medium throws.
  /// - Complexity: that of `KMeans.fit` times one start and as many resamplings of fewer rows; the points are held in memory.
  public func fit(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Fitted {
    var points = try points.checkedForClustering()
    if points.rows < nClusters[0] { throw ClusteringError.tooFewRows(rows: points.rows, needed: nClusters[0]) }
    var levels: [Level] = []
    for level in nClusters.indices {
      // Rows that coincide may have left fewer centres than asked for.
      let fitted = try fit(
        points, min(nClusters[level], points.rows), sampleSizes.isEmpty ? nil : sampleSizes[level],
        seed.split("level").split(level), workers)
      levels.append(fitted)
      points = fitted.centers
    }
    return Fitted(levels: levels)
  }

  /// The partition of the lowest level.
  public func partition(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Partition {
    try fit(points, seed: seed, workers: workers).levels[0].partition
  }

  private func fit(
    _ points: Matrix, _ nClusters: Int, _ sampleSize: Int?, _ seed: Seed, _ workers: WorkerPool
  ) throws -> Level {
    let kMeans = KMeans(nClusters: nClusters, nInit: 1, maxIterations: maxIterations, seeding: seeding)
    var centers = try kMeans.fit(points, seed: seed.split("rows"), workers: workers).centers
    var assignment = try CenterAssignment(of: points, to: centers, workers: workers)
    let size = sampleSize ?? max(2, points.rows / nClusters / 2)
    for round in 0..<(size == 1 ? 0 : resamplings) {
      let closest = closest(size, assignment, groups: centers.rows)
      if closest.count < nClusters { break }
      centers = try kMeans.fit(points.rows(at: closest), seed: seed.split(round), workers: workers).centers
      assignment = try CenterAssignment(of: points, to: centers, workers: workers)
    }
    let partition = Partition(rawLabels: assignment.labels, strengths: assignment.strengths)
    return Level(centers: centers.rows(at: partition.rawNumbers), partition: partition)
  }

  /// The members of each group closest to its centre, ties to the lower row, ascending by row over all groups.
  private func closest(_ size: Int, _ assignment: CenterAssignment, groups: Int) -> [Int] {
    var members = [[Int]](repeating: [], count: groups)
    for (row, label) in assignment.labels.enumerated() { members[label].append(row) }
    let distances = assignment.distances
    return members.flatMap { rows in
      rows.sorted { distances[$0] != distances[$1] ? distances[$0] < distances[$1] : $0 < $1 }.prefix(size)
    }.sorted()
  }
}
