public import Tensors

/// How sure a grouping is: whether the clusterer finds the same groups again in other samples of the rows.
///
/// Each round draws a seeded sample, groups it afresh (with parameters `adapted` to the smaller number), and compares the two
/// groupings on the rows drawn. Per group the measure is Hennig's (2007): the Jaccard similarity of the group, as far as it was
/// drawn, with the most similar new group; above 0.75 a group is usually called stable, below 0.5 dissolved. Stable isn't
/// separate: k-means halves one Gaussian stably. See `ChanceStability` and `GroupSeparation`.
public struct Stability: Sendable, Equatable {
  /// How the rows of a round are drawn.
  public enum Resampling: Sendable, Hashable {
    /// A share of the rows without replacement, in 0 < f <= 1.
    case subsample(Double)
    /// As many rows (or units) as there are, with replacement; compared on the distinct rows drawn.
    case bootstrap
  }

  /// Adjusted Rand index of each round; noise counts as a group.
  public let ari: [Double]
  /// Mean Jaccard similarity of each group of the reference, over the rounds that drew any of it; 0 if none did.
  public let jaccard: [Double]
  /// From the 2.5th to the 97.5th percentile of each group's similarities over the rounds; nil if no round drew any of it, and
  /// empty when read back from storage.
  public let jaccardIntervals: [ClosedRange<Double>?]

  /// Mean of `ari`.
  public var meanARI: Double { ari.isEmpty ? 0 : ari.reduce(0, +) / Double(ari.count) }

  /// A stability read back from storage.
  public init(ari: [Double], jaccard: [Double]) {
    (self.ari, self.jaccard, jaccardIntervals) = (ari, jaccard, [])
  }

  /// - Parameters:
  ///   - reference: the partition of all of `points` that is put to the test.
  ///   - fraction: share of the rows in each sample, in 0 < f <= 1.
  /// - Throws: what the clusterer throws on a sample.
  public init(
    of clusterer: some Clusterer, on points: Matrix, reference: Partition, rounds: Int = 10, fraction: Double = 0.5,
    seed: Seed, workers: WorkerPool
  ) throws {
    try self.init(
      of: clusterer, on: points, reference: reference, by: .subsample(fraction), units: nil, rounds: rounds, seed: seed,
      workers: workers)
  }

  /// - Parameters:
  ///   - reference: the partition of all of `points` that is put to the test.
  ///   - units: what each row belongs to (a patient): units are drawn, with all their rows. nil when rows stand for themselves.
  ///   - rounds: at least 1; about 100 for intervals worth quoting.
  /// - Throws: what the clusterer throws on a sample.
  public init(
    of clusterer: some Clusterer, on points: Matrix, reference: Partition, by resampling: Resampling, units: [Int]?,
    rounds: Int, seed: Seed, workers: WorkerPool
  ) throws {
    precondition(points.rows == reference.count, "\(points.rows) rows, \(reference.count) labels")
    precondition(rounds >= 1, "\(rounds) rounds")
    var fraction = 1.0
    if case .subsample(let share) = resampling { fraction = share }
    precondition(fraction > 0 && fraction <= 1, "rounds of \(fraction)")
    let adapted = clusterer.adapted(toFraction: fraction)
    let wanted = max(1, Int((Double(points.rows) * fraction).rounded()))
    let draws = RowResampling(rows: points.rows, units: units)
    var ari: [Double] = []
    var similarities = [[Double]](repeating: [], count: reference.groupCount)
    for round in 0..<rounds {
      let seed = seed.split("stability").split(round)
      var generator = seed.generator()
      let sample =
        resampling == .bootstrap ? draws.bootstrap(&generator) : draws.subsample(wanted, &generator).drawn
      let found = try adapted.partition(points.rows(at: sample), seed: seed.split("groups"), workers: workers)
      // A row drawn again tells nothing new.
      let distinct = sample.indices.filter { $0 == 0 || sample[$0] != sample[$0 - 1] }
      let table = ContingencyTable(distinct.map { reference.labels[sample[$0]] }, distinct.map { found.labels[$0] })
      ari.append(ExternalValidity(table).ari)
      for (group, similarity) in Self.similarities(table) { similarities[group].append(similarity) }
    }
    self.ari = ari
    jaccard = similarities.map { $0.isEmpty ? 0 : $0.reduce(0, +) / Double($0.count) }
    jaccardIntervals = similarities.map { $0.isEmpty ? nil : Self.middle($0) }
  }

  /// The middle 95 % of the values, between order statistics by linear interpolation.
  private static func middle(_ values: [Double]) -> ClosedRange<Double> {
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    return quantile(0.025)...quantile(0.975)
  }

  /// For each reference group in the table, its Jaccard similarity with the group most like it (noise is not a group).
  private static func similarities(_ table: ContingencyTable<Int, Int>) -> [(group: Int, similarity: Double)] {
    let (a, b) = (table.classSizes, table.groupSizes)
    return table.classes.indices.compactMap { i in
      guard let group = table.classes[i] else { return nil }
      var best = 0.0
      for j in table.groups.indices where table.groups[j] != nil {
        best = max(best, Double(table.counts[i][j]) / Double(a[i] + b[j] - table.counts[i][j]))
      }
      return (group, best)
    }
  }
}
