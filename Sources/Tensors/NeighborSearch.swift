/// Exact search for neighbours: rows in blocks of near ones, near blocks first, each pair of blocks screened (see `NeighborScreen`).
///
/// Within one set each pair of rows is looked at once and counts for both. Pairs of blocks are dealt out in rounds in which no block
/// appears twice, so that threads never share a row. What is found depends on none of this: squared distance in 64 bits decides, then
/// the index.
struct NeighborSearch {
  /// Below this many rows on either side, and with fewer columns, order and axes cost more than they save.
  private static let fewRows = 2048
  private static let fewColumns = 24
  /// Rows of a block that asks another set: there is work for many threads even where few ask.
  private static let askedAtOnce = 192

  /// Rounds before which the depth is chosen anew: limits fall fast at first.
  private static let surveyed: Set<Int> = [0, 4, 16, 64]

  private let screen: NeighborScreen
  private let workers: WorkerPool

  init(_ queries: Matrix, among references: Matrix, isMutual: Bool, count: Int, workers: WorkerPool) {
    let columns = references.columns
    let asking = isMutual ? references.rows : queries.rows
    let isLarge = references.rows >= Self.fewRows && asking >= Self.fewRows
    let isTurned = isLarge && columns >= Self.fewColumns && min(asking, references.rows) >= 8 * columns
    let frame = NeighborFrame(references, holding: isMutual ? nil : queries, turned: isTurned)
    let storedRows = frame.rows(of: references, workers: workers)
    let groups = isLarge ? NeighborGroups(storedRows, columns: columns, workers: workers) : nil
    let stored = NeighborBlocks(
      storedRows, columns: columns, groups: groups?.group(storedRows, columns: columns, workers: workers),
      workers: workers)
    var asked = stored
    if !isMutual {
      let rows = frame.rows(of: queries, workers: workers)
      asked = NeighborBlocks(
        rows, columns: columns, groups: groups?.group(rows, columns: columns, workers: workers),
        limit: Self.askedAtOnce,
        workers: workers)
    }
    screen = NeighborScreen(
      queries: queries, references: references, asked: asked, stored: stored, stretch: frame.stretch,
      isMutual: isMutual,
      lists: NearestLists(rows: queries.rows, count: count))
    self.workers = workers
  }

  func run(_ indices: UnsafeMutablePointer<Int32>, _ distances: UnsafeMutablePointer<Double>) {
    let scratch = (0..<workers.threads).map { _ in NeighborScratch(columns: screen.stored.columns) }
    let survey = NeighborSurvey(screen)
    if screen.isMutual {
      workers.run(jobs: screen.stored.blocks.count) { block, worker in
        screen.visit(block, block, survey.whole, scratch[worker])
      }
      let rounds = rounds()
      var depth = survey.whole
      for (number, round) in rounds.enumerated() {
        if Self.surveyed.contains(number) { depth = survey.depth(for: Array(rounds[number...]), now: depth) }
        workers.run(jobs: round.count) { [depth] job, worker in
          screen.visit(Int(round[job].0), Int(round[job].1), depth, scratch[worker])
        }
      }
    } else {
      // The nearest blocks give limits, by which the depth is chosen for the rest.
      let orders = (0..<screen.asked.blocks.count).map { nearestFirst($0) }
      workers.run(jobs: orders.count) { job, worker in
        screen.visit(job, orders[job][0], survey.whole, scratch[worker])
      }
      let left = orders.enumerated().map { block, order in order.dropFirst().map { (Int32(block), Int32($0)) } }
      let depth = survey.depth(for: left, now: survey.whole)
      workers.run(jobs: orders.count) { job, worker in
        for other in orders[job].dropFirst() { screen.visit(job, other, depth, scratch[worker]) }
      }
    }
    nonisolated(unsafe) let (indices, distances) = (indices, distances)
    let count = screen.lists.count
    workers.run(jobs: screen.asked.blocks.count) { block, _ in
      for position in screen.asked.blocks[block].range {
        let row = Int(screen.asked.order[position])
        screen.lists.drain(position, indices + row * count, distances + row * count)
      }
    }
    screen.lists.deallocate()
  }

  private struct BlockPair {
    let a, b: Int32
    let distance: Float
  }

  /// All pairs of different blocks, near ones first as far as may be, in rounds in which no block appears twice.
  private func rounds() -> [[(Int32, Int32)]] {
    let blocks = screen.stored.blocks.count
    var pairs: [BlockPair] = []
    pairs.reserveCapacity(blocks * (blocks - 1) / 2)
    for a in 0..<blocks {
      for b in a + 1..<max(blocks, a + 1) {
        let distance = screen.stored.centreDistance(a, screen.stored, b)
        pairs.append(BlockPair(a: Int32(a), b: Int32(b), distance: Float(distance)))
      }
    }
    pairs.sort { ($0.distance, $0.a, $0.b) < ($1.distance, $1.a, $1.b) }
    var next = [Int](repeating: 0, count: blocks)
    var rounds: [[(Int32, Int32)]] = []
    for pair in pairs {
      let round = max(next[Int(pair.a)], next[Int(pair.b)])
      if round == rounds.count { rounds.append([]) }
      rounds[round].append((pair.a, pair.b))
      next[Int(pair.a)] = round + 1
      next[Int(pair.b)] = round + 1
    }
    return rounds
  }

  /// The stored blocks, the one with the nearest centre first.
  private func nearestFirst(_ block: Int) -> [Int] {
    let distances = screen.stored.blocks.indices.map { screen.asked.centreDistance(block, screen.stored, $0) }
    return screen.stored.blocks.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
  }
}
