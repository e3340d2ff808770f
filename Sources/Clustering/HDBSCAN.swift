public import Tensors

/// HDBSCAN*: groups are the dense regions that last, the rest is noise (Campello, Moulavi & Sander 2013; McInnes & Healy 2017).
///
///     let fitted = try HDBSCAN(minClusterSize: 15).fit(points, workers: pool)
///
/// Exact throughout: k nearest neighbours, minimum spanning tree of mutual reachability, single linkage, condensed tree,
/// selection. Nothing is random. Names, defaults and results are those of the hdbscan package (0.8.44):
///
/// * the core distance is that to the `minSamples`-th *other* row, as on all of hdbscan's dense fitting paths (generic, Prim's,
///   Borůvka's); scikit-learn's HDBSCAN counts the row itself, so its `min_samples` is ours plus one;
/// * `alpha` divides distances but not core distances, as on hdbscan's generic and Prim's paths (its Borůvka paths ignore it);
/// * the cosine metric is 1 − cos, as of hdbscan's `metric="precomputed"` on such distances (see `Metric` for rows of zeros).
///
/// Differences: the spanning tree is never approximate; edges of equal weight are joined shorter distance first, where hdbscan's
/// order is that of an unstable sort (a point that bridges two clusters exactly at its core distance may go to the other one);
/// and coincident points (λ = ∞) give scores, not NaN.
///
/// A row's strength is its probability: the density at which it leaves its cluster over the highest of the cluster.
public struct HDBSCAN: Clusterer, Equatable {
  public let minClusterSize: Int
  /// nil means `minClusterSize`. At most n − 1 is used.
  public let minSamples: Int?
  public let selectionMethod: ClusterSelection.Method
  /// Clusters that split off below this distance are merged.
  public let clusterSelectionEpsilon: Double
  public let alpha: Double
  /// Whether all points together may be one cluster.
  public let allowSingleCluster: Bool
  /// Larger clusters give way to their parts (excess of mass only).
  public let maxClusterSize: Int?
  public let metric: Metric

  /// - Precondition: `minClusterSize >= 2`, `minSamples >= 1`, `clusterSelectionEpsilon >= 0`, `alpha > 0`, `maxClusterSize >= 1`.
  public init(
    minClusterSize: Int = 5, minSamples: Int? = nil, selectionMethod: ClusterSelection.Method = .eom,
    clusterSelectionEpsilon: Double = 0, alpha: Double = 1, allowSingleCluster: Bool = false,
    maxClusterSize: Int? = nil,
    metric: Metric = .euclidean
  ) {
    precondition(minClusterSize >= 2 && minSamples ?? 1 >= 1, "sizes \(minClusterSize), \(minSamples ?? 1)")
    precondition(clusterSelectionEpsilon >= 0 && alpha > 0, "epsilon \(clusterSelectionEpsilon), alpha \(alpha)")
    precondition(maxClusterSize ?? 1 >= 1, "clusters of at most \(maxClusterSize ?? 1)")
    self.minClusterSize = minClusterSize
    self.minSamples = minSamples
    self.selectionMethod = selectionMethod
    self.clusterSelectionEpsilon = clusterSelectionEpsilon
    self.alpha = alpha
    self.allowSingleCluster = allowSingleCluster
    self.maxClusterSize = maxClusterSize
    self.metric = metric
  }

  /// Groups found, and the tree they come from.
  public struct Fitted: Sendable {
    public let partition: Partition
    /// Membership of each row in its group, 0 for noise.
    public let probabilities: [Double]
    /// GLOSH outlier score of each row, in 0…1.
    public let outlierScores: [Double]
    /// Distance of each row to its `minSamples`-th other row.
    public let coreDistances: [Double]
    /// The same where the row itself counts as the first: what hdbscan's predictions of new rows hold a row's core distance to be.
    public let coreDistancesWithSelf: [Double]
    public let condensedTree: CondensedTree
    /// The cluster of the condensed tree that each group of `partition` is.
    public let clusters: [Int]
    /// How long each group lasts, in 0…1, hdbscan's `cluster_persistence_`: by group of `partition`.
    public let persistences: [Double]
    /// Excess of mass of each group's cluster, by group of `partition`.
    public let stabilities: [Double]
    /// What joins the rows: other sizes of clusters follow from it (`ClusterSizeCurve`).
    public let spanningTree: SpanningTree
    /// What found this.
    public let parameters: HDBSCAN
  }

  /// Fits. One row, or fewer than `minClusterSize`, are noise.
  /// - Throws: `ClusteringError.noRows`, `.notFinite`, or what the medium throws.
  /// - Complexity: O(n² · d) time at worst, far less by a kd-tree where groups are apart; O(n · (d + minSamples)) memory.
  public func fit(_ points: any RowSource, workers: WorkerPool) throws -> Fitted {
    let points = metric.embedded(try points.checkedForClustering())
    let samples = min(minSamples ?? minClusterSize, points.rows - 1)
    let tree = KDTree(wherePaysOff: points, workers: workers)
    let neighbors =
      tree.map { Neighbors(of: $0, count: samples, workers: workers) }
      ?? Neighbors(of: points, count: samples, by: .blocks, workers: workers)
    /// The distance of a row to its `count`-th other row.
    func distance(_ row: Int, _ count: Int) -> Double {
      count > 0 ? metric.distance(ofEuclidean: neighbors.distance(row, count - 1)) : 0
    }
    let counted = min(minSamples ?? minClusterSize, points.rows)
    let spanning = SpanningTree(
      of: points, neighbors: neighbors, alpha: metric.euclideanAlpha(alpha), tree: tree, workers: workers)
    return fitted(
      spanning.measured(by: metric), coreDistances: (0..<points.rows).map { distance($0, samples) },
      coreDistancesWithSelf: (0..<points.rows).map { distance($0, counted - 1) })
  }

  /// What follows from the spanning tree. - Complexity: O(n log n).
  private func fitted(
    _ spanning: SpanningTree, coreDistances: [Double], coreDistancesWithSelf: [Double]
  ) -> Fitted {
    let tree = CondensedTree(SingleLinkage(spanning), minimumClusterSize: minClusterSize)
    let selection = ClusterSelection(
      tree, method: selectionMethod, epsilon: clusterSelectionEpsilon, allowSingleCluster: allowSingleCluster,
      maxClusterSize: maxClusterSize)
    let partition = Partition(rawLabels: selection.labels, strengths: selection.probabilities.map { Float($0) })
    let stabilities = tree.stabilities
    return Fitted(
      partition: partition, probabilities: selection.probabilities, outlierScores: tree.outlierScores,
      coreDistances: coreDistances, coreDistancesWithSelf: coreDistancesWithSelf, condensedTree: tree,
      clusters: partition.rawNumbers.map { selection.clusters[$0] },
      persistences: partition.rawNumbers.map { selection.persistences[$0] },
      stabilities: partition.rawNumbers.map { stabilities[selection.clusters[$0] - tree.pointCount] },
      spanningTree: spanning, parameters: self)
  }

  public func partition(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Partition {
    try fit(points, workers: workers).partition
  }

  /// Sizes shrink with the rows: the density a cluster must have stays the same.
  public func adapted(toFraction fraction: Double) -> HDBSCAN {
    func shrunk(_ count: Int, atLeast least: Int) -> Int { max(least, Int((Double(count) * fraction).rounded())) }
    return HDBSCAN(
      minClusterSize: shrunk(minClusterSize, atLeast: 2), minSamples: minSamples.map { shrunk($0, atLeast: 1) },
      selectionMethod: selectionMethod, clusterSelectionEpsilon: clusterSelectionEpsilon, alpha: alpha,
      allowSingleCluster: allowSingleCluster, maxClusterSize: maxClusterSize.map { shrunk($0, atLeast: 2) },
      metric: metric)
  }
}

extension SpanningTree {
  /// The tree of the same rows under a metric that orders pairs as the Euclidean one of this tree does.
  fileprivate func measured(by metric: Metric) -> SpanningTree {
    if metric == .euclidean { return self }
    return SpanningTree(
      pointCount: pointCount,
      edges: edges.map {
        Edge(
          $0.a, $0.b, weight: metric.distance(ofEuclidean: $0.weight),
          distance: metric.distance(ofEuclidean: $0.distance))
      })
  }
}
