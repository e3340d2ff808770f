public import Tensors

/// How much each row belongs to each group: between 0 and 1, together at most 1; what is missing from 1 is noise.
public struct SoftMembership: Sendable, Equatable {
  public let rows: Int
  public let groups: Int
  /// `rows × groups` numbers.
  public let values: [Double]

  init(rows: Int, groups: Int, values: [Double]) {
    precondition(values.count == rows * groups, "\(values.count) memberships of \(rows) rows in \(groups) groups")
    self.rows = rows
    self.groups = groups
    self.values = values
  }

  public subscript(row: Int, group: Int) -> Double { values[row * groups + group] }

  /// The group a row belongs to most, the first of equals; nil where there are none.
  public func strongest(_ row: Int) -> Int? {
    if groups == 0 { return nil }
    return (0..<groups).reduce(0) { self[row, $1] > self[row, $0] ? $1 : $0 }
  }
}

extension DensityModel {
  /// Soft membership of the rows that were sorted, as hdbscan's `all_points_membership_vectors`:
  /// the share by distance to exemplars times the share by density of joining, times the chance of being in a group at all.
  ///
  /// The chance is measured against the group joined first; of groups joined at one density, the one with the nearest exemplar
  /// (hdbscan takes the one its tree happens to number lower). Where rows coincide (infinite densities) the limits of the
  /// formulas stand, not NaN.
  /// - Complexity: O(n · exemplars · d + n · groups · depth).
  public func memberships(workers: WorkerPool) -> SoftMembership {
    memberships(ofRows: Array(0..<points.rows), workers: workers)
  }

  /// The same for some of the rows, in that order.
  func memberships(ofRows rows: [Int], workers: WorkerPool) -> SoftMembership {
    // Every row is its own neighbour.
    blend(embedded.rows(at: rows), rows, rows.map { hierarchy.pointDensities[$0] }, isTraining: true, workers)
  }

  /// Soft membership of new rows, as hdbscan's `membership_vector`, in 64 bits throughout (hdbscan rounds a density to 32).
  /// - Precondition: as many columns as the points, all finite.
  /// - Complexity: O(rows · (n + exemplars) · d).
  public func memberships(of new: Matrix, workers: WorkerPool) -> SoftMembership {
    let questions = metric.embedded(new)
    let landings = landings(of: questions, workers: workers)
    return blend(
      questions, landings.map(\.row), landings.map { min($0.density, hierarchy.pointDensities[$0.row]) },
      isTraining: false, workers)
  }

  /// - Parameters: embedded rows, for each the sorted row whose place in the hierarchy it takes, and the density at which it does.
  private func blend(
    _ questions: Matrix, _ places: [Int], _ densities: [Double], isTraining: Bool, _ workers: WorkerPool
  ) -> SoftMembership {
    let step = 256
    let jobs = (questions.rows + step - 1) / step
    // Nothing in here throws; `map` may.
    let blocks = try! workers.map(jobs: jobs) { job, _ in
      let range = job * step..<min((job + 1) * step, questions.rows)
      let distances = exemplarRows.distances(from: questions, range)
      var merges: [Int: [Double?]] = [:]
      var values: [Double] = []
      values.reserveCapacity(range.count * groupCount)
      for (i, row) in range.enumerated() {
        let cluster = Int(hierarchy.pointClusters[places[row]])
        if merges[cluster] == nil { merges[cluster] = hierarchy.mergeDensities(of: cluster) }
        let own = densities[row]
        let joins = merges[cluster]!.map { $0 ?? own }
        values += vector(
          Array(distances[i * groupCount..<(i + 1) * groupCount]), joins, own: own, top: hierarchy.deaths[cluster],
          isTraining)
      }
      return values
    }
    return SoftMembership(rows: questions.rows, groups: groupCount, values: Array(blocks.joined()))
  }

  /// One row's memberships: its distances to exemplars, the densities at which it joins each group, its own density and the highest of
  /// its cluster.
  private func vector(
    _ distances: [Double], _ joins: [Double], own: Double, top: Double, _ isTraining: Bool
  ) -> [Double] {
    if groupCount == 0 { return [] }
    // Logarithms add where products would leave the range of numbers. What lies on an exemplar belongs to its group alone.
    let onExemplar = distances.contains(0)
    let logs = zip(distances, joins).map { distance, join in
      if onExemplar && distance > 0 { return -Double.infinity }
      let near = onExemplar ? 0 : -logarithm(distance)
      return isTraining
        ? near + exponential(-Self.ratio(top + 1e-8, join)) : near / 2 + 2 * Self.contrast(top, join)
    }
    let most = logs.max()!
    let weights = logs.map { exponential($0 - most) }
    let sum = weights.reduce(0, +)

    // Several groups below one's own cluster join at one's own density: the nearest of them counts.
    var nearest = 0
    for group in joins.indices.dropFirst() {
      if joins[group] > joins[nearest] || (joins[group] == joins[nearest] && distances[group] < distances[nearest]) {
        nearest = group
      }
    }
    let ceiling = max(own, hierarchy.deaths[Int(hierarchy.groups[nearest])]) + (isTraining ? 0 : 1e-8)
    let inSome = DensityHierarchy.share(joins[nearest], of: ceiling)
    return weights.map { $0 / sum * inSome }
  }

  /// top / join; equal infinities are equal.
  private static func ratio(_ top: Double, _ join: Double) -> Double {
    join.isInfinite ? (top.isInfinite ? 1 : 0) : top / join
  }

  /// top / (top − join), with hdbscan's floor under the difference.
  private static func contrast(_ top: Double, _ join: Double) -> Double {
    if top.isInfinite { return join.isInfinite ? 1e16 : 1 }
    return top / (top - join > 0 ? top - join : 1e-8)
  }
}
