import Clustering
public import Tensors

/// How well features agree with labels that nothing was fitted to: whether an image's nearest neighbours are of its kind, and whether k-means into
/// as many groups as there are kinds finds the kinds.
public struct FeatureScores: Sendable, Hashable {
  /// One a row; nil where the row has no label.
  public let isRight: [Bool?]
  /// Adjusted Rand index of k-means (10 starts), mean over three seeds.
  public let adjustedRandIndex: Double

  /// Share of the labelled rows whose neighbours are right: k-NN accuracy, leave-one-out.
  public var neighborAccuracy: Double {
    let known = isRight.compactMap { $0 }
    return Double(known.count { $0 }) / Double(known.count)
  }

  /// Neighbours that vote, and the number of labelled rows from which there are more of them.
  static let (few, many, manyFrom) = (5, 20, 500)
  static let seeds = 3

  /// - Parameters:
  ///   - points: centred, a row an image.
  ///   - labels: nil where unknown; such rows neither vote nor are counted.
  ///   - patients: the neighbours of an image are never of its own patient; empty: unknown.
  /// - Precondition: at least two labelled rows, of two kinds.
  /// - Complexity: O(rows² · columns), as much memory as one row of that.
  public init(of points: Matrix, labels: [String?], patients: [String], seed: Seed, workers: WorkerPool) throws {
    precondition(labels.count == points.rows && patients.count == points.rows, "\(labels.count) labels")
    let rows = labels.indices.filter { labels[$0] != nil }
    let kinds = Set(labels.compactMap { $0 }).sorted()
    precondition(rows.count > 1 && kinds.count > 1, "\(rows.count) labelled rows of \(kinds.count) kinds")
    let known = points.rows(at: rows)
    let places = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, $0) })
    let truth = rows.map { places[labels[$0]!]! }
    var isRight = [Bool?](repeating: nil, count: labels.count)
    let answers = Self.votes(known, truth, rows.map { patients[$0] }, kinds: kinds.count)
    for (place, row) in rows.enumerated() { isRight[row] = answers[place] == truth[place] }
    self.isRight = isRight
    let clusterer = KMeans(nClusters: min(kinds.count, known.rows))
    adjustedRandIndex =
      try (0..<Self.seeds).reduce(0.0) { sum, number in
        let groups = try clusterer.partition(known, seed: seed.split(number), workers: workers)
        return sum + ExternalValidity(truth: truth.map { $0 }, groups: groups.labels).ari
      } / Double(Self.seeds)
  }

  /// The kind that most of the nearest rows by the cosine are of; of equals that of the nearest.
  private static func votes(_ points: Matrix, _ truth: [Int], _ patients: [String], kinds: Int) -> [Int?] {
    let neighbors = points.rows >= manyFrom ? many : few
    let units = (0..<points.rows).map { row in
      let values = points.row(row).map { Double($0) }
      let length = max(values.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
      return values.map { $0 / length }
    }
    return units.indices.map { row in
      let others = units.indices.filter {
        $0 != row && (patients[$0].isEmpty || patients[$0] != patients[row])
      }
      let nearest = others.map { other in
        (cosine: zip(units[row], units[other]).reduce(0) { $0 + $1.0 * $1.1 }, row: other)
      }.sorted { $0.cosine != $1.cosine ? $0.cosine > $1.cosine : $0.row < $1.row }.prefix(neighbors)
      var counts = [Int](repeating: 0, count: kinds)
      for (_, other) in nearest { counts[truth[other]] += 1 }
      let most = counts.max()!
      return nearest.first { counts[truth[$0.row]] == most }.map { truth[$0.row] }
    }
  }

  /// By how much the share of right rows differs, row by row. - Precondition: of the same rows.
  public func gain(over other: FeatureScores) -> MeanEstimate {
    let pairs = zip(isRight, other.isRight).compactMap { mine, theirs in mine.flatMap { m in theirs.map { (m, $0) } } }
    return MeanEstimate(pairs.map { ($0 ? 1.0 : 0) - ($1 ? 1.0 : 0) })
  }
}
