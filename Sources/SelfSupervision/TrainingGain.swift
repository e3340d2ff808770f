import Tensors
import VisionModels

/// Whether training was worth it, without labels: `NeighborConsistency` of the network before and after, each at its best place.
///
/// The interval is of the mean difference over images, which were varied alike for both: ±1.96 standard errors (normal approximation; the choice of the best place is
/// the same for both and not accounted for).
public struct TrainingGain: Hashable, Sendable {
  public static let measure = "share of neighbours kept when images are varied"

  public let before: Double
  public let after: Double
  /// Of `after − before`.
  public let interval: ClosedRange<Double>

  /// - Precondition: places measured on the same images.
  public init(before: [NeighborConsistency], after: [NeighborConsistency]) {
    let (old, new) = (before.max { $0.mean < $1.mean }!, after.max { $0.mean < $1.mean }!)
    precondition(old.shares.count == new.shares.count, "\(old.shares.count) and \(new.shares.count) images")
    let differences = zip(new.shares, old.shares).map { $0 - $1 }
    let middle = differences.reduce(0, +) / Double(differences.count)
    let half = 1.96 * NeighborConsistency.standardError(of: differences)
    self.before = old.mean
    self.after = new.mean
    interval = middle - half...middle + half
  }
}
