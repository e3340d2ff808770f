import Synchronization
import Tensors
import TestSupport
import Testing

struct WorkerPoolTests {
  @Test func everyJobRunsOnceAtAnyThreadCount() throws {
    withEvery("threads", in: 1...5) { threads in
      let pool = WorkerPool(threads: threads)
      withEvery("jobs", in: 0...20) { jobs in
        let counts = Mutex([Int](repeating: 0, count: jobs))
        pool.run(jobs: jobs) { job, worker in
          precondition(worker < threads)
          counts.withLock { $0[job] += 1 }
        }
        #expect(counts.withLock { $0.allSatisfy { $0 == 1 } }, "threads \(threads), jobs \(jobs)")
      }
    }
  }

  @Test func mapKeepsJobOrder() throws {
    #expect(try WorkerPool(threads: 3).map(jobs: 100) { job, _ in job * job } == (0..<100).map { $0 * $0 })
  }

  @Test func theFirstFailureByIndexIsThrown() {
    struct Failure: Error, Equatable { let job: Int }
    withEvery("threads", in: 1...3) { threads in
      #expect(throws: Failure(job: 4)) {
        try WorkerPool(threads: threads).runThrowing(jobs: 50) { job, _ in if job % 5 == 4 { throw Failure(job: job) } }
      }
    }
  }
}
