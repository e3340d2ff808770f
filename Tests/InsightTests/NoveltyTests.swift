import Insight
import Tensors
import Testing

struct NoveltyTests {
  @Test func pValuesByHand() {
    let novelty = Novelty(
      members: [[1, 2, 3, 4], []], centresAreMeans: false, groups: [0, 0, 0, 0, 1], distances: [0, 2, 3.5, 9, 1],
      level: 0.4)
    #expect(novelty.pValues == [1, 0.8, 0.4, 0.2, 1])
    #expect((0..<5).map { novelty.fits($0) } == [true, true, false, false, true])
    #expect(novelty.adjusted == [1, 1, 1, 1, 1])
    #expect(novelty.batches[0].count == 4 && novelty.batches[0].far == 2 && novelty.batches[0].expected == 1.6)
    #expect(novelty.batches[1].far == 0 && novelty.batches[1].pValue == 1)
    // Two of four beyond the second largest of four: 1 − (C(6,4) + C(2,1)·C(5,3)) / C(8,4).
    #expect(abs(novelty.batches[0].pValue - (1 - 35.0 / 70)) < 1e-12)
  }

  /// Every way to mix four members and three new values is equally likely.
  @Test func theTailIsThatOfAllMixtures() {
    for rank in 1...4 {
      var counts = [Int](repeating: 0, count: 4)
      for mixture in 0..<128 where mixture.nonzeroBitCount == 3 {
        // Bits are ranks, the largest value first; set ones are new.
        var (members, beyond) = (0, 0)
        for place in 0..<7 where members < rank {
          if mixture >> place & 1 == 1 { beyond += 1 } else { members += 1 }
        }
        counts[beyond] += 1
      }
      for seen in 0...3 {
        let share = Double(counts[seen...].reduce(0, +)) / 35
        #expect(abs(Novelty.upperTail(seen, of: 3, rank: rank, members: 4) - share) < 1e-12)
      }
    }
    #expect(Novelty.upperTail(0, of: 0, rank: 0, members: 0) == 1)
    #expect(Novelty.upperTail(1, of: 3, rank: 0, members: 4) == 0)
  }

  @Test func theOrderOfMembersAndImagesDecidesNothing() {
    let a = Novelty(members: [[3, 1, 2]], centresAreMeans: true, groups: [0, 0], distances: [1, 5])
    let b = Novelty(members: [[1, 2, 3]], centresAreMeans: true, groups: [0, 0], distances: [5, 1])
    #expect(a.pValues == b.pValues.reversed() && a.batches == b.batches)
  }

  /// 40 members in 20 dimensions, their mean as the centre: without taking members out of their mean, new images would look far.
  @Test func imagesOfTheSameKindLookFarNoMoreOftenThanTheLevelSays() {
    var generator = Seed(2).generator()
    let (rounds, members, new, columns) = (200, 40, 40, 20)
    var (far, naive, alarms) = (0, 0, 0)
    for _ in 0..<rounds {
      let points = (0..<members + new).map { _ in (0..<columns).map { _ in generator.normal() } }
      let mean = (0..<columns).map { column in points[..<members].reduce(0) { $0 + $1[column] } / Double(members) }
      let distances = points.map { zip($0, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() }
      let (old, later) = (Array(distances[..<members]), Array(distances[members...]))
      let groups = [Int](repeating: 0, count: new)
      let novelty = Novelty(members: [old], centresAreMeans: true, groups: groups, distances: later)
      far += novelty.batches[0].far
      naive += Novelty(members: [old], centresAreMeans: false, groups: groups, distances: later).batches[0].far
      if novelty.pValue <= 0.05 { alarms += 1 }
    }
    // 8000 images: 2 of 41 places count as far, 4.9 %.
    let share = Double(far) / Double(rounds * new)
    #expect(share > 0.035 && share < 0.06, "\(share), without leaving out \(Double(naive) / Double(rounds * new))")
    #expect(naive > far)
    #expect(alarms <= 20, "\(alarms) of \(rounds)")
  }

  @Test func aNewKindIsFoundAndOnlyItsImages() {
    var generator = Seed(4).generator()
    let members = (0..<2).map { _ in (0..<100).map { _ in abs(generator.normal()) } }
    let same = (0..<60).map { _ in abs(generator.normal()) }
    let other = (0..<30).map { _ in 6 + abs(generator.normal()) }
    let groups = (0..<90).map { $0 < 60 ? $0 % 2 : 1 }
    let novelty = Novelty(members: members, centresAreMeans: false, groups: groups, distances: same + other)
    #expect(novelty.batches[1].pValue < 1e-6 && novelty.batches[0].pValue > 0.05 && novelty.pValue < 1e-6)
    #expect((60..<90).allSatisfy { novelty.adjusted[$0] <= 0.05 && !novelty.fits($0) })
    #expect((0..<60).count { novelty.adjusted[$0] <= 0.05 } <= 4)
  }
}
