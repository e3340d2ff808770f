import Clustering
import Insight
import Testing

struct AgreementTests {
  @Test func equalPartitionsAgree() {
    let partition = Partition([0, 0, 1, nil, 1, 0])
    let agreement = Agreement(of: partition, and: partition)
    #expect(agreement.adjustedRandIndex == 1)
    #expect(agreement.contingency == [[3, 0, 0], [0, 2, 0], [0, 0, 1]])
    #expect(agreement.partners.map(\.jaccard) == [1, 1])
  }

  /// The first has {0,1,2,3}, {4,5}; the second splits the larger group and makes row 5 noise.
  @Test func byHand() {
    let first = Partition([0, 0, 0, 0, 1, 1])
    let second = Partition([0, 0, 1, 1, 2, nil])
    let agreement = Agreement(of: first, and: second)
    #expect(agreement.contingency == [[2, 2, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]])
    #expect(agreement.partners.map { [$0.first, $0.second, $0.shared] } == [[0, 0, 2], [1, 2, 1]])
    #expect(agreement.partners.map(\.jaccard) == [0.5, 0.5])
    // Σ C(nij,2) = 2, rows C(4,2)+C(2,2) = 7, columns 2, C(6,2) = 15: (2 − 14/15) / (4.5 − 14/15).
    #expect(abs(agreement.adjustedRandIndex - (2 - 14.0 / 15) / (4.5 - 14.0 / 15)) < 1e-12)
  }
}
