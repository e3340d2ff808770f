public import Tensors

/// Which groups of a partition stand apart from their neighbours, told by rows that had no part in finding them.
///
/// In each round the clusterer groups a random half of the rows (patient by patient where `units` are given); each found
/// group is named after the group of `reference` it shares most of its rows with, and the other half tells whether it stands
/// apart (`SeparationTest`). The p-value of a group is twice the median over the rounds (Meinshausen, Meier & Bühlmann 2009).
public struct GroupSeparation: Sendable, Equatable {
  /// For each group of the reference: small where rows thin out towards every neighbour. A round that did not find the
  /// group, or found it in pieces that do not stand apart, counts 1.
  public let pValues: [Double]

  /// - Parameter rounds: at least 1; each groups both halves.
  /// - Precondition: a label a row. - Throws: what the clusterer throws on a half.
  /// - Complexity: 2 · rounds times the clusterer's on half the rows.
  public init(
    of clusterer: some Clusterer, on points: Matrix, reference: Partition, units: [Int]? = nil, rounds: Int = 5,
    seed: Seed, workers: WorkerPool
  ) throws {
    precondition(points.rows == reference.count, "\(points.rows) rows, \(reference.count) labels")
    precondition(rounds >= 1, "\(rounds) rounds")
    let adapted = clusterer.adapted(toFraction: 0.5)
    let draws = RowResampling(rows: points.rows, units: units)
    var values = [[Double]](repeating: [], count: reference.groupCount)
    for round in 0..<rounds {
      let seed = seed.split("group separation").split(round)
      var generator = seed.generator()
      let (first, second) = draws.subsample(points.rows / 2, &generator)
      if first.isEmpty || second.isEmpty { continue }
      for (half, (found, told)) in [(first, second), (second, first)].enumerated() {
        let rows = points.rows(at: found)
        let partition = try adapted.partition(rows, seed: seed.split("groups").split(half), workers: workers)
        let test = SeparationTest(between: GroupMeans(of: rows, partition).matrix, by: points.rows(at: told))
        let pValues = test.pValueOfGroup
        let names = Self.names(partition, found.map { reference.labels[$0] })
        for group in values.indices {
          let pieces = names.indices.filter { names[$0] == group }
          values[group].append(pieces.map { pValues[$0] }.max() ?? 1)
        }
      }
    }
    pValues = values.map { $0.isEmpty ? 1 : min(1, 2 * $0.sorted()[$0.count / 2]) }
  }

  /// For each found group the group of the reference that most of its rows are in; nil for noise.
  private static func names(_ found: Partition, _ reference: [Int?]) -> [Int?] {
    found.members.map { rows in
      var counts: [Int: Int] = [:]
      for row in rows { if let group = reference[row] { counts[group, default: 0] += 1 } }
      return counts.max { $0.value != $1.value ? $0.value < $1.value : $0.key > $1.key }?.key
    }
  }
}
