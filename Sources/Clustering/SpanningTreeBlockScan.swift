import Tensors

/// The scan for least edges over all pairs: 32-bit products in blocks propose, with the points of one component side by side so
/// that their own columns are stepped over, and 64-bit distances decide (see `DistanceScreen`).
struct BlockScan: LeastEdgeScan {
  fileprivate static let columnBlock = 2048
  private static let rowBlock = 128

  private let points: Matrix
  private let graph: ReachabilityGraph
  private let screen: DistanceScreen

  init(points: Matrix, graph: ReachabilityGraph) {
    self.points = points
    self.graph = graph
    screen = DistanceScreen(centredOn: points)
  }

  func leastEdges(of rows: [Int], _ components: Components, best: [Edge?], _ workers: WorkerPool) -> [FoundEdge] {
    let columns = ScanColumns(components, screen.packed(points, at: components.order), graph.core)
    let jobs = (rows.count + Self.rowBlock - 1) / Self.rowBlock
    var found = [Edge?](repeating: nil, count: rows.count)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      workers.run(jobs: jobs) { job, _ in
        let range = job * Self.rowBlock..<min((job + 1) * Self.rowBlock, rows.count)
        scan(Array(rows[range]), components, columns) { found[range.lowerBound + $0] = $1 }
      }
    }
    return zip(rows, found).map { FoundEdge(row: $0, edge: $1, reach: .infinity) }
  }

  /// One block of rows against all columns.
  private func scan(
    _ rows: [Int], _ components: Components, _ columns: ScanColumns, _ report: (Int, Edge?) -> Void
  ) {
    let width = screen.width
    let packed = columns.packed
    var questions = [Float](repeating: 0, count: rows.count * width)
    var proposed = [Float](repeating: 0, count: rows.count * Self.columnBlock)
    var least = [Edge?](repeating: nil, count: rows.count)
    let positions = rows.map { Int(columns.position[$0]) }
    packed.storage.withUnsafeBufferPointer { stored in
      for (i, at) in positions.enumerated() {
        screen.ask(stored: stored.baseAddress! + at * width, into: &questions[i * width])
      }
    }
    let first = components.of[rows[0]]
    let ownRange = rows.allSatisfy { components.of[$0] == first } ? components.range(Int(first)) : 0..<0
    packed.storage.withUnsafeBufferPointer { stored in
      proposed.withUnsafeMutableBufferPointer { proposed in
        for start in stride(from: 0, to: points.rows, by: Self.columnBlock) {
          let block = start..<min(start + Self.columnBlock, points.rows)
          if ownRange.lowerBound <= block.lowerBound && block.upperBound <= ownRange.upperBound { continue }
          screen.propose(
            questions, asked: rows.count, stored.baseAddress! + start * width, stored: block.count,
            into: proposed.baseAddress!)
          let largestNorm = columns.blockNorms[start / Self.columnBlock]
          for (i, row) in rows.enumerated() {
            let own = components.range(Int(components.of[row]))
            let error = screen.error(packed.norms[positions[i]], largestNorm)
            let line = proposed.baseAddress! + i * block.count - start
            // What lies before the row's own component, and what lies after it.
            let before = block.clamped(to: 0..<own.lowerBound)
            let after = block.clamped(to: own.upperBound..<max(own.upperBound, points.rows))
            take(line, before, row, error, columns, &least[i])
            take(line, after, row, error, columns, &least[i])
          }
        }
      }
    }
    for i in rows.indices { report(i, least[i]) }
  }

  /// Lowers `least` by the columns at positions `range`; `line[p]` is the proposed distance to the point at position p.
  private func take(
    _ line: UnsafePointer<Float>, _ range: Range<Int>, _ row: Int, _ error: Double, _ columns: ScanColumns,
    _ least: inout Edge?
  ) {
    if range.isEmpty { return }
    let d = points.columns
    func threshold() -> Float {
      guard let least else { return .infinity }
      return Float(graph.squaredReach(least.weight) * screen.squaredScale + error).nextUp
    }
    var limit = threshold()
    var weight = least?.weight ?? .infinity
    columns.core.withUnsafeBufferPointer { coreAt in
      points.withUnsafeBufferPointer { x in
        for p in range where line[p] <= limit {
          if coreAt[p] > weight { continue }
          let other = columns.order[p]
          let square =
            d == 0 ? 0 : Distances.squared(x.baseAddress! + row * d, x.baseAddress! + other * d, count: d)
          let edge = graph.edge(row, other, distance: square.squareRoot())
          if let known = least, !(edge < known) { continue }
          least = edge
          weight = edge.weight
          limit = threshold()
        }
      }
    }
  }
}

/// All points in the order of a round's components, ready to be asked for.
private struct ScanColumns {
  let order: [Int]
  let packed: DistanceScreen.Packed
  /// Core distances in that order.
  let core: [Double]
  /// Where each row stands.
  let position: [Int32]
  /// The largest norm in each block of columns.
  let blockNorms: [Double]

  init(_ components: Components, _ packed: DistanceScreen.Packed, _ core: [Double]) {
    let order = components.order
    self.order = order
    self.packed = packed
    self.core = order.map { core[$0] }
    var position = [Int32](repeating: 0, count: order.count)
    for (at, row) in order.enumerated() { position[row] = Int32(at) }
    self.position = position
    blockNorms = stride(from: 0, to: order.count, by: BlockScan.columnBlock).map {
      packed.norms[$0..<min($0 + BlockScan.columnBlock, order.count)].max() ?? 0
    }
  }
}
