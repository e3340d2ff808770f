public import Tensors

/// What HDBSCAN found, kept so that it can be asked further: exemplars of groups, soft membership, where new rows belong.
///
///     let model = DensityModel(try HDBSCAN(minClusterSize: 15).fit(points, workers: pool), points: points)
///     let placed = model.predict(newRows, workers: pool)
///
/// The conventions are those of hdbscan's `PredictionData` (0.8.44): a row's core distance counts the row itself there, though it
/// does not in the fit; `alpha` plays no part. The groups are those of the fit and never change: new rows make no group.
///
/// Plain arrays in and out: a model written down and read back is equal.
public struct DensityModel: Sendable, Equatable {
  /// The rows that were sorted, as they were given.
  public let points: Matrix
  public let metric: Metric
  /// Rows that a neighbourhood holds, as in the fit.
  public let minSamples: Int
  /// Distance of each row to its `minSamples`-th row, itself the first.
  public let coreDistances: [Double]
  /// Rows at the highest density of each group, ascending: of every leaf of the hierarchy below it (what a group looks like, where
  /// it has no middle).
  public let exemplars: [[Int]]

  let hierarchy: DensityHierarchy
  /// The points in the space that is searched.
  let embedded: Matrix
  let exemplarRows: ExemplarRows

  /// The cluster of the condensed tree that each row leaves, counted from the root, 0.
  public var pointClusters: [Int32] { hierarchy.pointClusters }
  /// The density, 1 / distance, at which each row leaves its cluster; infinite where rows coincide.
  public var pointDensities: [Double] { hierarchy.pointDensities }
  /// The cluster that each cluster splits off from; the root from itself.
  public var clusterParents: [Int32] { hierarchy.clusterParents }
  /// The density at which each cluster splits off; 0 for the root.
  public var clusterBirths: [Double] { hierarchy.clusterBirths }
  /// The cluster that each group is.
  public var groups: [Int32] { hierarchy.groups }
  public var groupCount: Int { hierarchy.groups.count }

  /// - Parameter points: the rows of the fit.
  /// - Precondition: as many points as were sorted. - Complexity: O(n · d).
  public init(_ fitted: HDBSCAN.Fitted, points: Matrix) {
    precondition(points.rows == fitted.partition.count, "\(points.rows) rows, \(fitted.partition.count) sorted")
    let parameters = fitted.parameters
    self.init(
      points: points, metric: parameters.metric, minSamples: parameters.minSamples ?? parameters.minClusterSize,
      coreDistances: fitted.coreDistancesWithSelf, hierarchy: DensityHierarchy(fitted))
  }

  /// A model from its parts. - Throws: `Malformed`.
  public init(
    points: Matrix, metric: Metric, minSamples: Int, coreDistances: [Double], pointClusters: [Int32],
    pointDensities: [Double], clusterParents: [Int32], clusterBirths: [Double], groups: [Int32]
  ) throws {
    func check(_ condition: Bool, _ part: Malformed.Part) throws { if !condition { throw Malformed(part: part) } }
    let (n, clusters) = (points.rows, clusterParents.count)
    try check(try n > 0 && points.firstRowThatIsNotFinite() == nil, .points)
    try check(minSamples >= 1, .minSamples)
    try check(coreDistances.count == n && coreDistances.allSatisfy { $0 >= 0 && $0.isFinite }, .coreDistances)
    try check(
      pointClusters.count == n && pointClusters.allSatisfy { $0 >= 0 && $0 < clusters }, .pointClusters)
    try check(pointDensities.count == n && pointDensities.allSatisfy { $0 >= 0 }, .pointDensities)
    try check(
      clusterParents.first == 0
        && zip(clusterParents.indices, clusterParents).dropFirst().allSatisfy { 0 <= $1 && $1 < $0 },
      .clusterParents)
    try check(clusterBirths.count == clusters && clusterBirths.allSatisfy { $0 >= 0 }, .clusterBirths)
    try check(groups.allSatisfy { $0 >= 0 && $0 < clusters } && Set(groups).count == groups.count, .groups)
    self.init(
      points: points, metric: metric, minSamples: minSamples, coreDistances: coreDistances,
      hierarchy: DensityHierarchy(
        pointClusters: pointClusters, pointDensities: pointDensities, clusterParents: clusterParents,
        clusterBirths: clusterBirths, groups: groups))
    try check(exemplars.allSatisfy { !$0.isEmpty }, .groups)
  }

  private init(
    points: Matrix, metric: Metric, minSamples: Int, coreDistances: [Double], hierarchy: DensityHierarchy
  ) {
    self.points = points
    self.metric = metric
    self.minSamples = minSamples
    self.coreDistances = coreDistances
    self.hierarchy = hierarchy
    exemplars = hierarchy.exemplars
    embedded = metric.embedded(points)
    exemplarRows = ExemplarRows(embedded, exemplars, metric)
  }

  /// A part of a model that does not fit the others.
  public struct Malformed: Error, Equatable, CustomStringConvertible {
    public enum Part: String, Sendable {
      case points, minSamples, coreDistances, pointClusters, pointDensities, clusterParents, clusterBirths, groups
    }

    public let part: Part

    public init(part: Part) { self.part = part }

    public var description: String { "\(part.rawValue) of the density model do not fit its other parts" }
  }
}

/// The exemplars of all groups side by side, to be near to.
struct ExemplarRows: Sendable, Equatable {
  private let rows: Matrix
  private let ranges: [Range<Int>]
  private let metric: Metric

  init(_ embedded: Matrix, _ exemplars: [[Int]], _ metric: Metric) {
    rows = embedded.rows(at: Array(exemplars.joined()))
    var start = 0
    var ranges: [Range<Int>] = []
    for rows in exemplars {
      ranges.append(start..<start + rows.count)
      start += rows.count
    }
    self.ranges = ranges
    self.metric = metric
  }

  /// The distance of rows `range` of `questions`, embedded, to the nearest exemplar of each group: [range.count, groups].
  func distances(from questions: Matrix, _ range: Range<Int>) -> [Double] {
    let d = rows.columns
    var distances: [Double] = []
    distances.reserveCapacity(range.count * ranges.count)
    var question = [Double](repeating: 0, count: max(d, 1))
    var squares = [Double](repeating: 0, count: max(rows.rows, 1))
    for row in range {
      for c in 0..<d { question[c] = Double(questions[row, c]) }
      if d > 0 {
        rows.withUnsafeBufferPointer {
          guard let base = $0.baseAddress else { return }
          Distances.squared(question, asked: 1, base, count: rows.rows, columns: d, into: &squares, stride: rows.rows)
        }
      }
      for range in ranges {
        let least = squares[range].reduce(.infinity) { min($0, $1) }
        distances.append(metric.distance(ofEuclidean: least.squareRoot()))
      }
    }
    return distances
  }
}
