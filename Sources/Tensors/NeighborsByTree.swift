extension Neighbors {
  /// How the nearest rows are looked for. The answer is the same, to the last bit.
  package enum Method: Sendable, CaseIterable {
    /// All pairs, in blocks of products.
    case blocks
    /// By a `KDTree`.
    case tree

    package static func best(for points: Matrix) -> Method { KDTree.paysOff(points) ? .tree : .blocks }
  }

  /// The nearest other rows of each row, by a method of the caller's choice.
  package init(of points: Matrix, count: Int, by method: Method, workers: WorkerPool) {
    switch method {
    case .blocks: self.init(asking: points, among: points, count: count, skippingSelf: true, workers: workers)
    case .tree: self.init(of: KDTree(points, workers: workers), count: count, workers: workers)
    }
  }

  /// The nearest other rows of each row in a tree; `count` is lowered to `rows − 1` where need be.
  package init(of tree: KDTree, count: Int, workers: WorkerPool) {
    precondition(count >= 0, "\(count) neighbours")
    let count = max(0, min(count, tree.rows - 1))
    var indices = [Int32](repeating: 0, count: tree.rows * count)
    var distances = [Double](repeating: 0, count: tree.rows * count)
    if count > 0 {
      indices.withUnsafeMutableBufferPointer { indices in
        distances.withUnsafeMutableBufferPointer { distances in
          nonisolated(unsafe) let (indices, distances) = (indices.baseAddress!, distances.baseAddress!)
          let leaves = tree.leafCount
          let block = TreeNeighborSearch.leafBlock
          workers.run(jobs: (leaves + block - 1) / block) { job, _ in
            tree.withPointers { pointers in
              var search = TreeNeighborSearch(tree: pointers, rows: tree.rows, count: count)
              for leaf in job * block..<min((job + 1) * block, leaves) { search.run(leaf, indices, distances) }
            }
          }
        }
      }
    }
    rows = tree.rows
    self.count = count
    self.indices = indices
    self.distances = distances
  }
}

/// The rows of one leaf look for their neighbours together: one way through the tree, nearest boxes first, as far as the one
/// that must look farthest; within it every row passes by what is too far for itself.
private struct TreeNeighborSearch {
  /// Leaves to a job.
  static let leafBlock = 16

  private let tree: KDTree.Pointers
  private let rows: Int
  private let count: Int
  /// Squared distances and rows found, `count` a row asked, ascending by (distance, row).
  private var squares: [Double]
  private var found: [Int32]
  private var limits: [Float]
  private var hits: [UInt32]
  private var stack: [(node: Int, square: Float)] = []

  init(tree: KDTree.Pointers, rows: Int, count: Int) {
    self.tree = tree
    self.rows = rows
    self.count = count
    squares = [Double](repeating: .infinity, count: KDTree.leafRows * count)
    found = [Int32](repeating: .max, count: KDTree.leafRows * count)
    limits = [Float](repeating: .infinity, count: KDTree.leafRows)
    hits = [UInt32](repeating: 0, count: KDTree.leafRows)
  }

  mutating func run(_ leaf: Int, _ indices: UnsafeMutablePointer<Int32>, _ distances: UnsafeMutablePointer<Double>) {
    let (nodes, order, boxes, width) = (tree.nodes, tree.order, tree.boxes, tree.width)
    let first = leaf * KDTree.leafRows
    let asked = min(KDTree.leafRows, rows - first)
    for at in squares.indices {
      squares[at] = .infinity
      found[at] = .max
    }
    for i in limits.indices { limits[i] = i < asked ? .infinity : -1 }
    // Down to the leaf itself: what lies beside the way waits on the stack, the nearest on top.
    stack.removeAll(keepingCapacity: true)
    var node = 0
    while nodes[node].leftCount > 0 {
      let left = node + 1
      let right = node + 2 * Int(nodes[node].leftCount)
      let goesLeft = leaf < Int(nodes[right].firstLeaf)
      stack.append((goesLeft ? right : left, -1))
      node = goesLeft ? left : right
    }
    let box = boxes + node * 2 * width
    for at in stack.indices {
      stack[at].square = KDTree.squared(box: box, box: boxes + stack[at].node * 2 * width, width: width)
    }
    var reach = meet(leaf, leaf, node)
    while var (node, square) = stack.popLast() {
      if square > reach { continue }
      while nodes[node].leftCount > 0 {
        var near = node + 1
        var far = node + 2 * Int(nodes[node].leftCount)
        square = KDTree.squared(box: box, box: boxes + near * 2 * width, width: width)
        var other = KDTree.squared(box: box, box: boxes + far * 2 * width, width: width)
        if other < square {
          swap(&near, &far)
          swap(&square, &other)
        }
        if other <= reach { stack.append((far, other)) }
        node = near
        if square > reach { break }
      }
      if square <= reach { reach = meet(leaf, Int(nodes[node].firstLeaf), node) }
    }
    for i in 0..<asked {
      let row = Int(order[first + i])
      for place in 0..<count {
        indices[row * count + place] = found[i * count + place]
        distances[row * count + place] = squares[i * count + place].squareRoot()
      }
    }
  }

  /// Two leaves meet; returns the limit of the row that must look farthest from now on.
  private mutating func meet(_ leaf: Int, _ other: Int, _ node: Int) -> Float {
    let (order, width, count) = (tree.order, tree.width, count)
    let asked = tree.coordinates + leaf * width * KDTree.leafRows
    let stored = tree.coordinates + other * width * KDTree.leafRows
    let box = tree.boxes + node * 2 * width
    return limits.withUnsafeMutableBufferPointer { limits in
      hits.withUnsafeMutableBufferPointer { hits in
        squares.withUnsafeMutableBufferPointer { squares in
          found.withUnsafeMutableBufferPointer { found in
            var any = KDTree.near(
              asked, active: .max, limits: limits.baseAddress!, stored, box: box, width: width,
              hits: hits.baseAddress!)
            while any != 0 {
              let i = any.trailingZeroBitCount
              any &= any &- 1
              let squaresOfRow = squares.baseAddress! + i &* count
              let foundOfRow = found.baseAddress! + i &* count
              var bits = hits[i]
              if leaf == other { bits &= ~(1 << UInt32(i)) }
              while bits != 0 {
                let j = bits.trailingZeroBitCount
                bits &= bits &- 1
                let square = KDTree.squared(asked + i, stored + j, width: width)
                let row = order[other &* KDTree.leafRows &+ j]
                var place = count &- 1
                if square > squaresOfRow[place] || (square == squaresOfRow[place] && row > foundOfRow[place]) {
                  continue
                }
                while place > 0 {
                  let before = squaresOfRow[place &- 1]
                  if before < square || (before == square && foundOfRow[place &- 1] < row) { break }
                  squaresOfRow[place] = before
                  foundOfRow[place] = foundOfRow[place &- 1]
                  place &-= 1
                }
                squaresOfRow[place] = square
                foundOfRow[place] = row
              }
              limits[i] = KDTree.limit(squaresOfRow[count &- 1], width: width)
            }
            var reach = limits[0]
            for i in 1..<KDTree.leafRows where limits[i] > reach { reach = limits[i] }
            return reach
          }
        }
      }
    }
  }
}
