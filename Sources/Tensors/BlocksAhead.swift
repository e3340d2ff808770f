import Foundation

/// Reads a source block by block on a thread of its own, a few blocks ahead of those who use them: reading and computing overlap.
///
///     let ahead = BlocksAhead(of: images, size: 512)
///     pool.run(jobs: ahead.blocks) { block, _ in
///       guard let pixels = ahead.take(block) else { return }
///       …
///       ahead.giveBack(block)
///     }
///     try ahead.finish()
///
/// Blocks are read in order, and at most `held` of them are in memory: a block is let go once it and all before it are given back. Users must
/// therefore take blocks roughly in order (jobs of a `WorkerPool` do): who waits for block b + `held` before b was given back waits for ever.
public final class BlocksAhead: @unchecked Sendable {
  public let size: Int
  public let blocks: Int
  private let held: Int
  private let state = State()

  /// What is shared with the thread that reads, which must not keep the owner alive.
  private final class State: @unchecked Sendable {
    let condition = NSCondition()
    var ready: [Int: PixelStack] = [:]
    var givenBack: Set<Int> = []
    /// The first block that was not given back.
    var first = 0
    var error: (any Error)?
    var isStopped = false
  }

  /// - Precondition: `size >= 1`, `held >= 1`.
  public init(of source: any PixelSource, size: Int, held: Int = 3) {
    precondition(size >= 1 && held >= 1, "blocks of \(size) images, \(held) held")
    self.size = size
    self.held = held
    let blocks = (source.count + size - 1) / size
    self.blocks = blocks
    let state = state
    let thread = Thread {
      for block in 0..<blocks {
        state.condition.lock()
        while block >= state.first + held && !state.isStopped { state.condition.wait() }
        let isStopped = state.isStopped
        state.condition.unlock()
        if isStopped { return }
        let result = Result { try source.block(block * size..<min((block + 1) * size, source.count)) }
        state.condition.lock()
        switch result {
        case .success(let pixels): state.ready[block] = pixels
        case .failure(let error):
          state.error = error
          state.isStopped = true
        }
        state.condition.broadcast()
        state.condition.unlock()
      }
    }
    thread.name = "medoid-reader"
    thread.start()
  }

  deinit { stop() }

  /// Images of a block, as a range of the source's. - Precondition: `block` is in `0..<blocks`.
  public func range(_ block: Int, of count: Int) -> Range<Int> { block * size..<min((block + 1) * size, count) }

  /// The block, as soon as it is read; nil once reading failed or was stopped. Several may take the same block.
  public func take(_ block: Int) -> PixelStack? {
    state.condition.lock()
    defer { state.condition.unlock() }
    while state.ready[block] == nil && !state.isStopped { state.condition.wait() }
    return state.isStopped ? nil : state.ready[block]
  }

  /// Nobody needs this block any more.
  public func giveBack(_ block: Int) {
    state.condition.lock()
    defer { state.condition.unlock() }
    state.ready[block] = nil
    state.givenBack.insert(block)
    while state.givenBack.remove(state.first) != nil { state.first += 1 }
    state.condition.broadcast()
  }

  /// Ends reading early; who waits for a block gets nil.
  public func stop() {
    state.condition.lock()
    defer { state.condition.unlock() }
    state.isStopped = true
    state.condition.broadcast()
  }

  /// Throws what reading failed with, if it did.
  public func finish() throws {
    stop()
    state.condition.lock()
    defer { state.condition.unlock() }
    if let error = state.error { throw error }
  }
}
