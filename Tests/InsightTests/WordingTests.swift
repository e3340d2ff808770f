import Insight
import Testing

struct WordingTests {
  @Test(arguments: [
    (0.0, "0\u{a0}%"), (0.0004, "under 0.1\u{a0}%"), (0.034, "3.4\u{a0}%"), (0.12, "12\u{a0}%"), (0.994, "99\u{a0}%"),
    (0.996, "99.6\u{a0}%"), (0.99996, "over 99.9\u{a0}%"), (1.0, "100\u{a0}%"), (.nan, "–"),
  ])
  func percentNeverRoundsUpToAWhole(share: Double, text: String) { #expect(Wording.percent(share) == text) }

  @Test(arguments: [(0.5, "0.50"), (-0.126, "\u{2212}0.13"), (-0.001, "0.00"), (.infinity, "–"), (12.0, "12.00")])
  func decimals(value: Double, text: String) { #expect(Wording.decimal(value) == text) }

  @Test func countsAndLists() {
    #expect(
      [0, 999, 1000, 1_234_567, -1000].map { Wording.count($0) } == ["0", "999", "1,000", "1,234,567", "\u{2212}1,000"])
    #expect(Wording.count(1, "copy", "copies") == "1 copy")
    #expect(Wording.count(0, "image") == "0 images")
    #expect(Wording.list([]) == "")
    #expect(Wording.list(["1"]) == "1")
    #expect(Wording.list(["1", "2", "3"]) == "1, 2 and 3")
    #expect(Wording.list(["1", "2", "3"], limit: 2) == "1, 2 and 1 more")
  }
}
