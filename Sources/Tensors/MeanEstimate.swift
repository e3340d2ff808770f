/// The mean of a sample, and how sure it is.
public struct MeanEstimate: Sendable, Hashable {
  public let mean: Double
  /// Of the mean: the deviation of the sample (divided by n − 1) over √n; 0 of a single value.
  public let standardError: Double

  /// 95 %: ±1.96 standard errors (normal approximation).
  public var interval: ClosedRange<Double> {
    let half = 1.96 * standardError
    return mean - half...mean + half
  }

  /// - Parameter values: at least one.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "the mean of nothing")
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = (squares / max(count - 1, 1) / count).squareRoot()
  }
}
