import Clustering
import Tensors
import TestSupport
import Testing

struct AssignmentTests {
  /// All ways to give the smaller side distinct partners.
  private func bestTotal(_ scores: [[Int]]) -> Int {
    func best(_ row: Int, _ used: Set<Int>) -> Int {
      if row == scores.count { return 0 }
      let mayPass = scores.count - row > scores[0].count - used.count
      var most = mayPass ? best(row + 1, used) : Int.min
      for column in scores[0].indices where !used.contains(column) {
        most = max(most, scores[row][column] + best(row + 1, used.union([column])))
      }
      return most
    }
    return best(0, [])
  }

  @Test func equalsTrialOfAllPairings() {
    withEvery("rows", in: 1...6) { rows in
      withEvery("columns", in: 1...6) { columns in
        withEvery("seed", in: 0..<5) { seed in
          var generator = Seed(3).split(rows * 100 + columns * 10 + seed).generator()
          let scores = (0..<rows).map { _ in (0..<columns).map { _ in generator.integer(below: 12) } }
          let chosen = Assignment.best(scores)
          let used = chosen.compactMap { $0 }
          #expect(used.count == min(rows, columns) && Set(used).count == used.count)
          let total = chosen.enumerated().reduce(0) { sum, pair in
            sum + (pair.element.map { scores[pair.offset][$0] } ?? 0)
          }
          #expect(total == bestTotal(scores), "\(scores)")
        }
      }
    }
  }
}
