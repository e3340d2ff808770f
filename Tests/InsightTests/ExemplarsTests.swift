import Clustering
import Insight
import Tensors
import TestSupport
import Testing

struct ExemplarsTests {
  @Test func stripsNeverRepeatThemselves() {
    withEvery("size", in: 1...60) { size in
      let blobs = PlantedBlobs(centres: [[0, 0], [40, 40]], sizes: [size, 5], seed: UInt64(size))
      for group in PartitionSummary(of: blobs.partition, points: blobs.points).groups {
        let shown = [group.medoid] + (group.typical + group.odd).map(\.row)
        #expect(Set(shown).count == shown.count)
        #expect(shown.allSatisfy { blobs.partition.labels[$0] == group.group })
        #expect(group.typical.count <= 8 && group.odd.count <= 8)
        #expect(group.typical.map(\.distance) == group.typical.map(\.distance).sorted())
        #expect(group.typical.allSatisfy { $0.reason == .typical })
        if group.size >= 20 {
          #expect(!group.typical.isEmpty)
          #expect(group.odd[0].reason == .farthest)
          #expect(group.odd[0].distance == group.radius)
          #expect(group.odd[1].reason == .leastProbable)
        }
      }
    }
  }

  @Test func typicalMembersAreNearAndSpread() {
    let blobs = PlantedBlobs(centres: [[0, 0]], sizes: [400])
    let group = PartitionSummary(of: blobs.partition, points: blobs.points).groups[0]
    let distances = (0..<400).map { row in
      zip(blobs.points.row(row), blobs.points.row(group.medoid)).reduce(0) {
        $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
      }
    }.sorted()
    #expect(group.typical.count == 8)
    #expect(group.typical.allSatisfy { $0.distance * $0.distance <= distances[100] * 1.0001 })
    for a in group.typical {
      for b in group.typical where a.row < b.row {
        let gap = zip(blobs.points.row(a.row), blobs.points.row(b.row)).reduce(0) {
          $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
        }
        #expect(gap.squareRoot() > 0.1 * group.cohesion)
      }
    }
  }

  /// Twelve images, each there five times: at most one of each set is shown.
  @Test func copiesAreShownOnce() {
    let points = Matrix(rowsOf: (0..<60).map { [Float($0 % 12) + Float($0 / 12) * 0.001] })
    let copies = (0..<60).map { $0 % 12 }
    let group = PartitionSummary(
      of: Partition([Int?](repeating: 0, count: 60)), points: points, copies: copies
    ).groups[0]
    let shown = ([group.medoid] + (group.typical + group.odd).map(\.row)).map { copies[$0] }
    #expect(Set(shown).count == shown.count)
    // By distance alone, copies in the same place are not shown twice either.
    let plain = PartitionSummary(of: Partition([Int?](repeating: 0, count: 60)), points: points).groups[0]
    let typical = ([plain.medoid] + plain.typical.map(\.row)).map { copies[$0] }
    #expect(Set(typical).count == typical.count)
  }
}
