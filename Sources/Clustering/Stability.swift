public import Tensors

/// How sure a grouping is: whether the clusterer finds the same groups again in random halves of the rows.
///
/// Each round draws a seeded sample without replacement, groups it afresh (with parameters `adapted` to the smaller number),
/// and compares the two groupings on the sample. Per group the measure is Hennig's (2007): the Jaccard similarity of the group,
/// as far as it was drawn, with the most similar new group; above 0.75 a group is usually called stable, below 0.5 dissolved.
public struct Stability: Sendable, Equatable {
  /// Adjusted Rand index of each round; noise counts as a group.
  public let ari: [Double]
  /// Mean Jaccard similarity of each group of the reference, over the rounds that drew any of it; 0 if none did.
  public let jaccard: [Double]

  /// Mean of `ari`.
  public var meanARI: Double { ari.isEmpty ? 0 : ari.reduce(0, +) / Double(ari.count) }

  /// A stability read back from storage.
  public init(ari: [Double], jaccard: [Double]) {
    self.ari = ari
    self.jaccard = jaccard
  }

  /// - Parameters:
  ///   - reference: the partition of all of `points` that is put to the test.
  ///   - fraction: share of the rows in each sample, in 0 < f <= 1.
  /// - Throws: what the clusterer throws on a sample.
  public init(
    of clusterer: some Clusterer, on points: Matrix, reference: Partition, rounds: Int = 10, fraction: Double = 0.5,
    seed: Seed, workers: WorkerPool
  ) throws {
    precondition(points.rows == reference.count, "\(points.rows) rows, \(reference.count) labels")
    precondition(rounds >= 1 && fraction > 0 && fraction <= 1, "\(rounds) rounds of \(fraction)")
    let adapted = clusterer.adapted(toFraction: fraction)
    let drawn = max(1, Int((Double(points.rows) * fraction).rounded()))
    var ari: [Double] = []
    var sums = [Double](repeating: 0, count: reference.groupCount)
    var met = [Int](repeating: 0, count: reference.groupCount)
    for round in 0..<rounds {
      let seed = seed.split("stability").split(round)
      var generator = seed.generator()
      var rows = Array(0..<points.rows)
      generator.shuffle(&rows)
      let sample = rows[..<min(drawn, rows.count)].sorted()
      let found = try adapted.partition(points.rows(at: sample), seed: seed.split("groups"), workers: workers)
      let table = ContingencyTable(sample.map { reference.labels[$0] }, found.labels)
      ari.append(ExternalValidity(table).ari)
      for (group, similarity) in Self.similarities(table) {
        sums[group] += similarity
        met[group] += 1
      }
    }
    self.ari = ari
    jaccard = zip(sums, met).map { $1 > 0 ? $0 / Double($1) : 0 }
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
