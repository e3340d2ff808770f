import Foundation

/// How unusual new images are among the members of the groups they would join: which of them fit none, and whether a group draws more
/// far ones than chance would give it.
///
/// The p-value of an image is (1 + members at least as far from the group's centre) / (members + 1), which is conformal: exact for any
/// distribution as long as the image is drawn as the members were (Vovk, Gammerman, Shafer 2005). It never falls below
/// 1 / (members + 1), so groups under 1 / level members can't find anything unusual.
///
/// Members lie nearer to a mean that they took part in than others do: their distances are taken to the mean of the rest, which is
/// n / (n − 1) times as far.
public struct Novelty: Sendable, Equatable {
  /// Of each new image, in 0…1.
  public let pValues: [Double]
  /// Benjamini–Hochberg over all of them: the least false discovery rate at which the image counts as fitting no group. Valid although images share
  /// members, since conformal p-values depend positively (Bates et al. 2023, theorem 2).
  public let adjusted: [Double]
  /// By group, in the order of the groups.
  public let batches: [Batch]
  /// The rate that a p-value is held against.
  public let level: Double

  /// The new images of one group.
  public struct Batch: Sendable, Hashable {
    public let count: Int
    /// Those with a p-value of at most the level.
    public let far: Int
    /// The number of them that chance gives on average.
    public let expected: Double
    /// The probability that chance gives so many or more. Exact: images of one group share its members, which makes their number
    /// negative hypergeometric, wider than a binomial.
    public let pValue: Double
  }

  /// The probability that chance gives some group as many far images as the most astonishing one has (Bonferroni).
  public var pValue: Double {
    let tested = batches.filter { $0.count > 0 }
    return min(1, Double(tested.count) * (tested.map(\.pValue).min() ?? 1))
  }

  /// Whether an image fits its group at the level, taken for itself: of images that do, a share of `level` is called misfits.
  public func fits(_ image: Int) -> Bool { pValues[image] > level }

  /// - Parameters:
  ///   - members: of each group, the distances of its members to its centre.
  ///   - centresAreMeans: whether the centres are the means of these members; medoids and given centres are not.
  ///   - groups: of each new image, the group it would join.
  ///   - distances: of each new image, to the centre of that group.
  ///   - level: in 0…1.
  /// - Precondition: distances are not NaN; groups are those of `members`.
  /// - Complexity: O(n log n) for n members and images.
  public init(
    members: [[Double]], centresAreMeans: Bool, groups: [Int], distances: [Double], level: Double = 0.05
  ) {
    precondition(groups.count == distances.count, "\(groups.count) groups, \(distances.count) distances")
    precondition(level > 0 && level < 1, "a level of \(level)")
    precondition(groups.allSatisfy { $0 >= 0 && $0 < members.count }, "a group beyond \(members.count)")
    let sorted = members.map { distances -> [Double] in
      let n = Double(distances.count)
      let scale = centresAreMeans && n > 1 ? n / (n - 1) : 1
      return distances.map { $0 * scale }.sorted()
    }
    var counts = [Int](repeating: 0, count: members.count)
    var far = counts
    let pValues = zip(groups, distances).map { group, distance in
      let nearer = Novelty.below(distance, in: sorted[group])
      let p = Double(1 + sorted[group].count - nearer) / Double(sorted[group].count + 1)
      counts[group] += 1
      if p <= level { far[group] += 1 }
      return p
    }
    self.pValues = pValues
    self.level = level
    adjusted = OverRepresentation.adjusted(pValues)
    batches = members.indices.map { group in
      let n = members[group].count
      // p ≤ level just when fewer than `rank` members are as far; the division decides, as it does for p.
      var rank = Int((level * Double(n + 1)).rounded(.down))
      if Double(rank) / Double(n + 1) > level { rank -= 1 }
      if Double(rank + 1) / Double(n + 1) <= level { rank += 1 }
      return Batch(
        count: counts[group], far: far[group], expected: Double(counts[group] * rank) / Double(n + 1),
        pValue: Novelty.upperTail(far[group], of: counts[group], rank: rank, members: n))
    }
  }

  /// The number of values of an ascending list below one.
  private static func below(_ value: Double, in sorted: [Double]) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The probability that of `count` new values `seen` or more lie beyond the `rank`-th largest of `members` values of the same kind:
  /// P(x) = C(rank − 1 + x, x) · C(members − rank + count − x, count − x) / C(members + count, count).
  /// - Complexity: O(rank + count).
  package static func upperTail(_ seen: Int, of count: Int, rank: Int, members: Int) -> Double {
    if seen <= 0 { return 1 }
    if rank == 0 { return 0 }
    var logs = [0.0]
    for i in stride(from: 0, to: rank, by: 1) { logs[0] += log(Double(members - i) / Double(members + count - i)) }
    for x in stride(from: 0, to: count, by: 1) {
      let (up, left) = (Double(rank + x) / Double(x + 1), Double(count - x) / Double(members - rank + count - x))
      logs.append(logs[x] + log(up * left))
    }
    // From the far end inward: the small terms first.
    return min(1, logs[seen...].reversed().reduce(0) { $0 + exp($1) })
  }
}
