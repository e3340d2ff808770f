import Foundation
import Synchronization

/// Long-lived threads that share out numbered jobs: `threads` of them, as many as asked even where there are fewer cores,
/// so that "the same bytes at 1, 2 and 3 threads" can be tested anywhere.
///
///     let pool = WorkerPool(threads: 2)
///     pool.run(jobs: chunks.count) { job, worker in sums[job] = sum(of: chunks[job]) }
///
/// Jobs are claimed in order but finish in any; results belong to the job's index, never to the worker's, and whoever adds
/// them up does so in job order. A job should take a millisecond or more: waking a thread costs tens of microseconds.
/// The calling thread takes part as worker 0. One `run` at a time; a `run` inside a job is a programmer's mistake.
public final class WorkerPool: Sendable {
  public let threads: Int
  private let shared: Shared

  /// - Precondition: `threads >= 1`.
  public init(threads: Int) {
    precondition(threads >= 1, "a pool of \(threads) threads")
    self.threads = threads
    let shared = Shared()
    self.shared = shared
    for worker in 1..<max(threads, 1) {
      let thread = Thread { shared.serve(as: worker) }
      thread.stackSize = 8 << 20
      thread.name = "medoid-\(worker)"
      thread.start()
    }
  }

  deinit { shared.stop() }

  /// Runs `body` for every job in `0..<jobs` and returns when all are done. `worker` is in `0..<threads`: an index into scratch.
  public func run(jobs: Int, _ body: @Sendable (_ job: Int, _ worker: Int) -> Void) {
    if jobs <= 0 { return }
    if threads == 1 || jobs == 1 {
      for job in 0..<jobs { body(job, 0) }
      return
    }
    withoutActuallyEscaping(body) { shared.run(Round(jobs: jobs, body: $0), helpers: threads - 1) }
  }

  /// As `run`, for jobs that can fail: all jobs are tried, then the error of the first failed job (by index) is thrown.
  public func runThrowing(jobs: Int, _ body: @Sendable (_ job: Int, _ worker: Int) throws -> Void) throws {
    let failure = Mutex<(job: Int, error: any Error)?>(nil)
    run(jobs: jobs) { job, worker in
      do { try body(job, worker) } catch {
        failure.withLock { first in
          if let known = first, known.job < job { return }
          first = (job, error)
        }
      }
    }
    if let first = failure.withLock({ $0 }) { throw first.error }
  }

  /// The results of all jobs, in job order.
  public func map<R: Sendable>(jobs: Int, _ body: @Sendable (_ job: Int, _ worker: Int) throws -> R) throws -> [R] {
    let results = Mutex([R?](repeating: nil, count: max(jobs, 0)))
    try runThrowing(jobs: jobs) { job, worker in
      let result = try body(job, worker)
      results.withLock { $0[job] = result }
    }
    return results.withLock { $0.map { $0! } }
  }
}

/// One call of `run`: the jobs still to claim. It lets go of the borrowed body when all are done, whoever still holds the round.
private final class Round: @unchecked Sendable {
  private let jobs: Int
  private var body: (@Sendable (Int, Int) -> Void)?
  private let next = Atomic<Int>(0)

  init(jobs: Int, body: @escaping @Sendable (Int, Int) -> Void) {
    self.jobs = jobs
    self.body = body
  }

  func work(as worker: Int) {
    guard let body else { return }
    while true {
      let job = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if job >= jobs { return }
      body(job, worker)
    }
  }

  /// Called once no worker is at work any more.
  func finish() { body = nil }
}

/// What the threads share. A condition variable, not spinning: on two busy cores a spinning helper steals from the worker.
private final class Shared: @unchecked Sendable {
  private let condition = NSCondition()
  private var round: Round?
  private var generation = 0
  private var busy = 0
  private var stopped = false

  func run(_ newRound: Round, helpers: Int) {
    condition.lock()
    precondition(round == nil, "a pool runs one round at a time")
    round = newRound
    generation += 1
    busy = helpers
    condition.broadcast()
    condition.unlock()
    newRound.work(as: 0)
    condition.lock()
    while busy > 0 { condition.wait() }
    round = nil
    condition.unlock()
    newRound.finish()
  }

  func serve(as worker: Int) {
    var seen = 0
    while true {
      condition.lock()
      while generation == seen && !stopped { condition.wait() }
      if stopped {
        condition.unlock()
        return
      }
      seen = generation
      let current = round
      condition.unlock()
      current?.work(as: worker)
      condition.lock()
      busy -= 1
      if busy == 0 { condition.broadcast() }
      condition.unlock()
    }
  }

  func stop() {
    condition.lock()
    stopped = true
    condition.broadcast()
    condition.unlock()
  }
}
