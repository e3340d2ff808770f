import Insight
import TestSupport
import Testing

struct TrustTests {
  private func grade(
    size: Int = 100, _ stability: Double?, _ silhouette: Double?, _ margin: Double?
  ) -> Trust.Grade {
    Trust(size: size, stability: stability, silhouette: silhouette, margin: margin, nearest: margin == nil ? nil : 3)
      .grade
  }

  @Test func byHand() {
    #expect(grade(0.9, 0.6, 1.0) == .a)
    #expect(grade(0.8, 0.6, 1.0) == .b)
    #expect(grade(0.9, 0.2, 1.1) == .b)  // the kinder of silhouette and margin
    #expect(grade(0.55, 0.6, 2.0) == .d)  // falls apart in resamples, however clear it looks
    #expect(grade(0.9, -0.1, 0.3) == .e)
    #expect(grade(nil, 0.9, 3.0) == .b)  // never A without stability
    #expect(grade(0.99, nil, nil) == .c)  // the only group
    #expect(grade(nil, nil, nil) == .d)
    #expect(grade(size: 9, 0.9, 0.6, 2.0) == .b)
    #expect(grade(size: 10, 0.9, 0.6, 2.0) == .a)
    #expect(grade(size: 9, 0.1, -0.6, 0) == .e)
  }

  /// Better evidence never makes the grade worse.
  @Test func isMonotone() {
    let values = Array(stride(from: 0.0, through: 1.5, by: 0.125))
    withEvery("stability", in: values) { stability in
      for silhouette in values {
        for margin in values {
          let here = grade(stability, silhouette, margin)
          #expect(grade(stability + 0.125, silhouette, margin) <= here)
          #expect(grade(stability, silhouette + 0.125, margin) <= here)
          #expect(grade(stability, silhouette, margin + 0.125) <= here)
          #expect(grade(size: 5, stability, silhouette, margin) >= here)
        }
      }
    }
  }

  @Test func sentencesSayWhyAndWhatIsNotKnown() {
    let sure = Trust(size: 800, stability: 0.96, silhouette: 0.6, margin: 1.4, nearest: 3).sentence
    #expect(
      sure
        == "Very likely a real group: the same images come together again in nearly every resample (stability 0.96), and it stands well clear of group 3, the hardest to tell it from."
    )
    let torn = Trust(size: 800, stability: 0.96, silhouette: -0.2, margin: 0.6, nearest: 3).sentence
    #expect(torn.contains(", but it overlaps with group 3"))
    let unmeasured = Trust(size: 8, stability: nil, silhouette: 0.6, margin: 1.4, nearest: 0).sentence
    #expect(unmeasured.hasSuffix("Stability was not measured. It is small: a handful can look alike by luck."))
  }

  @Test func theRuleIsWhole() {
    #expect(Trust.rule.allSatisfy { $0.hasSuffix(".") })
    for threshold in [Trust.stabilityThreshold, Trust.silhouetteThreshold, Trust.marginThreshold] {
      #expect(threshold.least.count == Trust.Grade.allCases.count - 1)
      #expect(threshold.least == threshold.least.sorted(by: >))
    }
  }
}
