import Insight
import Tensors
import TestSupport
import Testing

struct FeatureScoresTests {
  private let workers = WorkerPool(threads: 2)

  private func scores(_ points: [[Float]], _ labels: [String?], _ patients: [String]? = nil) throws -> FeatureScores {
    try FeatureScores(
      of: Matrix(rowsOf: points), labels: labels, patients: patients ?? labels.map { _ in "" }, seed: Seed(1),
      workers: workers)
  }

  /// Six rows in each of two directions, and one more in the first that is called after the second: its five neighbours outvote it, not it them.
  @Test func neighboursVoteAndTheirOwnRowDoesNot() throws {
    var points: [[Float]] = (0..<12).map { [$0 < 6 ? 1 : -1, Float($0 % 6) / 20 - 0.125] }
    points.append([0.9, 0.01])
    var labels: [String?] = (0..<12).map { $0 < 6 ? "a" : "b" } + ["b"]
    #expect(try scores(points, labels).isRight == [Bool?](repeating: true, count: 12) + [false])
    labels[12] = nil
    #expect(try scores(points, labels).isRight == [Bool?](repeating: true, count: 12) + [nil])
  }

  /// Six equal rows of each patient, whose kind hangs on nothing else: they find each other, unless a patient's own rows don't count.
  @Test func anImageOfTheSamePatientDoesNotVote() throws {
    var generator = Seed(4).generator()
    var points: [[Float]] = []
    var labels: [String?] = []
    var patients: [String] = []
    for patient in 0..<40 {
      let row = (0..<8).map { _ in Float(generator.uniform()) - 0.5 }
      for _ in 0..<6 {
        points.append(row)
        labels.append(patient % 2 == 0 ? "even" : "odd")
        patients.append("\(patient)")
      }
    }
    #expect(try scores(points, labels).neighborAccuracy == 1)
    let honest = try scores(points, labels, patients).neighborAccuracy
    #expect(honest > 0.2 && honest < 0.8)
  }

  /// Against scikit-learn's figures (Tests/Fixtures/Insight/features.py).
  @Test(arguments: ["small", "large"]) func agreesWithScikitLearn(_ name: String) throws {
    let fixture = try Fixture("Insight/features")
    let shape = fixture.shape("\(name).points")
    let found = try FeatureScores(
      of: Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats("\(name).points")),
      labels: fixture.integers("\(name).labels").map { "kind \($0)" },
      patients: fixture.integers("\(name).patients").map { $0 == 0 ? "" : "\($0)" }, seed: Seed(1), workers: workers)
    #expect(found.isRight.map { $0! ? 1 : 0 } == fixture.integers("\(name).right"))
    // Ten starts of either may end in different groups of few rows.
    #expect(abs(found.adjustedRandIndex - fixture.doubles("\(name).ari")[0]) < 0.02)
  }

  @Test func plantedGroupsAreFound() throws {
    var generator = Seed(9).generator()
    let points = (0..<90).map { row -> [Float] in
      (0..<3).map { column in (column == row % 3 ? 5 : 0) + Float(generator.uniform()) }
    }
    let found = try scores(points, (0..<90).map { "kind \($0 % 3)" })
    #expect(found.adjustedRandIndex == 1 && found.neighborAccuracy == 1)
    let other = try scores(points, (0..<90).map { "kind \($0 % 2)" })
    let gain = found.gain(over: other)
    #expect(abs(gain.mean - (1 - other.neighborAccuracy)) < 1e-12 && gain.interval.contains(gain.mean))
    #expect(gain.interval.lowerBound > 0)
    #expect(found.gain(over: found).interval == 0...0)
  }
}
