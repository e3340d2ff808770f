import Tensors
import TestSupport
import Testing

struct BarrierTests {
  /// Nobody passes before all have come, and what each wrote before, all see after: plain memory, a place a thread, written in one half
  /// of a round and read in the other.
  @Test(arguments: 1...4) func nobodyPassesBeforeAllHaveCome(_ threads: Int) {
    let rounds = 3000
    let barrier = Barrier(threads)
    let places = UnsafeMutablePointer<Int>.allocate(capacity: threads)
    places.initialize(repeating: -1, count: threads)
    let wrong = UnsafeMutablePointer<Int>.allocate(capacity: threads)
    wrong.initialize(repeating: 0, count: threads)
    defer {
      places.deallocate()
      wrong.deallocate()
    }
    nonisolated(unsafe) let (shared, faults) = (places, wrong)
    // As many jobs as threads: a thread that waits takes no second one.
    WorkerPool(threads: threads).run(jobs: threads) { index, _ in
      for round in 0..<rounds {
        shared[index] = round
        barrier.wait()
        for other in 0..<threads where shared[other] != round { faults[index] += 1 }
        barrier.wait()
      }
    }
    #expect((0..<threads).allSatisfy { wrong[$0] == 0 && places[$0] == rounds - 1 })
  }

  /// Threads that come late by turns: the others wait for them.
  @Test func lateThreadsAreWaitedFor() {
    let (threads, rounds) = (3, 60)
    let barrier = Barrier(threads)
    let sums = UnsafeMutablePointer<Int>.allocate(capacity: threads)
    sums.initialize(repeating: 0, count: threads)
    let total = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    total.initialize(to: 0)
    defer {
      sums.deallocate()
      total.deallocate()
    }
    nonisolated(unsafe) let (own, all) = (sums, total)
    WorkerPool(threads: threads).run(jobs: threads) { index, _ in
      for round in 0..<rounds {
        var work = 0
        for i in 0..<(round % threads == index ? 200_000 : 1) { work = work &* 31 &+ i }
        own[index] = round + (work == -1 ? 1 : 0)
        barrier.wait()
        // One thread adds for all, the others wait for it.
        if round % threads == index { all.pointee += (0..<threads).reduce(0) { $0 + own[$1] } }
        barrier.wait()
      }
    }
    #expect(total.pointee == threads * rounds * (rounds - 1) / 2)
  }
}
