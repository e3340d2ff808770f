import Tensors

/// Borůvka's rounds for the mutual reachability graph: every component but the largest finds its least outgoing edge, then all join.
///
/// What keeps it far from n² a round:
/// * a point's least outgoing edge is often in its neighbour list, where any neighbour whose core distance does not exceed the
///   point's own gives an edge of weight core(point), the least possible;
/// * an edge once found to be a point's least stays so until its other end joins the same component;
/// * a point whose lower bound exceeds its component's best so far cannot matter this round;
/// * what is left is scanned by 32-bit products in blocks, with the points of one component side by side so that their own
///   columns are stepped over, and 64-bit distances decide (see `DistanceScreen`).
struct SpanningTreeSearch {
  private typealias Edge = SpanningTree.Edge
  fileprivate static let columnBlock = 2048
  private static let rowBlock = 128
  /// Neighbours looked at per point: more would only save scans of very sparse points.
  private static let listed = 32

  private let points: Matrix
  private let neighbors: Neighbors
  private let alpha: Double
  private let core: [Double]
  private let screen: DistanceScreen

  private var sets: DisjointSets
  /// The least outgoing edge of a point, where it is known exactly.
  private var least: [Edge?]
  /// No edge out of the point's component weighs less than this.
  private var bound: [Double]
  /// Neighbours before this place are in the point's own component.
  private var place: [Int32]

  init(points: Matrix, neighbors: Neighbors, alpha: Double) {
    precondition(neighbors.rows == points.rows, "neighbours of \(neighbors.rows) rows for \(points.rows)")
    precondition(alpha > 0, "alpha \(alpha)")
    self.points = points
    self.neighbors = neighbors
    self.alpha = alpha
    let k = neighbors.count
    core = (0..<points.rows).map { k > 0 ? neighbors.distance($0, k - 1) : 0 }
    screen = DistanceScreen(centredOn: points)
    sets = DisjointSets(count: points.rows)
    least = [Edge?](repeating: nil, count: points.rows)
    bound = core
    place = [Int32](repeating: 0, count: points.rows)
  }

  /// The edges of the tree, in no particular order.
  mutating func run(workers: WorkerPool) -> [SpanningTree.Edge] {
    var edges: [Edge] = []
    edges.reserveCapacity(max(points.rows - 1, 0))
    while edges.count < points.rows - 1 {
      let components = Components(&sets, count: points.rows)
      var best = refresh(components)
      let uncertain = components.order.filter { row in
        let own = Int(components.of[row])
        if own == components.largest || least[row] != nil { return false }
        return best[own].map { bound[row] <= $0.weight } ?? true
      }
      // Joining what is already certain makes the scan that follows shorter; it must be a good part of all, so that rounds stay few.
      var isUncertain = [Bool](repeating: false, count: components.count)
      for row in uncertain { isUncertain[Int(components.of[row])] = true }
      let certain = isUncertain.filter { !$0 }.count - 1
      if certain * 4 < components.count {
        scan(uncertain, components, &best, workers)
        isUncertain = [Bool](repeating: false, count: components.count)
      }
      for component in 0..<components.count where component != components.largest && !isUncertain[component] {
        guard let edge = best[component] else { preconditionFailure("component \(component) has no way out") }
        if sets.join(edge.a, edge.b) { edges.append(edge) }
      }
    }
    return edges
  }

  /// Brings the points' least edges up to date from what is known, and returns the least known edge of each component.
  private mutating func refresh(_ components: Components) -> [Edge?] {
    let listed = min(neighbors.count, Self.listed)
    var best = [Edge?](repeating: nil, count: components.count)
    func offer(_ edge: Edge, to component: Int) {
      if best[component].map({ edge < $0 }) ?? true { best[component] = edge }
    }
    for row in 0..<points.rows {
      let own = components.of[row]
      if let edge = least[row] {
        if components.of[edge.a] != components.of[edge.b] {
          offer(edge, to: Int(own))
          continue
        }
        least[row] = nil
        bound[row] = max(bound[row], edge.weight)
      }
      var from = Int(place[row])
      while from < listed && components.of[neighbors.index(row, from)] == own { from += 1 }
      place[row] = Int32(from)
      for at in from..<max(listed, from) {
        let other = neighbors.index(row, at)
        if components.of[other] == own { continue }
        let edge = edge(row, other, distance: neighbors.distance(row, at) / alpha)
        offer(edge, to: Int(own))
        // Nothing is nearer than an earlier neighbour, and nothing weighs less than the core distance.
        if edge.weight == core[row] {
          least[row] = edge
          break
        }
      }
    }
    return best
  }

  private func edge(_ x: Int, _ y: Int, distance: Double) -> Edge {
    Edge(x, y, weight: max(core[x], core[y], distance), distance: distance)
  }

  /// Finds the least outgoing edge of each of `rows`, and offers it to their components.
  private mutating func scan(
    _ rows: [Int], _ components: Components, _ best: inout [Edge?], _ workers: WorkerPool
  ) {
    if rows.isEmpty { return }
    let columns = ScanColumns(components, screen.packed(points, at: components.order), core)
    let jobs = (rows.count + Self.rowBlock - 1) / Self.rowBlock
    var found = [Edge?](repeating: nil, count: rows.count)
    let this = self
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      workers.run(jobs: jobs) { job, _ in
        let range = job * Self.rowBlock..<min((job + 1) * Self.rowBlock, rows.count)
        this.scan(Array(rows[range]), components, columns) { found[range.lowerBound + $0] = $1 }
      }
    }
    for (row, edge) in zip(rows, found) {
      guard let edge else { preconditionFailure("row \(row) has no way out") }
      least[row] = edge
      let own = Int(components.of[row])
      if best[own].map({ edge < $0 }) ?? true { best[own] = edge }
    }
  }

  /// One block of rows against all columns.
  private func scan(
    _ rows: [Int], _ components: Components, _ columns: ScanColumns, _ report: (Int, SpanningTree.Edge?) -> Void
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
      let reach = least.weight * alpha
      return Float(reach * reach * (1 + 1e-12) * screen.squaredScale + error).nextUp
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
          let edge = edge(row, other, distance: square.squareRoot() / alpha)
          if let known = least, !(edge < known) { continue }
          least = edge
          weight = edge.weight
          limit = threshold()
        }
      }
    }
  }
}

/// The components of one round, numbered by their lowest row, with their points side by side.
private struct Components {
  let count: Int
  /// The component of each row.
  let of: [Int32]
  /// All rows, component by component, ascending within each.
  let order: [Int]
  /// The component with the most rows, the first of equals.
  let largest: Int
  private let starts: [Int]

  init(_ sets: inout DisjointSets, count rows: Int) {
    var number = [Int32](repeating: -1, count: rows)
    var sizes: [Int] = []
    var of = [Int32](repeating: 0, count: rows)
    for row in 0..<rows {
      let root = sets.find(row)
      if number[root] < 0 {
        number[root] = Int32(sizes.count)
        sizes.append(0)
      }
      of[row] = number[root]
      sizes[Int(number[root])] += 1
    }
    var starts = [0]
    for size in sizes { starts.append(starts.last! + size) }
    var next = starts
    var order = [Int](repeating: 0, count: rows)
    for row in 0..<rows {
      order[next[Int(of[row])]] = row
      next[Int(of[row])] += 1
    }
    count = sizes.count
    self.of = of
    self.order = order
    self.starts = starts
    var largest = 0
    for component in sizes.indices where sizes[component] > sizes[largest] { largest = component }
    self.largest = largest
  }

  /// Where in `order` the rows of a component lie.
  func range(_ component: Int) -> Range<Int> { starts[component]..<starts[component + 1] }
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
    blockNorms = stride(from: 0, to: order.count, by: SpanningTreeSearch.columnBlock).map {
      packed.norms[$0..<min($0 + SpanningTreeSearch.columnBlock, order.count)].max() ?? 0
    }
  }
}
