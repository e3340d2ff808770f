import Insight
import Tensors
import TestSupport
import Testing

struct MedoidSearchTests {
  /// The definition, written straight down.
  private func naiveMedoid(_ members: [Int], _ points: Matrix) -> Int {
    func distance(_ a: Int, _ b: Int) -> Double {
      zip(points.row(a), points.row(b)).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
        .squareRoot()
    }
    let sums = members.map { a in members.reduce(0) { $0 + distance(a, $1) } }
    return members[sums.indices.min { (sums[$0], $0) < (sums[$1], $1) }!]
  }

  @Test func equalsItsNaiveTwin() {
    withEvery("size", in: 1...40) { size in
      let points = PlantedBlobs(centres: [[0, 0, 0]], sizes: [size + 7], seed: UInt64(size)).points
      let members = (0..<size).map { $0 + $0 % 2 }.reduce(into: [Int]()) { if $0.last != $1 { $0.append($1) } }
      let middle = GroupMiddle(of: members, in: points)
      #expect(middle.medoid == naiveMedoid(members, points), "size \(size)")
      #expect(middle.isExact)
    }
  }

  /// Five points on a line: the median is the medoid, the mean lies elsewhere.
  @Test func medianOfALine() {
    let points = Matrix(rowsOf: [[100], [0], [1], [2], [3]])
    let exact = GroupMiddle(of: [0, 1, 2, 3, 4], in: points)
    #expect(exact.medoid == 3)
    #expect(exact.distances == [98, 2, 1, 0, 1])
    #expect(exact.mean == [21.2])
    #expect(abs(exact.spread - (78.8 + 21.2 + 20.2 + 19.2 + 18.2) / 5) < 1e-9)
    let nearest = GroupMiddle(of: [0, 1, 2, 3, 4], in: points, exactLimit: 4)
    #expect(nearest.medoid == 4)
    #expect(!nearest.isExact)
  }

  @Test func tiesGoToTheLowestRow() {
    let points = Matrix(rowsOf: [[9], [5], [5], [5], [1]])
    #expect(GroupMiddle(of: [0, 1, 2, 3, 4], in: points).medoid == 1)
    #expect(GroupMiddle(of: [2, 3], in: points).medoid == 2)
    #expect(GroupMiddle(of: [0, 4], in: points, exactLimit: 1).medoid == 0)
  }
}
