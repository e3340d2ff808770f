/// Puts blocks that must be apart into groups so that as few cannot-links as possible are broken, then as few rows as possible move, then
/// the sum of distances is least: branch and bound, from a greedy start with repair.
///
/// A block with d neighbours need only be offered its d + 1 best groups: the neighbours take at most d of them, so one of the
/// offered is free and no worse than any group beyond them. That keeps the search exact whatever the number of groups is.
struct LeastChange {
  /// A group that a block may go to.
  struct Candidate {
    /// nil: no group, which all others are apart from.
    let group: Int?
    let moved: Int
    let distance: Double
  }

  /// What is made least, the first figure first.
  struct Cost: Comparable {
    var broken = 0
    var moved = 0
    var distance = 0.0

    static func < (a: Cost, b: Cost) -> Bool {
      if a.broken != b.broken { return a.broken < b.broken }
      if a.moved != b.moved { return a.moved < b.moved }
      return a.distance < b.distance
    }

    static func + (cost: Cost, candidate: Candidate) -> Cost {
      Cost(broken: cost.broken, moved: cost.moved + candidate.moved, distance: cost.distance + candidate.distance)
    }
  }

  private let candidates: [[Candidate]]
  /// Of each block, the blocks it must be apart from and by how many links.
  private let neighbours: [[(block: Int, links: Int)]]
  /// Blocks with many neighbours first, equals by their number.
  private let order: [Int]

  /// - Parameter candidates: of each block, best first; at least as many as it has neighbours and one more, or all there are.
  init(_ candidates: [[Candidate]], edges: [(first: Int, second: Int)]) {
    self.candidates = candidates
    var links = [[Int: Int]](repeating: [:], count: candidates.count)
    for (a, b) in edges {
      links[a][b, default: 0] += 1
      links[b][a, default: 0] += 1
    }
    neighbours = links.map { counts in counts.keys.sorted().map { ($0, counts[$0]!) } }
    let degrees = neighbours.map(\.count)
    order = candidates.indices.sorted { (-degrees[$0], $0) < (-degrees[$1], $1) }
  }

  /// The place of each block's group among its candidates, and whether no better choice exists.
  /// - Parameter limit: steps of the search, after which the best choice so far stands.
  /// - Complexity: O(limit · neighbours) at worst; a block whose wishes don't clash costs one step.
  func solve(limit: Int) -> (choice: [Int], isProven: Bool) {
    var best = repaired(greedy())
    var leastCost = cost(of: best)
    var isFromSearch = false
    // What the blocks from a place on cost at least.
    var rest = [Cost](repeating: Cost(), count: order.count + 1)
    for place in order.indices.reversed() { rest[place] = rest[place + 1] + candidates[order[place]][0] }

    var choice = [Int?](repeating: nil, count: order.count)
    var next = [Int](repeating: 0, count: order.count)
    var costs = [Cost](repeating: Cost(), count: order.count + 1)
    var (place, steps) = (0, 0)
    while place >= 0 {
      if place == order.count {
        (best, leastCost, isFromSearch) = (choice.map { $0! }, costs[place], true)
        place -= 1
        continue
      }
      let block = order[place]
      choice[block] = nil
      if next[place] == candidates[block].count {
        next[place] = 0
        place -= 1
        continue
      }
      let candidate = next[place]
      next[place] += 1
      steps += 1
      if steps > limit { return (best, false) }
      var cost = costs[place] + candidates[block][candidate]
      cost.broken += broken(block, candidate, choice)
      let bound = Cost(
        broken: cost.broken, moved: cost.moved + rest[place + 1].moved,
        distance: cost.distance + rest[place + 1].distance)
      // The first of equals in the order of the search stands, not the greedy one.
      if isFromSearch ? !(bound < leastCost) : leastCost < bound { continue }
      choice[block] = candidate
      costs[place + 1] = cost
      place += 1
    }
    return (best, true)
  }

  private func broken(_ block: Int, _ candidate: Int, _ choice: [Int?]) -> Int {
    guard let group = candidates[block][candidate].group else { return 0 }
    return neighbours[block].reduce(0) { sum, neighbour in
      guard let other = choice[neighbour.block] else { return sum }
      return candidates[neighbour.block][other].group == group ? sum + neighbour.links : sum
    }
  }

  private func greedy() -> [Int] {
    var choice = [Int?](repeating: nil, count: order.count)
    for block in order { choice[block] = bestCandidate(block, choice) }
    return choice.map { $0! }
  }

  /// Each block in turn to its best group, the others as they are, until nothing moves. Every move lowers the cost.
  private func repaired(_ start: [Int]) -> [Int] {
    var choice: [Int?] = start
    for _ in 0...order.count {
      let before = choice
      for block in order { choice[block] = bestCandidate(block, choice) }
      if choice == before { break }
    }
    return choice.map { $0! }
  }

  /// Candidates come best first, so that of equally many broken links the first wins.
  private func bestCandidate(_ block: Int, _ choice: [Int?]) -> Int {
    var (best, least) = (0, Int.max)
    for candidate in candidates[block].indices where least > 0 {
      let count = broken(block, candidate, choice)
      if count < least { (best, least) = (candidate, count) }
    }
    return best
  }

  private func cost(of choice: [Int]) -> Cost {
    var cost = Cost()
    var placed = [Int?](repeating: nil, count: order.count)
    for block in order {
      cost = cost + candidates[block][choice[block]]
      cost.broken += broken(block, choice[block], placed)
      placed[block] = choice[block]
    }
    return cost
  }
}
