import Tensors

/// Whether training was worth it, without labels: view retrieval (`ViewConsistency.retrieved`) by the trained network and by something else, on the same
/// images, varied alike.
///
/// The interval is of the mean difference over images.
public struct TrainingGain: Hashable, Sendable {
  public static let measure = "share of varied images nearest to their own original"

  public let other: Double
  public let trained: Double
  /// Of `trained − other`.
  public let interval: ClosedRange<Double>

  /// - Precondition: both measured on the same images.
  public init(_ trained: ViewConsistency, over other: ViewConsistency) {
    let (mine, theirs) = (trained.retrieved, other.retrieved)
    precondition(mine.count == theirs.count, "\(mine.count) and \(theirs.count) images")
    self.other = other.retrievedShare.mean
    self.trained = trained.retrievedShare.mean
    interval = MeanEstimate(zip(mine, theirs).map { $0 - $1 }).interval
  }
}
