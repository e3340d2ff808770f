/// Rows sorted into groups 0, 1, 2, … of falling size; noise is nil.
///
/// Groups are numbered by size, largest first, and groups of one size by their lowest row, so that a number does not depend
/// on how an algorithm happened to count. `rawLabels` keeps the algorithm's own numbers.
public struct Partition: Sendable, Equatable {
  /// The group of each row, nil for noise.
  public let labels: [Int?]
  /// How firmly each row belongs to its group, in 0…1; 0 for noise. What it measures is the clusterer's to say.
  public let strengths: [Float]
  /// The clusterer's own number of each row's group, nil for noise.
  public let rawLabels: [Int?]
  /// The clusterer's own number of each group: group `g` was `rawNumbers[g]`.
  public let rawNumbers: [Int]
  /// Rows in each group, never rising.
  public let sizes: [Int]

  public var count: Int { labels.count }
  public var groupCount: Int { sizes.count }
  public var noiseCount: Int { labels.count - sizes.reduce(0, +) }

  /// Numbers the groups of `rawLabels` anew.
  /// - Precondition: as many strengths as labels; labels are not negative.
  public init(rawLabels: [Int?], strengths: [Float]) {
    precondition(rawLabels.count == strengths.count, "\(strengths.count) strengths for \(rawLabels.count) labels")
    var size: [Int: Int] = [:]
    var inOrderOfRows: [Int] = []
    for case let label? in rawLabels {
      precondition(label >= 0, "label \(label)")
      if size[label, default: 0] == 0 { inOrderOfRows.append(label) }
      size[label, default: 0] += 1
    }
    // Stable by construction: ties keep the order of first rows.
    rawNumbers = inOrderOfRows.enumerated().sorted {
      let (a, b) = (size[$0.element]!, size[$1.element]!)
      return a != b ? a > b : $0.offset < $1.offset
    }.map(\.element)
    var number: [Int: Int] = [:]
    for (new, raw) in rawNumbers.enumerated() { number[raw] = new }
    sizes = rawNumbers.map { size[$0]! }
    labels = rawLabels.map { $0.map { number[$0]! } }
    self.rawLabels = rawLabels
    self.strengths = strengths
  }

  /// The rows of each group, ascending. - Complexity: O(rows).
  public var members: [[Int]] {
    var members = [[Int]](repeating: [], count: groupCount)
    for (row, label) in labels.enumerated() { if let label { members[label].append(row) } }
    return members
  }

  /// Rows in no group, ascending.
  public var noise: [Int] { labels.indices.filter { labels[$0] == nil } }
}
