import Tensors

/// Balanced draws from groups of groups (Vo et al. 2024, hierarchical sampling): shares are levelled like water in tanks that fill up.
struct HierarchicalSampling {
  /// A group: the places of its members in the level below, or rows, and how many rows it holds.
  private struct Group {
    var members: [Int] = []
    var size = 0
  }

  private var levels: [[Group]] = []

  init(_ fitted: HierarchicalKMeans.Fitted) {
    for level in fitted.levels {
      var groups = [Group](repeating: Group(), count: level.partition.groupCount)
      for (member, label) in level.partition.labels.enumerated() {
        groups[label!].members.append(member)
        groups[label!].size += levels.last?[member].size ?? 1
      }
      levels.append(groups)
    }
  }

  /// `count` rows, ascending, or all where there are fewer.
  func sample(_ count: Int, seed: Seed) -> [Int] {
    precondition(count >= 0, "a sample of \(count)")
    var rows: [Int] = []
    draw(Array(levels.last!.indices), level: levels.count - 1, count, seed, into: &rows)
    return rows.sorted()
  }

  private func draw(_ groups: [Int], level: Int, _ count: Int, _ seed: Seed, into rows: inout [Int]) {
    let shares = Self.shares(of: count, sizes: groups.map { levels[level][$0].size }, seed: seed.split("shares"))
    for (group, share) in zip(groups, shares) where share > 0 {
      let seed = seed.split(group)
      var members = levels[level][group].members
      if level > 0 {
        draw(members, level: level - 1, share, seed, into: &rows)
      } else {
        var generator = seed.generator()
        generator.shuffle(&members)
        rows += members.prefix(share)
      }
    }
  }

  /// As even as sizes allow: each gets min(x, size) for the largest whole x that `count` covers; what is left goes one each to
  /// groups that have more, drawn at random.
  static func shares(of count: Int, sizes: [Int], seed: Seed) -> [Int] {
    let total = sizes.reduce(0, +)
    if count >= total { return sizes }
    var (low, high) = (0, sizes.max() ?? 0)
    while low < high {
      let middle = (low + high + 1) / 2
      if sizes.reduce(0, { $0 + min($1, middle) }) <= count { low = middle } else { high = middle - 1 }
    }
    var shares = sizes.map { min($0, low) }
    var open = sizes.indices.filter { sizes[$0] > low }
    var generator = seed.generator()
    generator.shuffle(&open)
    for group in open.prefix(count - shares.reduce(0, +)) { shares[group] += 1 }
    return shares
  }
}
