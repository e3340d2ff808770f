import Foundation

/// How a run's folder stands beside its recipe: what the last run said, what would run now, and which files aren't as
/// they were published. Looking changes nothing on disk.
public struct RunStatus: Sendable {
  /// Nil where no run has been.
  public let lastRun: RunRecord?
  /// Steps that would run, with their reasons.
  public let due: [PlannedStep]
  /// Published files that are gone.
  public let missing: [String]
  /// Published files with other bytes than were published.
  public let changed: [String]

  public init(of plan: Plan) {
    lastRun = RunRecord(in: plan.out)
    due = plan.steps.filter { $0.action.runs }
    var missing: [String] = []
    var changed: [String] = []
    for file in lastRun?.files ?? [] {
      let place = plan.out.appending(path: file.path)
      if FileMark(ofFile: place.path) == nil {
        missing.append(file.path)
      } else if (try? plan.environment.digestCache.digest(of: place)) != file.sha256 {
        changed.append(file.path)
      }
    }
    self.missing = missing
    self.changed = changed
  }

  /// Whether the folder shows what the recipe asks for.
  public var isUpToDate: Bool { lastRun?.status == .done && due.isEmpty && missing.isEmpty && changed.isEmpty }
}
