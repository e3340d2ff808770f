import Clustering
import Insight
import Records
import Tensors
import Testing

struct LineageTests {
  typealias Past = Lineage.Past
  typealias Event = Lineage.Event

  /// A lineage from counts: `pasts[g]` are how many rows of new group g have which past; the last list is noise.
  private func lineage(_ groups: [[(Past, Int)]], noise: [(Past, Int)] = [], old: [Int], next: Int = 10) -> Lineage {
    var (labels, pasts): ([Int?], [Past]) = ([], [])
    for (group, counts) in groups.enumerated() {
      for (past, count) in counts {
        labels += [Int?](repeating: group, count: count)
        pasts += [Past](repeating: past, count: count)
      }
    }
    for (past, count) in noise {
      labels += [Int?](repeating: nil, count: count)
      pasts += [Past](repeating: past, count: count)
    }
    return Lineage(of: Partition(labels), pasts: pasts, oldIDs: old, nextID: next)
  }

  private func kinds(_ lineage: Lineage) -> [String] {
    lineage.events.map { "\($0.kind.rawValue) \($0.old) \($0.new)" }
  }

  @Test func theSameGroupsContinueUnderOtherNumbers() {
    let same = lineage([[(.group(id: 4), 9)], [(.group(id: 2), 6), (.unseen, 1)]], noise: [(.noise, 3)], old: [2, 4])
    #expect(same.ids == [4, 2] && same.nextID == 10)
    #expect(kinds(same) == ["continues [2] [2]", "continues [4] [4]"])
    #expect(same.events[0].evidence == [.init(old: 2, new: 2, shared: 6, ofOld: 1, ofNew: 1)])
  }

  @Test func theFirstFitIsBirths() {
    let first = lineage([[(.unseen, 5)], [(.new(fits: nil), 3)]], old: [], next: 0)
    #expect(first.ids == [0, 1] && first.nextID == 2)
    #expect(kinds(first) == ["birth [] [0]", "birth [] [1]"])
    #expect(lineage([], old: [], next: 5).nextID == 5)
  }

  @Test func theLargestPieceOfASplitKeepsTheId() {
    let split = lineage(
      [[(.group(id: 1), 8)], [(.group(id: 0), 6)], [(.group(id: 0), 5)], [(.group(id: 0), 2)]], old: [0, 1])
    #expect(split.ids == [1, 0, 10, 11] && split.nextID == 12)
    #expect(kinds(split) == ["split [0] [0, 10, 11]", "continues [1] [1]"])
    #expect(split.events[0].evidence.map(\.shared) == [6, 5, 2])
    #expect(split.events[0].evidence.map(\.ofNew) == [1, 1, 1])
  }

  @Test func fiveEqualPiecesAreASplitNotADeath() {
    let split = lineage((0..<5).map { _ in [(.group(id: 3), 4)] }, old: [3])
    #expect(split.ids == [3, 10, 11, 12, 13] && kinds(split) == ["split [3] [3, 10, 11, 12, 13]"])
  }

  @Test func aMergeKeepsTheIdOfItsLargerParent() {
    let merge = lineage([[(.group(id: 0), 3), (.group(id: 1), 9), (.group(id: 2), 4)]], old: [0, 1, 2])
    #expect(merge.ids == [1] && kinds(merge) == ["merge [0, 1, 2] [1]"])
    #expect(merge.events[0].evidence.map(\.ofOld) == [1, 1, 1])
  }

  /// Group 0 gives 60 to a group that 1 goes to with 50, and 40 to another: 90 images stay under their id, not 60.
  @Test func whereSplitsAndMergesEntangleMostImagesKeepTheirId() {
    let knot = lineage([[(.group(id: 0), 60), (.group(id: 1), 50)], [(.group(id: 0), 40)]], old: [0, 1])
    #expect(knot.ids == [1, 0] && kinds(knot) == ["merge [0, 1] [1]", "split [0] [0, 1]"])
  }

  @Test func deathsAndWhatRises() {
    let all = lineage(
      [
        [(.noise, 8)], [(.group(id: 0), 2), (.group(id: 1), 2), (.group(id: 2), 2)],
        [(.new(fits: nil), 4), (.group(id: 3), 1)],
      ], noise: [(.group(id: 0), 5), (.group(id: 1), 5), (.group(id: 2), 5)], old: [0, 1, 2, 3, 4])
    #expect(all.ids == [10, 11, 12])
    #expect(
      kinds(all) == [
        "death [0] []", "death [1] []", "death [2] []", "death [3] []", "death [4] []", "from_noise [] [10]",
        "regrouped [] [11]", "birth [] [12]",
      ])
    #expect(all.events[3].evidence == [.init(old: 3, new: 12, shared: 1, ofOld: 1, ofNew: 0.2)])
  }

  /// 9 new images that fit group 0 are no new kind, though the k-means that found them was asked for one group more.
  @Test func newImagesThatFitAnOldGroupAreNoBirth() {
    let split = lineage([[(.group(id: 0), 10)], [(.new(fits: 0), 9), (.new(fits: nil), 1)]], old: [0])
    #expect(split.ids == [0, 10] && kinds(split) == ["split [0] [0, 10]"])
    let birth = lineage([[(.group(id: 0), 10)], [(.new(fits: 0), 4), (.new(fits: nil), 6)]], old: [0])
    #expect(kinds(birth) == ["continues [0] [0]", "birth [] [10]"])
  }

  /// Where nobody looked: an archive that trebles is no birth, a group of few old images in it is one.
  @Test func withoutFactsABirthHoldsFewerOldImagesThanTheArchive() {
    let more = lineage([[(.group(id: 0), 10), (.unseen, 20)], [(.group(id: 0), 8), (.unseen, 19)]], old: [0])
    #expect(kinds(more) == ["split [0] [0, 10]"])
    let other = lineage([[(.group(id: 0), 10), (.unseen, 20)], [(.group(id: 0), 2), (.unseen, 25)]], old: [0])
    #expect(kinds(other) == ["continues [0] [0]", "birth [] [10]"])
  }

  @Test func idsOfImagesFindTheirPast() {
    let old: [ImageID: Int?] = [ImageID("a"): 3, ImageID("b"): 3, ImageID("c"): nil, ImageID("gone"): 5]
    let ids = ["n", "b", "a", "m", "o"].map { ImageID($0) }
    let partition = Partition([1, 0, 0, 1, 1])
    let lineage = Lineage(old: old, oldIDs: [3, 5], nextID: 6, new: partition, ids: ids) { _ in nil }
    #expect(lineage.ids == [6, 3] && kinds(lineage) == ["continues [3] [3]", "death [5] []", "birth [] [6]"])
    #expect(Lineage(old: old, oldIDs: [3, 5], nextID: 6, new: partition, ids: ids) == lineage)
  }

  @Test func theOrderOfImagesDecidesNothing() {
    for number in 0..<300 {
      var generator = Seed(6).split(number).generator()
      let rows = (0..<40).map { _ -> (Int?, Past) in
        let label = generator.chance(0.1) ? nil : generator.integer(below: 4)
        let past: Past =
          switch generator.integer(below: 8) {
          case 0: .noise
          case 1: .unseen
          case 2: .new(fits: generator.chance(0.5) ? nil : generator.integer(below: 3))
          case 3, 4: .group(id: min(label ?? 0, 2))
          default: .group(id: generator.integer(below: 3))
          }
        return (label, past)
      }
      let lineage = Lineage(of: Partition(rows.map(\.0)), pasts: rows.map(\.1), oldIDs: [0, 1, 2], nextID: 3)
      #expect(Set(lineage.ids).count == lineage.ids.count)
      #expect(Set(lineage.events.flatMap(\.old)) == [0, 1, 2])
      #expect(Set(lineage.events.flatMap(\.new)) == Set(lineage.ids))
      var turned = rows
      generator.shuffle(&turned)
      // Numbers follow sizes, and groups of one size their first row: only where sizes differ is there one answer.
      let partition = Partition(turned.map(\.0))
      if Set(partition.sizes).count == partition.sizes.count {
        #expect(
          Lineage(of: partition, pasts: turned.map(\.1), oldIDs: [2, 0, 1], nextID: 3) == lineage, "case \(number)")
      }
    }
  }
}
