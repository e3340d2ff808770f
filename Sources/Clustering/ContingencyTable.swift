/// How often each class met each group: the table behind every measure of agreement.
///
/// Classes are the distinct values of the first labelling in ascending order, groups those of the second; nil, noise, is a
/// class or group of its own and comes last.
public struct ContingencyTable<Class: Hashable & Comparable & Sendable, Group: Hashable & Comparable & Sendable>:
  Sendable
{
  public let classes: [Class?]
  public let groups: [Group?]
  /// `counts[i][j]` rows are in class `i` and group `j`.
  public let counts: [[Int]]

  /// - Precondition: equally many labels. - Complexity: O(n + classes · groups).
  public init(_ first: [Class?], _ second: [Group?]) {
    precondition(first.count == second.count, "\(first.count) labels against \(second.count)")
    let (classes, classOf) = Self.numbered(first)
    let (groups, groupOf) = Self.numbered(second)
    var counts = [[Int]](repeating: [Int](repeating: 0, count: groups.count), count: classes.count)
    for (i, j) in zip(classOf, groupOf) { counts[i][j] += 1 }
    self.classes = classes
    self.groups = groups
    self.counts = counts
  }

  public var classSizes: [Int] { counts.map { $0.reduce(0, +) } }

  public var groupSizes: [Int] {
    groups.indices.map { group in counts.reduce(0) { $0 + $1[group] } }
  }

  private static func numbered<Label: Hashable & Comparable>(_ labels: [Label?]) -> (distinct: [Label?], numbers: [Int])
  {
    var distinct: [Label?] = Set(labels.compactMap { $0 }).sorted()
    if labels.contains(where: { $0 == nil }) { distinct.append(nil) }
    var number: [Label?: Int] = [:]
    for (i, label) in distinct.enumerated() { number[label] = i }
    return (distinct, labels.map { number[$0]! })
  }
}
