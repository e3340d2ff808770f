/// Whether training was worth it, without labels: the share of neighbours kept (`ViewConsistency`) by the network before and after, each at the
/// place that `PlaceSelection` chooses.
///
/// The interval is of the mean difference over images, which were varied alike for both: ±1.96 standard errors (normal approximation; the choice of the place is
/// the same for both and not accounted for).
public struct TrainingGain: Hashable, Sendable {
  public static let measure = "share of neighbours kept when images are varied"

  public let before: Double
  public let after: Double
  /// Of `after − before`.
  public let interval: ClosedRange<Double>

  /// - Precondition: both measured on the same images.
  public init(before: ViewConsistency, after: ViewConsistency) {
    precondition(before.kept.count == after.kept.count, "\(before.kept.count) and \(after.kept.count) images")
    self.before = before.keptShare
    self.after = after.keptShare
    let differences = zip(after.kept, before.kept).map { $0 - $1 }
    let middle = ViewConsistency.mean(of: differences)
    let half = 1.96 * ViewConsistency.standardError(of: differences)
    interval = middle - half...middle + half
  }
}
