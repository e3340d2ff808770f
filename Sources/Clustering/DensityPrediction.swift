public import Tensors

/// Where a row that was not there belongs.
public struct DensityPrediction: Sendable, Equatable {
  /// The group, nil for noise.
  public let group: Int?
  /// Membership in the group, 0 for noise.
  public let probability: Double
  /// GLOSH outlier score, in 0…1.
  public let outlierScore: Double
  /// The sorted row it hangs on: the nearest by mutual reachability.
  public let neighbor: Int

  public init(group: Int?, probability: Double, outlierScore: Double, neighbor: Int) {
    self.group = group
    self.probability = probability
    self.outlierScore = outlierScore
    self.neighbor = neighbor
  }
}

extension DensityModel {
  /// Places new rows in the groups of the fit, without changing them: hdbscan's `approximate_predict` and
  /// `approximate_predict_scores`.
  ///
  /// Exact for what it says: the row hangs on its nearest sorted row by mutual reachability (its own core distance counts itself not,
  /// the others' do), and shares the fate of that row in the hierarchy. A fit with the new rows in it may group otherwise.
  ///
  /// Differences: a score below 0, of a row denser than any of its cluster, is 0; and a tree of one cluster predicts like any other,
  /// where hdbscan calls everything noise.
  /// - Precondition: as many columns as the points, all finite.
  /// - Complexity: O(rows · n · d).
  public func predict(_ new: Matrix, workers: WorkerPool) -> [DensityPrediction] {
    landings(of: metric.embedded(new), workers: workers).map { landing in
      var cluster = Int(hierarchy.pointClusters[landing.row])
      let neighborDensity = hierarchy.pointDensities[landing.row]
      let highest = hierarchy.highest[cluster]
      let density = landing.isOnRow ? neighborDensity : landing.density
      let score = highest == 0 ? 0 : 1 - DensityHierarchy.share(min(density, highest), of: highest)
      if neighborDensity > landing.density {
        while cluster > 0 && hierarchy.clusterBirths[cluster] >= landing.density {
          cluster = Int(hierarchy.clusterParents[cluster])
        }
      }
      guard let group = hierarchy.owners[cluster] else {
        return DensityPrediction(group: nil, probability: 0, outlierScore: score, neighbor: landing.row)
      }
      let death = hierarchy.deaths[Int(hierarchy.groups[group])]
      return DensityPrediction(
        group: group, probability: DensityHierarchy.share(min(landing.density, death), of: death), outlierScore: score,
        neighbor: landing.row)
    }
  }

  /// Where a new row meets the hierarchy.
  struct Landing: Sendable {
    /// The nearest sorted row by mutual reachability, of equals the nearest by distance, then the lowest.
    let row: Int
    /// 1 / mutual reachability distance.
    let density: Double
    /// Whether the new row lies on a sorted one.
    let isOnRow: Bool
  }

  /// - Parameter questions: embedded rows.
  func landings(of questions: Matrix, workers: WorkerPool) -> [Landing] {
    precondition(
      questions.columns == embedded.columns, "\(questions.columns) columns, \(embedded.columns) in the model")
    let neighbors = Neighbors(of: questions, among: embedded, count: 2 * minSamples, workers: workers)
    let last = min(minSamples, neighbors.count - 1)
    return (0..<questions.rows).map { question in
      func distance(_ place: Int) -> Double { metric.distance(ofEuclidean: neighbors.distance(question, place)) }
      let core = distance(last)
      var (best, least) = (0, Double.infinity)
      for place in 0..<neighbors.count {
        let row = neighbors.index(question, place)
        let reach = max(core, coreDistances[row], distance(place))
        if reach < least { (best, least) = (row, reach) }
      }
      return Landing(row: best, density: least > 0 ? 1 / least : .infinity, isOnRow: distance(0) == 0)
    }
  }
}
