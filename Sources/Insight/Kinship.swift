import Clustering

/// How the groups of two fits hang together: the counts, who is whose child, who inherits, and what that is called.
struct Kinship {
  /// Ascending; old groups are counted in this order.
  let oldIDs: [Int]
  /// `shared[old][new]` images are in both.
  private let shared: [[Int]]
  /// `like[old][new]`: those, and new images of the new group that fit the old one.
  private let like: [[Int]]
  /// Images of the old group that the new archive still has, noise included.
  private let survivors: [Int]
  private let sizes: [Int]
  /// Of each new group, what the share of an old group is taken of.
  private let bases: [Int]
  private let wasNoise: [Int]
  private let isBirth: [Bool]

  init(_ partition: Partition, _ pasts: [Lineage.Past], _ oldIDs: [Int]) {
    let place = Dictionary(uniqueKeysWithValues: oldIDs.enumerated().map { ($1, $0) })
    func number(_ id: Int) -> Int {
      guard let number = place[id] else { preconditionFailure("group \(id) is none of the old fit") }
      return number
    }
    let (rows, groups) = (oldIDs.count, partition.groupCount)
    var shared = [[Int]](repeating: [Int](repeating: 0, count: groups), count: rows)
    var like = shared
    var survivors = [Int](repeating: 0, count: rows)
    var wasNoise = [Int](repeating: 0, count: groups)
    // New images that fit no old group, and those that nobody looked at.
    var foreign = wasNoise
    var unseen = wasNoise
    for (past, group) in zip(pasts, partition.labels) {
      switch past {
      case .group(let id):
        let old = number(id)
        survivors[old] += 1
        if let group {
          shared[old][group] += 1
          like[old][group] += 1
        }
      case .noise: if let group { wasNoise[group] += 1 }
      case .new(let fits?): if let group { like[number(fits)][group] += 1 }
      case .new(nil): if let group { foreign[group] += 1 }
      case .unseen: if let group { unseen[group] += 1 }
      }
    }
    self.oldIDs = oldIDs
    self.shared = shared
    self.like = like
    self.survivors = survivors
    self.wasNoise = wasNoise
    sizes = partition.sizes
    bases = (0..<groups).map { max(1, partition.sizes[$0] - unseen[$0]) }
    // Where nobody looked at what new images are like, a group of old kind should hold its part of the old images: the
    // share of the whole archive, or at the very least half of that.
    let ofOldGroups = survivors.reduce(0, +)
    isBirth = (0..<groups).map { group in
      let fromOld = shared.reduce(0) { $0 + $1[group] }
      let size = partition.sizes[group]
      let isScarceInOld = 2 * fromOld * pasts.count <= ofOldGroups * size
      return 2 * (foreign[group] + (isScarceInOld ? unseen[group] : 0)) > size
    }
  }

  private func isChild(_ new: Int, of old: Int) -> Bool {
    !isBirth[new] && (2 * shared[old][new] > survivors[old] || 2 * like[old][new] > bases[new])
  }

  /// The old group whose id each new one inherits: by the images shared, of equals by new images that are like the old group's.
  func heirs() -> [Int?] {
    let weight = sizes.reduce(1, +)
    let scores = oldIDs.indices.map { old in
      sizes.indices.map { isChild($0, of: old) ? shared[old][$0] * weight + like[old][$0] : 0 }
    }
    var heirs = [Int?](repeating: nil, count: sizes.count)
    for (old, new) in Assignment.best(scores).enumerated() {
      if let new, scores[old][new] > 0 { heirs[new] = old }
    }
    return heirs
  }

  func events(_ ids: [Int], _ heirs: [Int?]) -> [Lineage.Event] {
    let children = oldIDs.indices.map { old in sizes.indices.filter { isChild($0, of: old) } }
    let parents = sizes.indices.map { new in oldIDs.indices.filter { children[$0].contains(new) } }
    var events: [Lineage.Event] = []
    func add(_ kind: Lineage.Kind, _ old: [Int], _ new: [Int]) {
      events.append(
        Lineage.Event(
          kind: kind, old: old.map { oldIDs[$0] }, new: new.map { ids[$0] }.sorted(), evidence: overlaps(old, new, ids))
      )
    }
    for old in oldIDs.indices {
      if children[old].isEmpty { add(.death, [old], []) }
      if children[old].count > 1 { add(.split, [old], children[old]) }
      if children[old].count == 1 && parents[children[old][0]].count == 1 { add(.continues, [old], children[old]) }
    }
    for new in sizes.indices {
      if isBirth[new] {
        add(.birth, [], [new])
      } else if parents[new].count > 1 {
        add(.merge, parents[new], [new])
      } else if parents[new].isEmpty {
        add(2 * wasNoise[new] > bases[new] ? .fromNoise : .regrouped, [], [new])
      }
    }
    return events.sorted { a, b in
      let (x, y) = ((a.old + a.new).min()!, (b.old + b.new).min()!)
      if x != y { return x < y }
      return a.kind.rawValue < b.kind.rawValue
    }
  }

  /// All pairs of which one is named and that have images in common.
  private func overlaps(_ old: [Int], _ new: [Int], _ ids: [Int]) -> [Lineage.Overlap] {
    let pairs =
      old.flatMap { old in sizes.indices.map { (old, $0) } }
      + new.flatMap { new in oldIDs.indices.filter { !old.contains($0) }.map { ($0, new) } }
    return pairs.filter { like[$0.0][$0.1] > 0 }.map { i, j in
      Lineage.Overlap(
        old: oldIDs[i], new: ids[j], shared: shared[i][j], ofOld: Double(shared[i][j]) / Double(max(1, survivors[i])),
        ofNew: Double(like[i][j]) / Double(bases[j]))
    }.sorted { ($0.old, $0.new) < ($1.old, $1.new) }
  }
}
