import Clustering
import Insight
import Testing

struct TruthComparisonTests {
  @Test func unlabelledRowsAreLeftOut() {
    let partition = Partition([0, 0, 0, 1, 1, nil, nil])
    let truth = TruthComparison(of: partition, with: ["b", "b", "a", "a", "a", nil, "a"], column: "kind")
    #expect(truth.matched == 6)
    #expect(truth.kinds == ["a", "b"])
    #expect(truth.counts == [[1, 2, 1], [2, 0, 0]])
    #expect(truth.scores.accuracy == 4.0 / 6)
    #expect(truth.scores.noise == 1.0 / 6)
  }

  @Test func aPerfectSortScoresOne() {
    let truth = TruthComparison(of: Partition([0, 1, 0, 1, 0]), with: ["x", "y", "x", "y", "x"], column: "label")
    #expect(
      truth.scores
        == .init(
          adjustedRandIndex: 1, adjustedMutualInformation: 1, normalizedMutualInformation: 1, accuracy: 1, noise: 0))
    #expect(truth.counts == [[3, 0], [0, 2]])
  }

  /// Groups without a labelled row keep their column.
  @Test func columnsFollowTheGroups() {
    let truth = TruthComparison(
      of: Partition([0, 0, 0, 1, 1, 2]), with: [nil, nil, nil, nil, nil, "z"], column: "label")
    #expect(truth.counts == [[0, 0, 1]])
  }
}
