/// How a `KDTree` comes about: rows are parted again and again along the widest column of their box, near its middle.
///
/// A cut at the middle of the box keeps boxes tight where a few rows lie far from the rest, one at the median keeps the tree flat;
/// so it is the middle, but with an eighth of the leaves on either side at least, and full leaves.
struct KDTreeBuilder {
  /// Nodes at work side by side, before each thread takes whole subtrees.
  private static let frontier = 64

  let rows: Int
  let width: Int
  /// The rows, in the order they have so far.
  nonisolated(unsafe) let sorted: UnsafeMutablePointer<Float>
  nonisolated(unsafe) let order: UnsafeMutablePointer<Int32>
  nonisolated(unsafe) let nodes: UnsafeMutablePointer<KDTree.Node>
  nonisolated(unsafe) let boxes: UnsafeMutablePointer<Float>
  nonisolated(unsafe) let coordinates: UnsafeMutablePointer<Float>

  private struct Part {
    let node: Int
    let firstLeaf: Int
    let leafCount: Int
  }

  func build(leaves: Int, workers: WorkerPool) {
    var parts = [Part(node: 0, firstLeaf: 0, leafCount: leaves)]
    while !parts.isEmpty && parts.count < Self.frontier {
      let now = parts
      var lefts = [Int](repeating: 0, count: now.count)
      lefts.withUnsafeMutableBufferPointer { lefts in
        nonisolated(unsafe) let lefts = lefts
        workers.run(jobs: now.count) { job, _ in lefts[job] = part(now[job]) }
      }
      parts = zip(now, lefts).flatMap { part, left in children(part, left) }
    }
    let now = parts
    workers.run(jobs: now.count) { job, _ in
      var stack = [now[job]]
      while let next = stack.popLast() { stack += children(next, part(next)) }
    }
  }

  private func children(_ part: Part, _ left: Int) -> [Part] {
    if left == 0 { return [] }
    return [
      Part(node: part.node + 1, firstLeaf: part.firstLeaf, leafCount: left),
      Part(node: part.node + 2 * left, firstLeaf: part.firstLeaf + left, leafCount: part.leafCount - left),
    ]
  }

  /// Writes a node and parts its rows; returns the leaves of its left child, 0 where it is a leaf.
  private func part(_ part: Part) -> Int {
    let range = part.firstLeaf * KDTree.leafRows..<min((part.firstLeaf + part.leafCount) * KDTree.leafRows, rows)
    let lowest = boxes + part.node * 2 * width
    let highest = lowest + width
    measure(range, lowest, highest)
    var left = 0
    if part.leafCount == 1 {
      fill(part.firstLeaf, range)
    } else {
      var axis = 0
      for c in 1..<max(width, 1) where highest[c] - lowest[c] > highest[axis] - lowest[axis] { axis = c }
      let middle = lowest[axis] + (highest[axis] - lowest[axis]) / 2
      var below = 0
      for at in range where sorted[at * width + axis] < middle { below += 1 }
      let least = max(1, part.leafCount / 8)
      left = min(max((below + KDTree.leafRows / 2) / KDTree.leafRows, least), part.leafCount - least)
      select(range, at: range.lowerBound + left * KDTree.leafRows, axis)
    }
    nodes[part.node] = KDTree.Node(
      firstLeaf: Int32(part.firstLeaf), leafCount: Int32(part.leafCount), leftCount: Int32(left))
    return left
  }

  private func measure(
    _ range: Range<Int>, _ lowest: UnsafeMutablePointer<Float>, _ highest: UnsafeMutablePointer<Float>
  ) {
    for c in 0..<width {
      lowest[c] = sorted[range.lowerBound * width + c]
      highest[c] = lowest[c]
    }
    for at in range {
      let row = sorted + at * width
      for c in 0..<width {
        let value = row[c]
        if value < lowest[c] { lowest[c] = value }
        if value > highest[c] { highest[c] = value }
      }
    }
  }

  /// Brings the rows that are least along `axis`, ties by row, before `place`: Hoare's selection, pivots drawn by a fixed rule.
  private func select(_ range: Range<Int>, at place: Int, _ axis: Int) {
    var (low, high) = (range.lowerBound, range.upperBound - 1)
    var draw: UInt64 = 0x9E37_79B9_7F4A_7C15
    while low < high {
      func drawn() -> Int {
        draw = draw &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return low + Int((draw >> 33) % UInt64(high - low + 1))
      }
      var (a, b, c) = (drawn(), drawn(), drawn())
      if precedes(b, a, axis) { swap(&a, &b) }
      if precedes(c, b, axis) { b = precedes(c, a, axis) ? a : c }
      let value = sorted[b * width + axis]
      let row = order[b]
      var (i, j) = (low, high)
      while i <= j {
        while precedes(i, value, row, axis) { i += 1 }
        while follows(j, value, row, axis) { j -= 1 }
        if i <= j {
          exchange(i, j)
          i += 1
          j -= 1
        }
      }
      if place <= j { high = j } else if place >= i { low = i } else { return }
    }
  }

  private func precedes(_ i: Int, _ j: Int, _ axis: Int) -> Bool {
    precedes(i, sorted[j * width + axis], order[j], axis)
  }

  private func precedes(_ i: Int, _ value: Float, _ row: Int32, _ axis: Int) -> Bool {
    let own = sorted[i * width + axis]
    return own != value ? own < value : order[i] < row
  }

  private func follows(_ i: Int, _ value: Float, _ row: Int32, _ axis: Int) -> Bool {
    let own = sorted[i * width + axis]
    return own != value ? own > value : order[i] > row
  }

  private func exchange(_ i: Int, _ j: Int) {
    if i == j { return }
    swap(&order[i], &order[j])
    let (a, b) = (sorted + i * width, sorted + j * width)
    for c in 0..<width { swap(&a[c], &b[c]) }
  }

  /// Puts a leaf's rows into ascending order, and into columns.
  private func fill(_ leaf: Int, _ range: Range<Int>) {
    for at in range.dropFirst() {
      var place = at
      while place > range.lowerBound && order[place - 1] > order[place] {
        exchange(place - 1, place)
        place -= 1
      }
    }
    let target = coordinates + leaf * width * KDTree.leafRows
    for (i, at) in range.enumerated() {
      for c in 0..<width { target[c * KDTree.leafRows + i] = sorted[at * width + c] }
    }
  }
}
