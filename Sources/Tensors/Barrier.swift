import Foundation
import Synchronization

/// Where a fixed number of threads wait for one another, again and again.
///
/// They spin for some microseconds, since that is how far apart they are, and then let others have the core.
public final class Barrier: Sendable {
  private let count: Int
  private let waiting = Atomic<Int>(0)
  private let round = Atomic<Int>(0)

  /// - Precondition: `count >= 1`.
  public init(_ count: Int) {
    precondition(count >= 1, "a barrier for \(count) threads")
    self.count = count
  }

  /// Returns when all `count` threads have come. What each wrote before, all see after.
  public func wait() {
    let mine = round.load(ordering: .relaxed)
    if waiting.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue == count {
      waiting.store(0, ordering: .relaxed)
      round.wrappingAdd(1, ordering: .releasing)
      return
    }
    var spins = 0
    while round.load(ordering: .acquiring) == mine {
      spins += 1
      if spins > 4000 { sched_yield() }
    }
  }
}
