import Clustering
import Insight
import Tensors
import Testing

/// Archives planted kind by kind, fitted, grown and fitted again: what the lineage says against what was planted.
struct GrowingArchiveTests {
  /// What grows.
  enum Growth: CaseIterable {
    case more
    case newKind
    case split
    case merge
  }

  static let rounds = 20

  /// Kinds as balls of normal points around centres drawn far apart; `spread` of the centres is in deviations.
  private struct Archive {
    var points: [[Float]] = []
    var generator: RandomGenerator
    let centres: [[Double]]

    init(kinds: Int, columns: Int, spread: Double, seed: Seed) {
      var generator = seed.generator()
      var drawn: [[Double]] = []
      while drawn.count < kinds {
        let centre = (0..<columns).map { _ in spread * generator.normal() }
        let isFar = drawn.allSatisfy { other in
          zip(centre, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() > 8
        }
        if isFar { drawn.append(centre) }
      }
      centres = drawn
      self.generator = generator
    }

    mutating func add(_ count: Int, of kind: Int) {
      for _ in 0..<count { points.append(centres[kind].map { Float($0 + generator.normal()) }) }
    }

    var matrix: Matrix { Matrix(rowsOf: points) }
  }

  /// The pasts of all rows, as they are when the old fit was k-means: new rows are held against the distances of members to their centres.
  private func pasts(_ old: KMeans.Fitted, _ points: Matrix, withFits: Bool) -> [Lineage.Past] {
    let count = old.partition.count
    func distance(_ row: Int, _ group: Int) -> Double {
      zip(points.row(row), old.centers.row(group)).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }.squareRoot()
    }
    var members = [[Double]](repeating: [], count: old.partition.groupCount)
    for (row, label) in old.partition.labels.enumerated() { members[label!].append(distance(row, label!)) }
    let nearest = (count..<points.rows).map { row in
      members.indices.map { (distance: distance(row, $0), group: $0) }.min { $0 < $1 }!
    }
    let novelty = Novelty(
      members: members, centresAreMeans: true, groups: nearest.map(\.group), distances: nearest.map(\.distance))
    return old.partition.labels.map { .group(id: $0!) }
      + nearest.indices.map { withFits ? .new(fits: novelty.fits($0) ? nearest[$0].group : nil) : .unseen }
  }

  private func kinds(_ growth: Growth, density: Bool, withFits: Bool, _ seed: Seed) throws -> [Lineage.Kind] {
    let pool = WorkerPool(threads: 1)
    var archive = Archive(kinds: 5, columns: 8, spread: 6, seed: seed)
    for kind in 0..<4 { archive.add(40 + 10 * kind, of: kind) }
    var groups = 4
    let before = archive.matrix
    // A split is two kinds that the old fit had as one group; a merge the reverse.
    if growth == .split { groups = 3 }
    let old = try KMeans(nClusters: groups).fit(before, seed: seed.split("old"), workers: pool)
    for kind in 0..<4 { archive.add(30, of: kind) }
    if growth == .newKind { archive.add(30, of: 4) }
    groups = growth == .newKind ? 5 : growth == .merge ? 3 : 4
    let after = archive.matrix
    let new: Partition
    if density {
      new = try HDBSCAN(minClusterSize: 15).partition(after, seed: seed, workers: pool)
    } else {
      new = try KMeans(nClusters: groups).partition(after, seed: seed.split("new"), workers: pool)
    }
    let lineage = Lineage(
      of: new, pasts: pasts(old, after, withFits: withFits), oldIDs: Array(0..<old.partition.groupCount),
      nextID: old.partition.groupCount)
    return lineage.events.map(\.kind)
  }

  /// What must be seen of each growth, and that nothing else is.
  private func isRight(_ growth: Growth, _ kinds: [Lineage.Kind]) -> Bool {
    func count(_ kind: Lineage.Kind) -> Int { kinds.count { $0 == kind } }
    switch growth {
    case .more: return count(.continues) == 4 && kinds.count == 4
    case .newKind: return count(.birth) == 1 && count(.continues) == 4 && kinds.count == 5
    case .split: return count(.split) == 1 && count(.continues) == 2 && kinds.count == 3
    case .merge: return count(.merge) == 1 && count(.continues) == 2 && kinds.count == 3
    }
  }

  @Test(arguments: Growth.allCases, [true, false])
  func whatWasPlantedIsSeen(_ growth: Growth, withFits: Bool) throws {
    var (right, births) = (0, 0)
    for round in 0..<Self.rounds {
      let kinds = try kinds(growth, density: false, withFits: withFits, Seed(21).split(round))
      if isRight(growth, kinds) { right += 1 }
      if kinds.contains(.birth) { births += 1 }
    }
    let least = Self.rounds * 19 / 20
    #expect(growth == .newKind ? births >= least : births <= Self.rounds - least)
    #expect(right >= least)
  }

  /// The new fit by density, which leaves noise and chooses its own number of groups.
  @Test(arguments: [Growth.more, .newKind], [true, false])
  func densityReFitsTellNewKindsFromMoreOfTheSame(_ growth: Growth, withFits: Bool) throws {
    var births = 0
    for round in 0..<Self.rounds {
      let kinds = try kinds(growth, density: true, withFits: withFits, Seed(22).split(round))
      if kinds.contains(.birth) { births += 1 }
    }
    let least = Self.rounds * 19 / 20
    #expect(growth == .newKind ? births >= least : births <= Self.rounds - least)
  }
}
