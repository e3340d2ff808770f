import Clustering
import Testing

struct ConstraintClosuresTests {
  typealias Conflict = ConstraintConflict

  @Test func linksChainAndBlocksKnowWhatNamesThem() {
    let closures = ConstraintClosures(
      [.together(4, 1), .apart(1, 6), .together(1, 5), .inGroup(row: 5, group: 2), .rejected(0), .apart(7, 2)], rows: 8)
    #expect(closures.conflicts.isEmpty)
    #expect(
      closures.blocks
        == [
          .init(rows: [1, 4, 5], group: 2, constraints: [0, 1, 2, 3]), .init(rows: [2], group: nil, constraints: [5]),
          .init(rows: [6], group: nil, constraints: [1]), .init(rows: [7], group: nil, constraints: [5]),
        ])
    #expect(
      closures.edges == [
        .init(first: 0, second: 2, constraint: 1), .init(first: 1, second: 3, constraint: 5),
      ])
    #expect(closures.rejected.map(\.row) == [0] && closures.rejected[0].constraints == [4])
  }

  /// The way from 0 to 3 over row 1 is as short as that over row 2; both links between 0 and 1 are at fault.
  @Test func aCannotLinkWithinABlockNamesTheShortestWay() {
    let closures = ConstraintClosures(
      [.together(0, 2), .together(2, 3), .together(0, 1), .together(1, 3), .apart(3, 0), .together(1, 0)], rows: 4)
    #expect(closures.conflicts == [Conflict(kind: .mustBeTogether, unheeded: [4], against: [2, 3, 5])])
    #expect(closures.edges.isEmpty)
  }

  @Test func anImageAskedIntoTwoGroupsStaysFree() {
    let closures = ConstraintClosures([.inGroup(row: 0, group: 1), .inGroup(row: 0, group: 2)], rows: 1)
    #expect(closures.conflicts == [Conflict(kind: .severalGroups, unheeded: [0, 1], against: [])])
    #expect(closures.blocks.isEmpty)
  }

  @Test func aBlockAskedIntoTwoGroupsStaysFreeButTogether() {
    let closures = ConstraintClosures(
      [.inGroup(row: 0, group: 1), .together(0, 1), .together(1, 2), .inGroup(row: 2, group: 0)], rows: 3)
    #expect(closures.conflicts == [Conflict(kind: .severalGroups, unheeded: [0, 3], against: [1, 2])])
    #expect(closures.blocks == [.init(rows: [0, 1, 2], group: nil, constraints: [1, 2])])
  }

  @Test func rejectionComesBeforeAllElse() {
    let closures = ConstraintClosures(
      [.together(0, 1), .rejected(1), .together(1, 2), .inGroup(row: 1, group: 0), .apart(1, 0), .rejected(1)], rows: 3)
    #expect(
      closures.conflicts
        == [0, 2, 3].map { Conflict(kind: .rejectedRow, unheeded: [$0], against: [1, 5]) })
    #expect(closures.blocks.isEmpty && closures.edges.isEmpty)
  }

  @Test func linksToOneselfAndToOnesOwnGroup() {
    let closures = ConstraintClosures(
      [.together(1, 1), .apart(0, 0), .inGroup(row: 0, group: 3), .inGroup(row: 1, group: 3), .apart(0, 1)], rows: 2)
    #expect(
      closures.conflicts == [
        Conflict(kind: .linksRowToItself, unheeded: [0], against: []),
        Conflict(kind: .linksRowToItself, unheeded: [1], against: []),
        Conflict(kind: .askedIntoOneGroup, unheeded: [4], against: [2, 3]),
      ])
  }
}
