import Tensors
import Testing

struct MeanEstimateTests {
  /// 1, 2, 3, 6: squares about 3 add up to 14, the variance is 14/3, that of the mean 14/12.
  @Test func aCaseByHand() {
    let estimate = MeanEstimate([1, 2, 3, 6])
    #expect(estimate.mean == 3)
    #expect(abs(estimate.standardError - (14.0 / 12).squareRoot()) < 1e-15)
    #expect(abs(estimate.interval.upperBound - 3 - 1.96 * (14.0 / 12).squareRoot()) < 1e-14)
    #expect(MeanEstimate([5]).interval == 5...5)
  }
}
