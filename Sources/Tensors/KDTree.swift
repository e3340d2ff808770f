import Kernels

/// A kd-tree over the rows of a matrix: boxes within boxes, so that whoever looks for near rows can pass by what is far.
///
/// Leaves hold 32 rows each (the last one the rest), side by side and transposed, so that one row meets a leaf in a few vector
/// instructions. Nodes are in preorder: the left child follows its parent, and a node of m leaves has 2m − 1 nodes at and below it.
/// The tree is the same at any thread count.
package struct KDTree: Sendable {
  /// Rows of a full leaf.
  package static let leafRows = 32

  /// A stretch of leaves.
  package struct Node: Sendable, Equatable {
    package let firstLeaf: Int32
    package let leafCount: Int32
    /// How many of them are the left child's: 0 where the node is a leaf.
    package let leftCount: Int32
  }

  package let rows: Int
  /// Numbers of a row as the tree keeps it: the matrix's columns, or one zero where it has none.
  package let width: Int
  package let nodes: [Node]
  /// The row at each position, leaf by leaf, ascending within a leaf.
  package let order: [Int32]
  /// `leaves × width × leafRows` numbers; rows that the last leaf lacks are NaN.
  package let coordinates: [Float]
  /// `nodes × 2 × width` numbers: the lowest and the highest of each column.
  package let boxes: [Float]

  package var leafCount: Int { (rows + Self.leafRows - 1) / Self.leafRows }

  /// - Precondition: all numbers are finite. - Complexity: O(rows · (columns + log rows) · log rows) time.
  package init(_ points: Matrix, workers: WorkerPool) {
    precondition(points.rows <= Int(Int32.max), "\(points.rows) rows")
    rows = points.rows
    width = max(points.columns, 1)
    let leaves = (rows + Self.leafRows - 1) / Self.leafRows
    var nodes = [Node](repeating: Node(firstLeaf: 0, leafCount: 0, leftCount: 0), count: max(2 * leaves - 1, 0))
    var order = (0..<Int32(rows)).map { $0 }
    var boxes = [Float](repeating: 0, count: nodes.count * 2 * width)
    var coordinates = [Float](repeating: .nan, count: leaves * width * Self.leafRows)
    var sorted = points.columns == 0 ? [Float](repeating: 0, count: rows) : points.storage
    let width = width
    let rows = rows
    nodes.withUnsafeMutableBufferPointer { nodes in
      order.withUnsafeMutableBufferPointer { order in
        boxes.withUnsafeMutableBufferPointer { boxes in
          coordinates.withUnsafeMutableBufferPointer { coordinates in
            sorted.withUnsafeMutableBufferPointer { sorted in
              guard leaves > 0 else { return }
              KDTreeBuilder(
                rows: rows, width: width, sorted: sorted.baseAddress!, order: order.baseAddress!,
                nodes: nodes.baseAddress!, boxes: boxes.baseAddress!, coordinates: coordinates.baseAddress!
              ).build(leaves: leaves, workers: workers)
            }
          }
        }
      }
    }
    self.nodes = nodes
    self.order = order
    self.boxes = boxes
    self.coordinates = coordinates
  }

  /// Whether a tree answers sooner than all pairs in blocks.
  ///
  /// Seconds of user time for ten neighbours and the spanning tree of 20,000 rows, on one core with AVX2, tree against blocks:
  ///
  ///     columns           5             10            20            30           50
  ///     groups, noise     0.2 / 2.7     0.4 / 3.2     1.0 / 2.9                  3.1 / 5.6
  ///     uniform cube      0.2 / 1.6     0.5 / 1.7
  ///     one Gaussian                    0.5 / 1.5     1.3 / 1.8     1.8 / 2.0    3.0 / 2.4
  ///
  /// so even where nothing can be told apart little is lost up to 50 columns, and where there are groups much is gained, the more
  /// so the more rows there are. Few rows take milliseconds either way.
  package static func paysOff(_ points: Matrix) -> Bool { points.columns <= 50 }

  /// The tree of `points` where it pays off, or nil.
  package init?(wherePaysOff points: Matrix, workers: WorkerPool) {
    if !Self.paysOff(points) { return nil }
    self.init(points, workers: workers)
  }

  /// What a 32-bit squared distance may exceed the true one by: a row within `square` is never proposed above the number returned.
  ///
  /// Differences of 32-bit rows, their squares and sums are each rounded once, so the error is relative, wherever the rows lie:
  /// (1 + 2⁻²⁴)^(width + 3), taken generously here; the small summand is for what underflows.
  @inlinable package static func limit(_ square: Double, width: Int) -> Float {
    Float(square * (1 + Double(width + 8) * 0x1p-23) + Double(width + 8) * 0x1p-126).nextUp
  }

  /// ‖a − b‖² of two rows in leaves, in 64 bits: to the last bit that of `Distances.squared`, whose order of summation it keeps.
  @inlinable package static func squared(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, width: Int) -> Double {
    let stride = leafRows
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    var i = 0
    while i &+ 4 <= width {
      let d0 = Double(a[i &* stride]) - Double(b[i &* stride])
      let d1 = Double(a[(i &+ 1) &* stride]) - Double(b[(i &+ 1) &* stride])
      let d2 = Double(a[(i &+ 2) &* stride]) - Double(b[(i &+ 2) &* stride])
      let d3 = Double(a[(i &+ 3) &* stride]) - Double(b[(i &+ 3) &* stride])
      s0 += d0 * d0
      s1 += d1 * d1
      s2 += d2 * d2
      s3 += d3 * d3
      i &+= 4
    }
    while i < width {
      let d = Double(a[i &* stride]) - Double(b[i &* stride])
      s0 += d * d
      i &+= 1
    }
    return (s0 + s1) + (s2 + s3)
  }

  /// The squared distance between two boxes, in 32 bits: like that of rows, at most `limit` of the true one.
  @inlinable package static func squared(
    box a: UnsafePointer<Float>, box b: UnsafePointer<Float>, width: Int
  ) -> Float {
    var sum: Float = 0
    for c in 0..<width {
      let below = a[c] - b[width &+ c]
      let above = b[c] - a[width &+ c]
      let apart = max(below > above ? below : above, 0)
      sum += apart * apart
    }
    return sum
  }

  /// Which rows of a leaf may be near which of another: see `tree_near`.
  package static func near(
    _ asked: UnsafePointer<Float>, active: UInt32, limits: UnsafePointer<Float>, _ rows: UnsafePointer<Float>,
    box: UnsafePointer<Float>, width: Int, hits: UnsafeMutablePointer<UInt32>
  ) -> UInt32 {
    tree_near(asked, active, limits, rows, box, width, hits)
  }

  /// A number for every node, made of its rows at the leaves and of its children's numbers above. - Complexity: O(rows).
  @inlinable package func folded<Value>(
    _ leaf: (_ positions: Range<Int>) -> Value, _ join: (Value, Value) -> Value
  ) -> [Value] {
    var values: [Value?] = [Value?](repeating: nil, count: nodes.count)
    for at in nodes.indices.reversed() {
      let node = nodes[at]
      if node.leftCount == 0 {
        let start = Int(node.firstLeaf) * Self.leafRows
        values[at] = leaf(start..<Swift.min(start + Self.leafRows, rows))
      } else {
        values[at] = join(values[at + 1]!, values[at + 2 * Int(node.leftCount)]!)
      }
    }
    return values.map { $0! }
  }

  /// The tree's arrays, for those who walk it.
  package struct Pointers {
    package let width: Int
    package let nodes: UnsafePointer<Node>
    package let order: UnsafePointer<Int32>
    package let boxes: UnsafePointer<Float>
    package let coordinates: UnsafePointer<Float>
  }

  /// - Precondition: there are rows.
  package func withPointers<R>(_ body: (Pointers) throws -> R) rethrows -> R {
    try nodes.withUnsafeBufferPointer { nodes in
      try order.withUnsafeBufferPointer { order in
        try boxes.withUnsafeBufferPointer { boxes in
          try coordinates.withUnsafeBufferPointer { coordinates in
            try body(
              Pointers(
                width: width, nodes: nodes.baseAddress!, order: order.baseAddress!, boxes: boxes.baseAddress!,
                coordinates: coordinates.baseAddress!))
          }
        }
      }
    }
  }
}
