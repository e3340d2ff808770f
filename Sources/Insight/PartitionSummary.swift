public import Clustering
public import Tensors

/// All groups of one clustering, summarised.
///
///     let summary = PartitionSummary(of: partition, points: points, silhouettes: s, stabilities: t, workers: workers)
///     for group in summary.groups { print(group.size, group.trust.sentence) }
///
/// Deterministic at any number of threads; ties by row.
/// - Complexity: O(n·d) time, and O(m²·d) for each group of m ≤ 3,000 rows, whose medoid is exact.
public struct PartitionSummary: Sendable, Equatable {
  /// By number; groups are numbered by size.
  public let groups: [GroupSummary]
  public let rows: Int
  public let noise: Int
  /// To the medoid of its group, a row; nil for noise.
  public let distanceToMedoid: [Float?]
  /// Mean over the rows measured; nil when it was not computed.
  public let silhouette: Double?
  /// Mean over the groups, weighted by size; nil when it was not computed.
  public let stability: Double?

  /// 0…1.
  public var noiseShare: Double { rows == 0 ? 0 : Double(noise) / Double(rows) }

  /// How many groups have this grade.
  public func count(_ grade: Trust.Grade) -> Int { groups.count { $0.trust.grade == grade } }

  /// The share of all rows that lie in groups graded A or B.
  public var trustedShare: Double {
    groups.filter { $0.trust.grade <= .b }.reduce(0) { $0 + $1.share }
  }

  /// - Parameters:
  ///   - points: the space that was clustered, a row a label.
  ///   - silhouette, stability: of this partition, where they were computed.
  ///   - copies: a number a row; rows with equal numbers are copies of one image and never shown side by side.
  ///   - exemplars: how many typical and how many odd members to choose, at most.
  /// - Precondition: all of one length.
  public init(
    of partition: Partition, points: Matrix, silhouette: Silhouette? = nil, stability: Stability? = nil,
    copies: [Int]? = nil, exemplars: Int = 8, workers: WorkerPool = WorkerPool(threads: 1)
  ) {
    let rows = partition.labels.count
    precondition(points.rows == rows, "\(points.rows) points for \(rows) labels")
    precondition(copies.map { $0.count == rows } ?? true, "a copy number a row wanted")
    let count = partition.groupCount
    precondition(silhouette.map { $0.groups.count == count } ?? true, "silhouettes of another partition")
    precondition(stability.map { $0.jaccard.count == count } ?? true, "stabilities of another partition")
    let members = partition.members

    let middles = workers.results(jobs: count) { GroupMiddle(of: members[$0], in: points) }
    let medoids = points.rows(at: middles.map(\.medoid))
    let distances = PartitionSummary.distances(among: medoids)
    groups = workers.results(jobs: count) { group in
      let choice = ExemplarChoice(
        members: members[group], middle: middles[group], points: points, strengths: partition.strengths, copies: copies)
      let typical = choice.typical(exemplars)
      return PartitionSummary.summary(
        group, members[group], middles, distances[group], rows: rows, strengths: partition.strengths,
        silhouette: silhouette?.groups[group], stability: stability?.jaccard[group], typical: typical,
        odd: choice.odd(exemplars, besides: typical))
    }
    self.rows = rows
    noise = partition.noiseCount
    var toMedoid = [Float?](repeating: nil, count: rows)
    for (group, middle) in middles.enumerated() {
      for (row, distance) in zip(members[group], middle.distances) { toMedoid[row] = Float(distance) }
    }
    distanceToMedoid = toMedoid
    self.silhouette = silhouette?.mean
    let clustered = rows - noise
    self.stability =
      stability == nil || clustered == 0
      ? nil : groups.reduce(0) { $0 + ($1.stability ?? 0) * Double($1.size) } / Double(clustered)
  }

  private static func summary(
    _ group: Int, _ members: [Int], _ middles: [GroupMiddle], _ distances: [Double], rows: Int, strengths: [Float],
    silhouette: Double?, stability: Double?, typical: [Exemplar], odd: [Exemplar]
  ) -> GroupSummary {
    let middle = middles[group]
    let others = middles.indices.filter { $0 != group }
    let neighbours = others.sorted { (distances[$0], $0) < (distances[$1], $1) }.map {
      GroupSummary.Neighbour(group: $0, distance: distances[$0])
    }
    let margins = others.map { other in
      let gap = zip(middle.mean, middles[other].mean).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      let width = middle.spread + middles[other].spread
      return width > 0 ? gap / width : gap > 0 ? Double.greatestFiniteMagnitude : 0
    }
    let nearest = margins.indices.min { (margins[$0], $0) < (margins[$1], $1) }
    let size = Double(members.count)
    return GroupSummary(
      group: group, size: members.count, share: size / Double(rows), medoid: middle.medoid,
      medoidIsExact: middle.isExact, typical: typical, odd: odd,
      cohesion: middle.distances.reduce(0, +) / size, radius: middle.distances.max() ?? 0,
      separation: neighbours.first?.distance, margin: nearest.map { margins[$0] }, neighbours: neighbours,
      meanProbability: members.reduce(0) { $0 + Double(strengths[$1]) } / size, silhouette: silhouette,
      stability: stability,
      trust: Trust(
        size: members.count, stability: stability, silhouette: silhouette, margin: nearest.map { margins[$0] },
        nearest: nearest.map { others[$0] }))
  }

  private static func distances(among medoids: Matrix) -> [[Double]] {
    medoids.withUnsafeBufferPointer { storage in
      (0..<medoids.rows).map { a in
        (0..<medoids.rows).map { b in
          guard let base = storage.baseAddress else { return 0 }
          return between(base + a * medoids.columns, base + b * medoids.columns, medoids.columns)
        }
      }
    }
  }
}

extension WorkerPool {
  /// `map` for jobs that can't fail.
  fileprivate func results<R: Sendable>(jobs: Int, _ body: @Sendable (Int) -> R) -> [R] {
    do { return try map(jobs: jobs) { job, _ in body(job) } } catch {
      preconditionFailure("a job that can't fail failed: \(error)")
    }
  }
}
