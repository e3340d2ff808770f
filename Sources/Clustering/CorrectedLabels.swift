/// A finished partition with constraints laid over it, changed as little as possible. The labels it started from are kept beside.
///
/// Rows that must be together go to the group that holds most of them; of equal groups to the one nearest to them all, then to the lower
/// number. Rows that must be apart and are not: of all ways to part them the one that moves the fewest rows, then the one of the least sum
/// of distances, so that the row moves that is least at home. Rows that must be together and are all noise stay noise: they are
/// in no two groups. Rejected rows leave their group last. Must-links, groups asked for and rejections are always met, as far as
/// `ConstraintClosures` keeps them; cannot-links are met, or are in `unmet`.
///
/// Groups keep their numbers, even if none of their rows is left. Applied to its own result it changes nothing, where
/// `isLeastChange`.
public struct CorrectedLabels: Sendable, Equatable {
  public let raw: [Int?]
  public let corrected: [Int?]
  /// Why a row's label is another than it was; nil where it is not.
  public let reasons: [Reason?]
  /// The cannot-links that could not be met, as places in the list of constraints, ascending.
  public let unmet: [Int]
  /// Whether every choice was proved to break the fewest cannot-links, move the fewest rows and be nearest, in this order; false where a
  /// search ended at its limit.
  public let isLeastChange: Bool

  public enum Reason: Sendable, Hashable {
    case mustLink
    case cannotLink
    case assigned
    case rejected
  }

  /// - Parameters:
  ///   - raw: the group of each row, nil for noise.
  ///   - searchLimit: steps of the search for each set of blocks that cannot-links connect.
  ///   - distances: how far a row is from each group (of k-means from its centres, else from the medoids, say), one number a
  ///     group. Asked only of rows that constraints name.
  /// - Precondition: labels and the groups asked for lie in 0..<groupCount.
  /// - Complexity: O(rows + constrained rows · groups), and the search.
  public init(
    of raw: [Int?], groupCount: Int, _ constraints: ConstraintClosures, searchLimit: Int = 100_000,
    distances: (_ row: Int) -> [Double]
  ) {
    for case let label? in raw { precondition(label >= 0 && label < groupCount, "group \(label) of \(groupCount)") }
    let offers = constraints.offers(raw, groupCount, distances)
    let (places, isLeastChange) = constraints.choice(among: offers, limit: searchLimit)
    var corrected = raw
    var reasons = [Reason?](repeating: nil, count: raw.count)
    for (number, block) in constraints.blocks.enumerated() {
      let group = offers[number][places[number]].group
      for row in block.rows where corrected[row] != group {
        corrected[row] = group
        reasons[row] = block.group != nil ? .assigned : places[number] > 0 ? .cannotLink : .mustLink
      }
    }
    unmet = constraints.edges.filter { edge in
      let group = offers[edge.first][places[edge.first]].group
      return group != nil && group == offers[edge.second][places[edge.second]].group
    }.map(\.constraint).sorted()
    for (row, _) in constraints.rejected where raw[row] != nil {
      corrected[row] = nil
      reasons[row] = .rejected
    }
    self.raw = raw
    self.corrected = corrected
    self.reasons = reasons
    self.isLeastChange = isLeastChange
  }
}

extension ConstraintClosures {
  /// The groups that each block may go to, best first.
  fileprivate func offers(
    _ raw: [Int?], _ groupCount: Int, _ distances: (Int) -> [Double]
  ) -> [[LeastChange.Candidate]] {
    var neighbours = [Set<Int>](repeating: [], count: blocks.count)
    for edge in edges {
      neighbours[edge.first].insert(edge.second)
      neighbours[edge.second].insert(edge.first)
    }
    return blocks.indices.map { number in
      let block = blocks[number]
      if let group = block.group {
        precondition(group < groupCount, "group \(group) of \(groupCount)")
        return [LeastChange.Candidate(group: group, moved: 0, distance: 0)]
      }
      let home = raw[block.rows[0]]
      let isTogether = block.rows.allSatisfy { raw[$0] == home }
      if isTogether && (home == nil || neighbours[number].isEmpty) {
        return [LeastChange.Candidate(group: home, moved: 0, distance: 0)]
      }
      var moved = [Int](repeating: block.rows.count, count: groupCount)
      var sums = [Double](repeating: 0, count: groupCount)
      for row in block.rows {
        if let label = raw[row] { moved[label] -= 1 }
        let distances = distances(row)
        precondition(distances.count == groupCount, "\(distances.count) distances for \(groupCount) groups")
        for group in 0..<groupCount { sums[group] += distances[group] }
      }
      let best = (0..<groupCount).sorted { (moved[$0], sums[$0], $0) < (moved[$1], sums[$1], $1) }
      return best.prefix(neighbours[number].count + 1).map {
        LeastChange.Candidate(group: $0, moved: moved[$0], distance: sums[$0])
      }
    }
  }

  /// The place among its offers of each block's group, and whether no better choice exists.
  fileprivate func choice(among offers: [[LeastChange.Candidate]], limit: Int) -> (places: [Int], isProven: Bool) {
    var places = [Int](repeating: 0, count: blocks.count)
    var isProven = true
    var sets = DisjointSets(count: blocks.count)
    for edge in edges { sets.join(edge.first, edge.second) }
    var components: [Int: (blocks: [Int], edges: [(first: Int, second: Int)])] = [:]
    var place = [Int](repeating: 0, count: blocks.count)
    for edge in edges {
      for block in [edge.first, edge.second] { components[sets.find(block), default: ([], [])].blocks.append(block) }
    }
    for root in components.keys {
      components[root]!.blocks = Set(components[root]!.blocks).sorted()
      for (number, block) in components[root]!.blocks.enumerated() { place[block] = number }
    }
    for edge in edges { components[sets.find(edge.first)]!.edges.append((place[edge.first], place[edge.second])) }
    for component in components.values {
      let (choice, proven) = LeastChange(component.blocks.map { offers[$0] }, edges: component.edges).solve(
        limit: limit)
      for (number, block) in component.blocks.enumerated() { places[block] = choice[number] }
      isProven = isProven && proven
    }
    return (places, isProven)
  }
}
