import Kernels

/// One block of asking rows against one block of stored rows: lower bounds rule out nearly all pairs, 64-bit distances decide the rest.
///
/// Let D be the distance of two rows in the frame (see `NeighborFrame`). A row whose limit (the distance of its farthest neighbour
/// so far) is l cares for no pair with D > reach = stretch · l + shifts. Each of these is at most D:
/// * ‖c_A − c_B‖ − radius_A − radius_B, for all rows of two blocks with centres c;
/// * the gap along v = c_A − c_B between a row of one block and the farthest out of the other, v scaled to a length of at most 1;
/// * the distance over the first m axes and one axis more, along what v has beyond them: m + 1 directions at right angles.
///
/// The last is computed for all pairs that are left, as norms less a product in 32 bits: wrong by at most
/// (m + 32) · 2⁻²⁴ · (norm_A + norm_B)² (Higham, §3.1, as in `DistanceScreen`). Coordinates along v are 32-bit sums, each wrong by
/// at most (columns + 16) · 2⁻²⁴ · norm. Both are added to the reach, and what is then still near is looked at in all axes in
/// 32 bits, where differences come first and the error is relative, (columns + 16) · 2⁻²⁴.
struct NeighborScreen {
  /// How much of a row is looked at for all pairs.
  struct Depth {
    /// The first `axes` axes.
    let axes: Int
    /// Differences of centres are taken over the first `span`.
    let span: Int
    /// Half the squared norms over `axes`, by position.
    let asked: [Float]
    let stored: [Float]
  }

  let queries: Matrix
  let references: Matrix
  let asked: NeighborBlocks
  let stored: NeighborBlocks
  let stretch: Double
  /// Whether both sides are one set, and a pair counts for both its rows.
  let isMutual: Bool
  let lists: NearestLists

  private var columns: Int { asked.columns }

  /// Looks at all pairs of rows of a block asked and a block stored; for one and the same block, at each pair once.
  func visit(_ a: Int, _ b: Int, _ depth: Depth, _ scratch: NeighborScratch) {
    let (blockA, blockB) = (asked.blocks[a], stored.blocks[b])
    let isOwn = isMutual && a == b
    let coordinate = Double(columns + 16) * 0x1p-24 * (blockA.norm + blockB.norm)
    let pad = blockA.shift + blockB.shift + coordinate + 0x1p-120
    var farthest = 0.0
    for (i, position) in blockA.range.enumerated() {
      scratch.reachA[i] = reach(position) + pad
      farthest = max(farthest, scratch.reachA[i])
    }
    for (j, position) in blockB.range.enumerated() {
      scratch.reachB[j] = isMutual ? reach(position) + pad : 0
      farthest = max(farthest, scratch.reachB[j])
    }
    let apart = isOwn ? 0 : asked.centreDistance(a, stored, b) * (1 - 1e-8)
    if apart - blockA.radius - blockB.radius > farthest { return }
    let hasTail = choose(a, b, depth, isOwn, scratch)
    if scratch.keptA == 0 || scratch.keptB == 0 { return }

    let width = depth.axes + (hasTail ? 1 : 0)
    let norms = (blockA.norm + blockB.norm) * (1 + 1e-6)
    let error = Double(width + 32) * 0x1p-24 * norms * norms + Double(columns + 32) * 0x1p-126
    let relative = 1 + Double(columns + 16) * 0x1p-24
    // What holds all pairs holds any limit, an infinite one too.
    let all = 2 * norms * norms + error
    func half(_ reach: Double) -> Float { Float(min(reach * reach * relative / 2 + error, all)).nextUp }
    gather(a, b, depth, hasTail, scratch, half)
    screen(blockA.range.lowerBound, blockB.range.lowerBound, width, isOwn, pad, scratch, half)
  }

  /// In the frame, less the shifts: how far away a row may be to matter for this one.
  private func reach(_ position: Int) -> Double {
    stretch * lists.limit(position).squareRoot() * (1 + 1e-11 + Double(columns) * 0x1p-50)
  }

  /// Chooses the rows of each block that may matter for one of the other; says whether the direction of the centres goes beyond the axes.
  private func choose(_ a: Int, _ b: Int, _ depth: Depth, _ isOwn: Bool, _ scratch: NeighborScratch) -> Bool {
    let (rangeA, rangeB) = (asked.blocks[a].range, stored.blocks[b].range)
    let split = min(depth.axes, depth.span)
    var (square, tailSquare) = (0.0, 0.0)
    if !isOwn {
      for c in 0..<depth.span {
        let difference = asked.centres[a * columns + c] - stored.centres[b * columns + c]
        scratch.direction[c] = difference
        square += Double(difference) * Double(difference)
        if c >= split { tailSquare += Double(difference) * Double(difference) }
      }
    }
    scratch.keptA = 0
    scratch.keptB = 0
    // A direction too short to be scaled is none.
    if square < 0x1p-100 {
      for i in 0..<rangeA.count { scratch.keepA(i) }
      for j in 0..<rangeB.count { scratch.keepB(j) }
      return false
    }
    asked.numbers.withUnsafeBufferPointer {
      neighbor_project(
        $0.baseAddress! + rangeA.lowerBound * columns, columns, rangeA.count, scratch.direction, split, depth.span,
        scratch.headA, scratch.tailA)
    }
    stored.numbers.withUnsafeBufferPointer {
      neighbor_project(
        $0.baseAddress! + rangeB.lowerBound * columns, columns, rangeB.count, scratch.direction, split, depth.span,
        scratch.headB, scratch.tailB)
    }
    let scale = (1 - 1e-6) / square.squareRoot()
    // Centres differ by v = c_A − c_B: A lies above B along it.
    var (reachB, highB) = (0.0, -Double.infinity)
    for j in 0..<rangeB.count {
      highB = max(highB, (Double(scratch.headB[j]) + Double(scratch.tailB[j])) * scale)
      reachB = max(reachB, scratch.reachB[j])
    }
    var (reachA, lowA) = (0.0, Double.infinity)
    for i in 0..<rangeA.count {
      let at = (Double(scratch.headA[i]) + Double(scratch.tailA[i])) * scale
      if at - highB > max(scratch.reachA[i], reachB) { continue }
      scratch.keepA(i)
      lowA = min(lowA, at)
      reachA = max(reachA, scratch.reachA[i])
    }
    for j in 0..<rangeB.count {
      let at = (Double(scratch.headB[j]) + Double(scratch.tailB[j])) * scale
      if lowA - at <= max(scratch.reachB[j], reachA) { scratch.keepB(j) }
    }
    if depth.span <= depth.axes || tailSquare < 0x1p-100 { return false }
    let tailScale = Float((1 - 1e-6) / tailSquare.squareRoot())
    for i in 0..<rangeA.count { scratch.tailA[i] *= tailScale }
    for j in 0..<rangeB.count { scratch.tailB[j] *= tailScale }
    return true
  }

  /// Lays the chosen rows out for the kernel.
  private func gather(
    _ a: Int, _ b: Int, _ depth: Depth, _ hasTail: Bool, _ scratch: NeighborScratch, _ half: (Double) -> Float
  ) {
    let width = depth.axes + (hasTail ? 1 : 0)
    let (firstA, firstB) = (asked.blocks[a].range.lowerBound, stored.blocks[b].range.lowerBound)
    let step = Int(neighbor_rows_step)
    let rows = (scratch.keptA + step - 1) / step * step
    asked.numbers.withUnsafeBufferPointer { numbers in
      for i in 0..<scratch.keptA {
        let row = Int(scratch.rowsA[i])
        (scratch.a + i * width).update(from: numbers.baseAddress! + (firstA + row) * columns, count: depth.axes)
        let tail = hasTail ? scratch.tailA[row] : 0
        if hasTail { scratch.a[i * width + depth.axes] = tail }
        scratch.normA[i] = depth.asked[firstA + row] + tail * tail / 2
        scratch.limitA[i] = half(scratch.reachA[row])
      }
    }
    (scratch.a + scratch.keptA * width).update(repeating: 0, count: (rows - scratch.keptA) * width)
    for i in scratch.keptA..<rows { (scratch.normA[i], scratch.limitA[i]) = (.infinity, 0) }
    stored.numbers.withUnsafeBufferPointer { numbers in
      neighbor_pack(
        numbers.baseAddress! + firstB * columns, columns, scratch.rowsB, scratch.keptB, depth.axes,
        hasTail ? UnsafePointer(scratch.tailB) : nil, scratch.b)
    }
    for j in 0..<scratch.keptB {
      let row = Int(scratch.rowsB[j])
      let tail = hasTail ? scratch.tailB[row] : 0
      scratch.normB[j] = depth.stored[firstB + row] + tail * tail / 2
      scratch.limitB[j] = isMutual ? half(scratch.reachB[row]) : 0
    }
    for j in scratch.keptB..<scratch.paddedB { (scratch.normB[j], scratch.limitB[j]) = (.infinity, 0) }
  }

  /// Screens the rows laid out, some at a time, and settles the pairs that are left; limits fall on the way.
  private func screen(
    _ firstA: Int, _ firstB: Int, _ width: Int, _ isOwn: Bool, _ pad: Double, _ scratch: NeighborScratch,
    _ half: (Double) -> Float
  ) {
    let step = NeighborScratch.rowsAtOnce
    asked.numbers.withUnsafeBufferPointer { numbersA in
      stored.numbers.withUnsafeBufferPointer { numbersB in
        queries.withUnsafeBufferPointer { queries in
          references.withUnsafeBufferPointer { references in
            for start in stride(from: 0, to: scratch.keptA, by: step) {
              let least = Int(neighbor_rows_step)
              let rows = min(step, (scratch.keptA - start + least - 1) / least * least)
              let found = neighbor_screen(
                scratch.a + start * width, scratch.normA + start, scratch.limitA + start, rows, scratch.b,
                scratch.normB,
                scratch.limitB, scratch.paddedB, width, scratch.pairs)
              for at in 0..<found {
                let pair = scratch.pairs[at]
                let (i, j) = (start &+ Int(pair >> 16), Int(pair & 0xffff))
                let (x, y) = (firstA &+ Int(scratch.rowsA[i]), firstB &+ Int(scratch.rowsB[j]))
                if isOwn && y <= x { continue }
                let limit = 2 * max(scratch.limitA[i], scratch.limitB[j])
                let near = neighbor_square_within(
                  numbersA.baseAddress! + x &* columns, numbersB.baseAddress! + y &* columns, columns, limit)
                if near > limit { continue }
                let (row, other) = (asked.order[x], stored.order[y])
                let square = Distances.squared(
                  queries.baseAddress! + Int(row) &* columns, references.baseAddress! + Int(other) &* columns,
                  count: columns)
                if lists.offer(x, square, other) { scratch.limitA[i] = half(reach(x) + pad) }
                if isMutual && lists.offer(y, square, row) {
                  scratch.limitB[j] = half(reach(y) + pad)
                  // In a block against itself a row is on both sides.
                  if isOwn { scratch.limitA[y - firstA] = scratch.limitB[j] }
                }
                if isOwn { scratch.limitB[x - firstB] = scratch.limitA[i] }
              }
            }
          }
        }
      }
    }
  }
}

/// What one worker needs to screen a pair of blocks.
final class NeighborScratch: @unchecked Sendable {
  static let rowsAtOnce = 24
  private static let most = NeighborBlocks.largest + Int(neighbor_panel)

  let reachA, reachB: UnsafeMutablePointer<Double>
  let direction, headA, tailA, headB, tailB: UnsafeMutablePointer<Float>
  /// Chosen rows, and what the kernel reads of them.
  let rowsA, rowsB: UnsafeMutablePointer<UInt16>
  let a, b, normA, normB, limitA, limitB: UnsafeMutablePointer<Float>
  let pairs: UnsafeMutablePointer<UInt32>
  var keptA = 0
  var keptB = 0

  init(columns: Int) {
    let most = Self.most
    (reachA, reachB) = (.allocate(capacity: most), .allocate(capacity: most))
    direction = .allocate(capacity: columns + 1)
    (headA, tailA) = (.allocate(capacity: most), .allocate(capacity: most))
    (headB, tailB) = (.allocate(capacity: most), .allocate(capacity: most))
    (rowsA, rowsB) = (.allocate(capacity: most), .allocate(capacity: most))
    (a, b) = (.allocate(capacity: most * (columns + 1)), .allocate(capacity: most * (columns + 1)))
    (normA, normB) = (.allocate(capacity: most), .allocate(capacity: most))
    (limitA, limitB) = (.allocate(capacity: most), .allocate(capacity: most))
    pairs = .allocate(capacity: Self.rowsAtOnce * most + 1)
  }

  deinit {
    for pointer in [reachA, reachB] { pointer.deallocate() }
    for pointer in [direction, headA, tailA, headB, tailB, a, b, normA, normB, limitA, limitB] { pointer.deallocate() }
    for pointer in [rowsA, rowsB] { pointer.deallocate() }
    pairs.deallocate()
  }

  /// Columns of the packed side, with what fills up its last panel.
  var paddedB: Int {
    let panel = Int(neighbor_panel)
    return (keptB + panel - 1) / panel * panel
  }

  func keepA(_ row: Int) {
    rowsA[keptA] = UInt16(row)
    keptA += 1
  }

  func keepB(_ row: Int) {
    rowsB[keptB] = UInt16(row)
    keptB += 1
  }
}
