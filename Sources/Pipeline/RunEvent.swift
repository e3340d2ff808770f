import Synchronization

/// What a run tells as it goes; each is sent in order, `progress` from whatever thread the stage reports on.
public enum RunEvent: Sendable {
  /// `index` counts from 1 to `count`.
  case stepStarted(index: Int, count: Int, step: String, reasons: [RunReason])
  /// Another run is making the same result; this one waits and then uses it.
  case stepWaiting(step: String)
  case progress(step: String, StageProgress)
  case stepFinished(index: Int, count: Int, step: String, seconds: Double, files: [Artifact.StoredFile])
  case stepSkipped(index: Int, count: Int, step: String, SkipReason)
  case stepFailed(index: Int, count: Int, step: String, error: any Error)
  /// Files of the run's folder that are new or have new bytes, by path in it.
  case published([String])

  public enum SkipReason: Hashable, Sendable {
    case upToDate
    /// Not asked for.
    case leftOut
    /// This step before it failed.
    case upstreamFailed(String)
  }
}

/// The user's wish to stop: asked for once (from any thread, but not from a signal handler), seen by every stage.
public final class Interruption: Sendable {
  private let flag = Atomic(false)

  public init() {}

  public func request() { flag.store(true, ordering: .relaxed) }

  public var isRequested: Bool { flag.load(ordering: .relaxed) }
}
