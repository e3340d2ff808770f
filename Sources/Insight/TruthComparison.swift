public import Clustering

/// How a partition compares with labels that the fit never saw. Rows without a label are left out; noise counts as one group.
public struct TruthComparison: Sendable, Hashable {
  /// The name of the labels: the column of the file they came from.
  public let column: String
  /// Rows that have a label.
  public let matched: Int
  public let scores: Scores
  /// The kinds in alphabetical order.
  public let kinds: [String]
  /// How many rows of each kind (outer) lie in each group (inner). The inner lists are as long as there are groups, and one
  /// longer where the partition has noise, which comes last.
  public let counts: [[Int]]

  /// The figures by which partitions are compared.
  public struct Scores: Sendable, Hashable {
    public let adjustedRandIndex: Double
    /// Adjusted and normalised mutual information, arithmetic mean.
    public let adjustedMutualInformation: Double
    public let normalizedMutualInformation: Double
    /// Of the best one-to-one match of groups and kinds.
    public let accuracy: Double
    /// Share of the labelled rows that are noise.
    public let noise: Double

    public init(
      adjustedRandIndex: Double, adjustedMutualInformation: Double, normalizedMutualInformation: Double,
      accuracy: Double, noise: Double
    ) {
      self.adjustedRandIndex = adjustedRandIndex
      self.adjustedMutualInformation = adjustedMutualInformation
      self.normalizedMutualInformation = normalizedMutualInformation
      self.accuracy = accuracy
      self.noise = noise
    }
  }

  /// - Precondition: a label (or nil) a row, at least one of them known.
  public init(of partition: Partition, with labels: [String?], column: String) {
    precondition(labels.count == partition.count, "\(labels.count) labels for \(partition.count) rows")
    let rows = labels.indices.filter { labels[$0] != nil }
    precondition(!rows.isEmpty, "no row has a label")
    let table = ContingencyTable(rows.map { labels[$0] }, rows.map { partition.labels[$0] })
    let validity = ExternalValidity(table)
    self.column = column
    matched = rows.count
    scores = Scores(
      adjustedRandIndex: validity.ari, adjustedMutualInformation: validity.ami,
      normalizedMutualInformation: validity.nmi,
      accuracy: validity.accuracy, noise: Double(rows.count { partition.labels[$0] == nil }) / Double(rows.count))
    kinds = table.classes.map { $0! }
    let columns = partition.groupCount + (partition.noiseCount > 0 ? 1 : 0)
    counts = table.counts.map { row in
      var wide = [Int](repeating: 0, count: columns)
      for (group, count) in zip(table.groups, row) { wide[group ?? partition.groupCount] = count }
      return wide
    }
  }
}
