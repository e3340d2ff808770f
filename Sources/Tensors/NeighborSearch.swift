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

  let screen: NeighborScreen
  private let workers: WorkerPool

  /// - Parameter isGrouped: whether near rows come side by side; decided by size where not given.
  init(
    _ queries: Matrix, among references: Matrix, isMutual: Bool, count: Int, isGrouped: Bool? = nil, workers: WorkerPool
  ) {
    let columns = references.columns
    let asking = isMutual ? references.rows : queries.rows
    let isLarge = references.rows >= Self.fewRows && asking >= Self.fewRows
    let isTurned = isLarge && columns >= Self.fewColumns && min(asking, references.rows) >= 8 * columns
    let frame = NeighborFrame(references, holding: isMutual ? nil : queries, turned: isTurned)
    let storedRows = frame.rows(of: references, workers: workers)
    let groups = isGrouped ?? isLarge ? NeighborGroups(storedRows, columns: columns, workers: workers) : nil
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

  /// Looks at all pairs of rows; or, with `near`, at those of each block and its `near` nearest others, and then finds most neighbours only.
  func fill(near: Int? = nil) {
    let scratch = (0..<workers.threads).map { _ in NeighborScratch(columns: screen.stored.columns) }
    let survey = NeighborSurvey(screen)
    if screen.isMutual {
      workers.run(jobs: screen.stored.blocks.count) { block, worker in
        screen.visit(block, block, survey.whole, scratch[worker])
      }
      let rounds = rounds(near: near)
      var depth = survey.whole
      for (number, round) in rounds.enumerated() {
        if Self.surveyed.contains(number) { depth = survey.depth(for: Array(rounds[number...]), now: depth) }
        workers.run(jobs: round.count) { [depth] job, worker in
          screen.visit(Int(round[job].0), Int(round[job].1), depth, scratch[worker])
        }
      }
    } else {
      // The nearest blocks give limits, by which the depth is chosen for the rest.
      let orders = (0..<screen.asked.blocks.count).map { Array(nearestFirst($0).prefix(near.map { $0 + 1 } ?? .max)) }
      workers.run(jobs: orders.count) { job, worker in
        screen.visit(job, orders[job][0], survey.whole, scratch[worker])
      }
      let left = orders.enumerated().map { block, order in order.dropFirst().map { (Int32(block), Int32($0)) } }
      let depth = survey.depth(for: left, now: survey.whole)
      workers.run(jobs: orders.count) { job, worker in
        for other in orders[job].dropFirst() { screen.visit(job, other, depth, scratch[worker]) }
      }
    }
  }

  /// Takes the lists out, nearest first: `queries × count` indices and squared distances by row. Once.
  func drain(_ indices: UnsafeMutablePointer<Int32>, _ squares: UnsafeMutablePointer<Double>) {
    nonisolated(unsafe) let (indices, squares) = (indices, squares)
    let count = screen.lists.count
    workers.run(jobs: screen.asked.blocks.count) { block, _ in
      for position in screen.asked.blocks[block].range {
        let row = Int(screen.asked.order[position])
        screen.lists.drain(position, indices + row * count, squares + row * count)
      }
    }
    screen.lists.deallocate()
  }

  /// Whether every list has its `count` rows.
  var isFull: Bool {
    (0..<screen.asked.order.count).allSatisfy { screen.lists.limit($0) < .infinity }
  }

  /// Gives the lists back unread.
  func discard() { screen.lists.deallocate() }

  private struct BlockPair: Comparable {
    let a, b: Int32
    let distance: Float

    static func < (x: Self, y: Self) -> Bool {
      x.distance != y.distance ? x.distance < y.distance : x.a != y.a ? x.a < y.a : x.b < y.b
    }
  }

  /// Pairs of different blocks, near ones first as far as may be, in rounds in which no block appears twice: all pairs, or those in
  /// which one is among the `near` nearest of the other.
  private func rounds(near: Int?) -> [[(Int32, Int32)]] {
    let blocks = screen.stored.blocks.count
    var pairs: [BlockPair] = []
    for a in 0..<blocks {
      var others = (0..<blocks).compactMap { b -> BlockPair? in
        if near == nil ? b <= a : b == a { return nil }
        let distance = Float(screen.stored.centreDistance(min(a, b), screen.stored, max(a, b)))
        return BlockPair(a: Int32(min(a, b)), b: Int32(max(a, b)), distance: distance)
      }
      if let near {
        others.sort { $0 < $1 }
        others.removeLast(max(0, others.count - near))
      }
      pairs += others
    }
    pairs.sort { $0 < $1 }
    var next = [Int](repeating: 0, count: blocks)
    var rounds: [[(Int32, Int32)]] = []
    var last: BlockPair?
    for pair in pairs where pair != last {
      last = pair
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
