import Clustering
import Tensors
import Testing

struct CorrectedLabelsTests {
  /// Rows on a line; groups at 0, 10, 20.
  private func corrected(
    _ raw: [Int?], at places: [Double], _ constraints: [GroupConstraint], limit: Int = 100_000
  ) -> CorrectedLabels {
    CorrectedLabels(
      of: raw, groupCount: 3, ConstraintClosures(constraints, rows: raw.count), searchLimit: limit
    ) { row in [0, 10, 20].map { abs($0 - places[row]) } }
  }

  @Test func linkedRowsGoToTheirMajority() {
    let result = corrected([0, 1, 1, 2], at: [0, 10, 10, 20], [.together(0, 1), .together(0, 2)])
    #expect(result.corrected == [1, 1, 1, 2] && result.raw == [0, 1, 1, 2])
    #expect(result.reasons == [.mustLink, nil, nil, nil] && result.isLeastChange)
  }

  /// Rows at 4 and 10 are 14 from the group at 0 and 6 from that at 10; rows at 0 and 10 are 10 from either, and the lower number counts.
  @Test func equalVotesGoToTheNearest() {
    #expect(corrected([0, 1], at: [4, 10], [.together(0, 1)]).corrected == [1, 1])
    #expect(corrected([0, 1], at: [0, 6], [.together(0, 1)]).corrected == [0, 0])
    #expect(corrected([0, 1], at: [0, 10], [.together(0, 1)]).corrected == [0, 0])
  }

  @Test func ofRowsThatMustPartTheOneLeastAtHomeMoves() {
    let result = corrected([0, 0], at: [1, 4], [.apart(0, 1)])
    #expect(result.corrected == [0, 1] && result.reasons == [nil, .cannotLink])
    #expect(corrected([0, 0], at: [4, 1], [.apart(0, 1)]).corrected == [1, 0])
  }

  @Test func threeThatMustPartTakeThreeGroupsAndAFourthIsReported() {
    let triangle: [GroupConstraint] = [.apart(0, 1), .apart(1, 2), .apart(0, 2)]
    #expect(corrected([0, 0, 0], at: [0, 6, 14], triangle).corrected == [0, 1, 2])
    let all = triangle + [.apart(0, 3), .apart(1, 3), .apart(2, 3)]
    let result = corrected([0, 0, 0, 0], at: [0, 6, 14, 0.5], all)
    #expect(result.corrected == [0, 1, 2, 0] && result.unmet == [3] && result.isLeastChange)
  }

  @Test func noiseIsJoinedByLinksButNeverMadeAGroup() {
    #expect(corrected([nil, nil], at: [0, 0], [.together(0, 1)]).corrected == [nil, nil])
    #expect(corrected([nil, nil, 2], at: [0, 0, 20], [.together(0, 1), .together(1, 2)]).corrected == [2, 2, 2])
    #expect(corrected([nil, nil, 0], at: [0, 0, 0], [.apart(0, 1), .apart(1, 2)]).corrected == [nil, nil, 0])
    #expect(corrected([nil, 0], at: [0, 0], [.inGroup(row: 0, group: 1)]).reasons == [.assigned, nil])
  }

  @Test func rejectedRowsLeaveLast() {
    let result = corrected([0, 0, nil], at: [0, 1, 2], [.rejected(1), .apart(0, 1), .rejected(2)])
    #expect(result.corrected == [0, nil, nil] && result.reasons == [nil, .rejected, nil])
  }

  @Test func anAssignedRowPushesItsOppositeOut() {
    let result = corrected([0, 1], at: [0, 10], [.inGroup(row: 0, group: 1), .apart(0, 1)])
    #expect(result.corrected == [1, 0] && result.reasons == [.assigned, .cannotLink])
  }

  @Test func noRowsAndNoGroups() {
    let none = ConstraintClosures([], rows: 0)
    #expect(CorrectedLabels(of: [], groupCount: 0, none) { _ in [] }.corrected == [])
    let linked = ConstraintClosures([.together(0, 1), .apart(1, 2)], rows: 3)
    #expect(CorrectedLabels(of: [nil, nil, nil], groupCount: 0, linked) { _ in [] }.corrected == [nil, nil, nil])
  }

  // MARK: Random small cases against all labellings there are

  private struct Case {
    var raw: [Int?]
    var constraints: [GroupConstraint]
    var distances: [[Double]]
    let groups: Int

    init(_ seed: Seed) {
      var generator = seed.generator()
      let rows = 2 + generator.integer(below: 5)
      groups = 1 + generator.integer(below: 3)
      raw = (0..<rows).map { [groups] _ in generator.chance(0.15) ? nil : generator.integer(below: groups) }
      distances = (0..<rows).map { [groups] _ in (0..<groups).map { _ in Double(generator.integer(below: 1 << 30)) } }
      constraints = (0..<1 + generator.integer(below: 8)).map { [groups] _ in
        let (a, b) = (generator.integer(below: rows), generator.integer(below: rows))
        switch generator.integer(below: 10) {
        case 0..<3: return .together(a, b)
        case 3..<8: return .apart(a, b)
        case 8: return .inGroup(row: a, group: generator.integer(below: groups))
        default: return .rejected(a)
        }
      }
    }

    var result: CorrectedLabels {
      CorrectedLabels(of: raw, groupCount: groups, closures) { distances[$0] }
    }
    var closures: ConstraintClosures { ConstraintClosures(constraints, rows: raw.count) }

    func isMet(_ constraint: GroupConstraint, by labels: [Int?]) -> Bool {
      switch constraint {
      case .together(let a, let b): labels[a] == labels[b]
      case .apart(let a, let b): labels[a] == nil || labels[a] != labels[b]
      case .inGroup(let row, let group): labels[row] == group
      case .rejected(let row): labels[row] == nil
      }
    }

    /// Broken cannot-links, rows moved, sum of distances; nil if something that must hold doesn't.
    func cost(_ labels: [Int?], _ heeded: [GroupConstraint]) -> [Double]? {
      var cost = [0.0, 0, 0]
      for constraint in heeded where !isMet(constraint, by: labels) {
        guard case .apart = constraint else { return nil }
        cost[0] += 1
      }
      for row in raw.indices where !heeded.contains(.rejected(row)) {
        if labels[row] != raw[row] { cost[1] += 1 }
        if let label = labels[row] { cost[2] += distances[row][label] }
        // No row is sent into noise, but those linked only to noise stay there.
        if labels[row] == nil && raw[row] != nil { return nil }
      }
      return cost
    }

    func leastCost(_ heeded: [GroupConstraint]) -> [Double] {
      var least = [Double.infinity]
      var labels = [Int?](repeating: nil, count: raw.count)
      func walk(_ row: Int) {
        if row == raw.count {
          if let cost = cost(labels, heeded), cost.lexicographicallyPrecedes(least) { least = cost }
          return
        }
        for label in [nil] + (0..<groups).map({ Optional($0) }) {
          labels[row] = label
          walk(row + 1)
        }
      }
      walk(0)
      return least
    }

    func heeded(_ closures: ConstraintClosures) -> [GroupConstraint] {
      let left = Set(closures.conflicts.flatMap(\.unheeded))
      return constraints.indices.filter { !left.contains($0) }.map { constraints[$0] }
    }
  }

  @Test func noLabellingThatMeetsTheConstraintsIsNearer() {
    for number in 0..<600 {
      let small = Case(Seed(11).split(number))
      let result = small.result
      let heeded = small.heeded(small.closures)
      let found = small.cost(result.corrected, heeded)
      #expect(result.isLeastChange)
      #expect(found == small.leastCost(heeded), "case \(number): \(small)")
      #expect(found.map { Int($0[0]) } == result.unmet.count, "case \(number)")
    }
  }

  @Test func everyConstraintIsMetOrListed() {
    for number in 0..<2000 {
      let small = Case(Seed(12).split(number))
      let (closures, result) = (small.closures, small.result)
      let listed = Set(closures.conflicts.flatMap(\.unheeded))
      #expect(listed.isDisjoint(with: result.unmet))
      for (place, constraint) in small.constraints.enumerated() where !listed.contains(place) {
        #expect(small.isMet(constraint, by: result.corrected) != result.unmet.contains(place), "case \(number)")
      }
      for row in small.raw.indices {
        #expect((result.reasons[row] == nil) == (result.corrected[row] == small.raw[row]))
      }
    }
  }

  @Test func aSecondTimeChangesNothing() {
    for number in 0..<1000 {
      var small = Case(Seed(13).split(number))
      let first = small.result
      small.raw = first.corrected
      let second = small.result
      #expect(second.corrected == first.corrected && second.unmet == first.unmet, "case \(number)")
      #expect(second.reasons.allSatisfy { $0 == nil })
    }
  }

  @Test func theOrderOfConstraintsAndOfRowsDecidesNothing() {
    for number in 0..<1000 {
      let small = Case(Seed(14).split(number))
      let result = small.result
      var generator = Seed(15).split(number).generator()
      var shuffled = small
      generator.shuffle(&shuffled.constraints)
      #expect(shuffled.result.corrected == result.corrected, "case \(number)")
      #expect(shuffled.heeded(shuffled.closures).count == small.heeded(small.closures).count)
      var to = Array(small.raw.indices)
      generator.shuffle(&to)
      var turned = small
      for row in to.indices {
        turned.raw[to[row]] = small.raw[row]
        turned.distances[to[row]] = small.distances[row]
      }
      turned.constraints = small.constraints.map { constraint in
        switch constraint {
        case .together(let a, let b): .together(to[a], to[b])
        case .apart(let a, let b): .apart(to[a], to[b])
        case .inGroup(let row, let group): .inGroup(row: to[row], group: group)
        case .rejected(let row): .rejected(to[row])
        }
      }
      #expect(to.map { turned.result.corrected[$0] } == result.corrected, "case \(number)")
    }
  }

  /// 13 rows all apart in 12 groups: a search of few steps still parts all but one pair, and says that it proved nothing.
  @Test func aSearchThatEndsAtItsLimitSaysSo() {
    let rows = 13
    let constraints = (0..<rows).flatMap { a in (a + 1..<rows).map { GroupConstraint.apart(a, $0) } }
    let closures = ConstraintClosures(constraints, rows: rows)
    let result = CorrectedLabels(
      of: [Int?](repeating: 0, count: rows), groupCount: rows - 1, closures, searchLimit: 100
    ) { row in (0..<rows - 1).map { Double(($0 * 7 + row * 5) % 31) } }
    #expect(!result.isLeastChange && result.unmet.count == 1)
  }
}
