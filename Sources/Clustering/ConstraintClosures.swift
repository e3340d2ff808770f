/// Constraints thought to their end: rows that must be together as one block, cannot-links as edges between blocks, and whatever contradicts
/// something else set aside.
///
/// Where wishes clash, the stronger stands and the weaker is reported: a rejection before all else, then must-links, then the group asked for,
/// then cannot-links. Wishes of one rank that clash (two groups for one block) are all left out, since none is better than the
/// others. So the order of the list decides nothing. A cannot-link with a rejected row is met by the rejection.
public struct ConstraintClosures: Sendable, Equatable {
  /// Rows that move as one.
  public struct Block: Sendable, Equatable {
    /// Ascending.
    public let rows: [Int]
    /// The group they are asked into.
    public let group: Int?
    /// The constraints heeded that name any of the rows, ascending.
    public let constraints: [Int]

    public init(rows: [Int], group: Int?, constraints: [Int]) {
      self.rows = rows
      self.group = group
      self.constraints = constraints
    }
  }

  /// A cannot-link that is to be met, between two blocks.
  public struct Edge: Sendable, Equatable {
    public let first: Int
    public let second: Int
    /// Its place in the list of constraints.
    public let constraint: Int

    public init(first: Int, second: Int, constraint: Int) {
      self.first = first
      self.second = second
      self.constraint = constraint
    }
  }

  /// By their lowest rows. Every row that a heeded constraint names is in one, except the rejected.
  public let blocks: [Block]
  public let edges: [Edge]
  /// The rows to be in no group, ascending, each with the constraints that say so.
  public let rejected: [(row: Int, constraints: [Int])]
  /// By the first constraint that is left out.
  public let conflicts: [ConstraintConflict]

  public static func == (a: Self, b: Self) -> Bool {
    a.blocks == b.blocks && a.edges == b.edges && a.conflicts == b.conflicts
      && a.rejected.elementsEqual(b.rejected) { $0 == $1 }
  }

  /// - Precondition: every constraint names rows of 0..<rows, and groups that are not negative.
  /// - Complexity: O(rows + constraints · log), and for each contradiction O(must-links of the rows it names).
  public init(_ constraints: [GroupConstraint], rows: Int) {
    var work = Work(constraints, rows: rows)
    work.join()
    work.settleGroups()
    work.settleCannotLinks()
    (blocks, edges) = work.blocks()
    rejected = work.rejections.keys.sorted().map { ($0, work.rejections[$0]!) }
    conflicts = work.conflicts.sorted { $0.unheeded[0] < $1.unheeded[0] }
  }
}

/// The steps on the way: each sorts one rank of wishes into heeded and left out.
private struct Work {
  let constraints: [GroupConstraint]
  var sets: DisjointSets
  var rejections: [Int: [Int]] = [:]
  /// The must-links heeded, from both ends.
  var links: [Int: [(row: Int, constraint: Int)]] = [:]
  /// By the root of the block: the groups heeded.
  var wishes: [Int: [(row: Int, group: Int, constraint: Int)]] = [:]
  var cannotLinks: [(first: Int, second: Int, constraint: Int)] = []
  var conflicts: [ConstraintConflict] = []

  init(_ constraints: [GroupConstraint], rows: Int) {
    self.constraints = constraints
    sets = DisjointSets(count: rows)
    for (place, constraint) in constraints.enumerated() {
      switch constraint {
      case .together(let a, let b), .apart(let a, let b):
        precondition(a >= 0 && b >= 0 && a < rows && b < rows, "rows \(a) and \(b) of \(rows)")
      case .inGroup(let row, let group):
        precondition(row >= 0 && row < rows && group >= 0, "group \(group) for row \(row) of \(rows)")
      case .rejected(let row):
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        rejections[row, default: []].append(place)
      }
    }
  }

  mutating func join() {
    for (place, constraint) in constraints.enumerated() {
      guard case .together(let a, let b) = constraint else { continue }
      if a == b {
        leave([place], .linksRowToItself)
      } else if let against = rejecting([a, b]) {
        leave([place], .rejectedRow, against)
      } else {
        sets.join(a, b)
        links[a, default: []].append((b, place))
        links[b, default: []].append((a, place))
      }
    }
  }

  mutating func settleGroups() {
    for (place, constraint) in constraints.enumerated() {
      guard case .inGroup(let row, let group) = constraint else { continue }
      if let against = rejecting([row]) {
        leave([place], .rejectedRow, against)
      } else {
        wishes[sets.find(row), default: []].append((row, group, place))
      }
    }
    for root in wishes.keys.sorted() where wishes[root]!.contains(where: { $0.group != wishes[root]![0].group }) {
      let clashing = wishes.removeValue(forKey: root)!
      let rows = Set(clashing.map(\.row)).sorted()
      leave(clashing.map(\.constraint), .severalGroups, rows.dropFirst().flatMap { path(from: rows[0], to: $0) })
    }
  }

  mutating func settleCannotLinks() {
    for (place, constraint) in constraints.enumerated() {
      guard case .apart(let a, let b) = constraint else { continue }
      let (first, second) = (sets.find(a), sets.find(b))
      if a == b {
        leave([place], .linksRowToItself)
      } else if rejecting([a, b]) != nil {
        continue
      } else if first == second {
        leave([place], .mustBeTogether, path(from: a, to: b))
      } else if let one = wishes[first], let other = wishes[second], one[0].group == other[0].group {
        leave([place], .askedIntoOneGroup, (one + other).map(\.constraint))
      } else {
        cannotLinks.append((first, second, place))
      }
    }
  }

  mutating func blocks() -> ([ConstraintClosures.Block], [ConstraintClosures.Edge]) {
    var constraintsOf: [Int: Set<Int>] = [:]
    var rowsOf: [Int: Set<Int>] = [:]
    func note(_ root: Int, _ row: Int, _ place: Int) {
      constraintsOf[root, default: []].insert(place)
      rowsOf[root, default: []].insert(row)
    }
    for (row, neighbours) in links { for link in neighbours { note(sets.find(row), row, link.constraint) } }
    for (root, wishes) in wishes { for wish in wishes { note(root, wish.row, wish.constraint) } }
    for link in cannotLinks {
      guard case .apart(let a, let b) = constraints[link.constraint] else { continue }
      note(link.first, a, link.constraint)
      note(link.second, b, link.constraint)
    }
    let roots = rowsOf.keys.map { (lowest: rowsOf[$0]!.min()!, root: $0) }.sorted { $0 < $1 }.map(\.root)
    let place = Dictionary(uniqueKeysWithValues: roots.enumerated().map { ($1, $0) })
    let blocks = roots.map {
      ConstraintClosures.Block(
        rows: rowsOf[$0]!.sorted(), group: wishes[$0]?[0].group, constraints: constraintsOf[$0]!.sorted())
    }
    return (
      blocks,
      cannotLinks.map {
        let (a, b) = (place[$0.first]!, place[$0.second]!)
        return ConstraintClosures.Edge(first: min(a, b), second: max(a, b), constraint: $0.constraint)
      }
    )
  }

  private mutating func leave(_ unheeded: [Int], _ kind: ConstraintConflict.Kind, _ against: [Int] = []) {
    conflicts.append(
      ConstraintConflict(kind: kind, unheeded: unheeded.sorted(), against: Set(against).sorted()))
  }

  private func rejecting(_ rows: [Int]) -> [Int]? {
    let found = rows.flatMap { rejections[$0] ?? [] }
    return found.isEmpty ? nil : found
  }

  /// The must-links on the shortest way between two rows, of equally short ways the one over the lowest rows.
  private func path(from start: Int, to end: Int) -> [Int] {
    var previous = [start: start]
    var queue = [start]
    var next = 0
    while next < queue.count && previous[end] == nil {
      let row = queue[next]
      next += 1
      for neighbour in (links[row] ?? []).map(\.row).sorted() where previous[neighbour] == nil {
        previous[neighbour] = row
        queue.append(neighbour)
      }
    }
    var used: [Int] = []
    var row = end
    while row != start {
      let before = previous[row]!
      used += links[row]!.filter { $0.row == before }.map(\.constraint)
      row = before
    }
    return used
  }
}
