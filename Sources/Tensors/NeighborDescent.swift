import Kernels

/// Rounds of "a neighbour of a neighbour may be a neighbour": every row looks at the neighbours of those it is joined to, in the graph
/// as the last round left it, and keeps the nearest.
///
/// Joined are a row's own neighbours and, up to as many, rows that have it among theirs: those it is nearest to. Steps that
/// were there two rounds ago were walked then and are left out. Since a round reads one graph and writes another, its outcome does not depend on
/// the order in which rows are worked on.
struct NeighborDescent {
  /// A round that changes less than this share of all entries is the last.
  private static let still = 0.001

  private let screen: NeighborScreen
  private let count: Int
  /// Where each row stands among the blocks.
  private let positions: [Int32]
  private let shift: Double
  /// `rows × count`, nearest first: rows, squared distances, and whether the last round found them.
  private var indices: [Int32]
  private var squares: [Double]
  private var isNew: [Bool]
  private(set) var isMoving = true

  /// Takes over what a search has found.
  init(_ search: NeighborSearch) {
    screen = search.screen
    count = screen.lists.count
    let rows = screen.asked.order.count
    var positions = [Int32](repeating: 0, count: rows)
    for (position, row) in screen.asked.order.enumerated() { positions[Int(row)] = Int32(position) }
    self.positions = positions
    shift = 2 * (screen.asked.blocks.map(\.shift).max() ?? 0)
    var indices = [Int32](repeating: 0, count: rows * count)
    var squares = [Double](repeating: 0, count: rows * count)
    search.drain(&indices, &squares)
    self.indices = indices
    self.squares = squares
    isNew = [Bool](repeating: true, count: rows * count)
  }

  var neighbors: Neighbors {
    Neighbors(rows: positions.count, count: count, indices: indices, distances: squares.map { $0.squareRoot() })
  }

  /// One round over all rows.
  mutating func run(_ workers: WorkerPool) {
    let rows = positions.count
    let (joined, joinedIsNew) = joins()
    var next = (indices: indices, squares: squares, isNew: isNew)
    let chunk = 256
    let jobs = (rows + chunk - 1) / chunk
    var changes = [Int](repeating: 0, count: jobs)
    let (this, scratch) = (self, (0..<workers.threads).map { _ in Seen(rows: rows, count: count) })
    next.indices.withUnsafeMutableBufferPointer { indices in
      next.squares.withUnsafeMutableBufferPointer { squares in
        next.isNew.withUnsafeMutableBufferPointer { isNew in
          changes.withUnsafeMutableBufferPointer { changes in
            nonisolated(unsafe) let (indices, squares, isNew, changes) = (indices, squares, isNew, changes)
            workers.run(jobs: jobs) { job, worker in
              for position in job * chunk..<min((job + 1) * chunk, rows) {
                changes[job] += this.improve(
                  Int(this.screen.asked.order[position]), joined, joinedIsNew, scratch[worker], indices.baseAddress!,
                  squares.baseAddress!, isNew.baseAddress!)
              }
            }
          }
        }
      }
    }
    (indices, squares, isNew) = next
    isMoving = Double(changes.reduce(0, +)) > Self.still * Double(rows * count)
  }

  /// Each row's joined rows, `2 · count` places a row, −1 where there is none; and whether the join is new.
  private func joins() -> (rows: [Int32], isNew: [Bool]) {
    let (rows, width) = (positions.count, 2 * count)
    var joined = [Int32](repeating: -1, count: rows * width)
    var joinedIsNew = [Bool](repeating: false, count: rows * width)
    var filled = [Int32](repeating: Int32(count), count: rows)
    for row in 0..<rows {
      for place in 0..<count {
        joined[row * width + place] = indices[row * count + place]
        joinedIsNew[row * width + place] = isNew[row * count + place]
      }
    }
    // By place, so that whoever has a row as its nearest comes before whoever has it as its second.
    for place in 0..<count {
      for row in 0..<rows {
        let other = Int(indices[row * count + place])
        let at = Int(filled[other])
        if at == width { continue }
        joined[other * width + at] = Int32(row)
        joinedIsNew[other * width + at] = isNew[row * count + place]
        filled[other] += 1
      }
    }
    return (joined, joinedIsNew)
  }

  /// Rows a worker has seen for the row at hand, and that row's list.
  private final class Seen: @unchecked Sendable {
    var stamps: [Int32]
    let list: NearestLists

    init(rows: Int, count: Int) {
      stamps = [Int32](repeating: -1, count: rows)
      list = NearestLists(rows: 1, count: count)
    }

    deinit { list.deallocate() }
  }

  /// Writes the better list of a row; returns how many of its entries are new.
  private func improve(
    _ row: Int, _ joined: [Int32], _ joinedIsNew: [Bool], _ seen: Seen, _ indices: UnsafeMutablePointer<Int32>,
    _ squares: UnsafeMutablePointer<Double>, _ isNew: UnsafeMutablePointer<Bool>
  ) -> Int {
    let (columns, width, stamp) = (screen.asked.columns, 2 * count, Int32(row))
    seen.stamps[row] = stamp
    for place in 0..<count {
      let other = self.indices[row * count + place]
      seen.stamps[Int(other)] = stamp
      _ = seen.list.offer(0, self.squares[row * count + place], other)
    }
    let relative = 1 + Double(columns + 16) * 0x1p-24
    func reach() -> Float {
      let reach = screen.stretch * seen.list.limit(0).squareRoot() + shift
      return Float(reach * reach * relative).nextUp
    }
    var limit = reach()
    screen.asked.numbers.withUnsafeBufferPointer { numbers in
      screen.queries.withUnsafeBufferPointer { points in
        let own = numbers.baseAddress! + Int(positions[row]) * columns
        for step in 0..<width {
          let middle = Int(joined[row * width + step])
          if middle < 0 { break }
          let firstIsNew = joinedIsNew[row * width + step]
          for at in middle * width..<(middle + 1) * width {
            let other = joined[at]
            if other < 0 { break }
            if !(firstIsNew || joinedIsNew[at]) || seen.stamps[Int(other)] == stamp { continue }
            seen.stamps[Int(other)] = stamp
            let near = neighbor_square_within(
              own, numbers.baseAddress! + Int(positions[Int(other)]) * columns, columns, limit)
            if near > limit { continue }
            let square = Distances.squared(
              points.baseAddress! + row * columns, points.baseAddress! + Int(other) * columns, count: columns)
            if seen.list.offer(0, square, other) { limit = reach() }
          }
        }
      }
    }
    seen.list.drain(0, indices + row * count, squares + row * count)
    // Both lists ascend by (distance, row), and what was there before and still is keeps its order.
    var (old, changes) = (0, 0)
    for place in 0..<count {
      let entry = indices[row * count + place]
      while old < count && isBefore(row * count + old, squares[row * count + place], entry) { old += 1 }
      isNew[row * count + place] = !(old < count && self.indices[row * count + old] == entry)
      if isNew[row * count + place] { changes += 1 }
    }
    return changes
  }

  private func isBefore(_ at: Int, _ square: Double, _ index: Int32) -> Bool {
    squares[at] != square ? squares[at] < square : indices[at] < index
  }
}
