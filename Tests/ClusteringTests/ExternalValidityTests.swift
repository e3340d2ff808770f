import Clustering
import Tensors
import TestSupport
import Testing

struct ExternalValidityTests {
  @Test func equalsScikitLearn() throws {
    let fixture = try Fixture("Clustering/validity")
    let names = fixture.names.filter { $0.hasPrefix("agree.") && $0.hasSuffix(".scores") }
    #expect(names.count == 9)
    for scores in names {
      let name = scores.dropLast(7)
      let labels = fixture.integers("\(name).labels").map { $0 < 0 ? nil : $0 }
      let found = ExternalValidity(truth: fixture.integers("\(name).truth"), groups: labels)
      let expected = fixture.doubles(scores)
      let ours = [found.ari, found.ami, found.nmi, found.homogeneity, found.completeness]
      for (a, b) in zip(ours, expected) { #expect(abs(a - b) < 1e-9, "\(name): \(ours) against \(expected)") }
    }
  }

  @Test func accuracyIsThatOfTheBestMatch() {
    let truth = ["a", "a", "a", "b", "b", "c"]
    let found = ExternalValidity(truth: truth, groups: [1, 1, 0, 0, 0, nil])
    #expect(found.accuracy == 5.0 / 6)
    #expect(found.groupOfClass == [1, 0, 2])
    #expect(found.purity == 5.0 / 6)
    #expect(ExternalValidity(truth: truth, groups: [0, 0, 0, 0, 0, 0]).accuracy == 0.5)
    #expect(ExternalValidity(truth: [] as [Int?], groups: []).accuracy == 1)
  }

  @Test func theTableCountsNoiseLast() {
    let table = ContingencyTable(["b", nil, "a", "b"], [5, nil, nil, 2])
    #expect(table.classes == ["a", "b", nil] && table.groups == [2, 5, nil])
    #expect(table.counts == [[0, 0, 1], [1, 1, 0], [0, 0, 1]])
  }
}
