import Tensors

/// What a walk reads: the tree, and what a round knows about its points and nodes.
struct TreeScanView {
  let tree: KDTree.Pointers
  let core: UnsafePointer<Double>
  let leastCore: UnsafePointer<Double>
  let component: UnsafePointer<Int32>
  let only: UnsafePointer<Int32>
}

/// One thread's way through the tree for one leaf after another.
struct TreeScanWalk {
  private let view: TreeScanView
  private let tree: KDTree.Pointers
  private let graph: ReachabilityGraph
  private let known: SharedBounds
  private var stack: [(node: Int, square: Float)] = []

  // Of the leaf's rows: those still at it, the component of all of them or −1, and the farthest any of them must look.
  private var active: UInt32 = 0
  private var onlyComponent: Int32 = -1
  private var reach = Float.infinity
  private var heaviest = Double.infinity
  // By row of the leaf: the heaviest edge that matters, as a weight and as a 32-bit squared distance; the best found.
  private var weights = [Double](repeating: .infinity, count: KDTree.leafRows)
  private var limits = [Float](repeating: -1, count: KDTree.leafRows)
  private var least = [Edge?](repeating: nil, count: KDTree.leafRows)
  private var hits = [UInt32](repeating: 0, count: KDTree.leafRows)
  /// The box of those that ask: smaller than the leaf's where few do.
  private var box: [Float]

  init(view: TreeScanView, graph: ReachabilityGraph, known: SharedBounds) {
    self.view = view
    tree = view.tree
    self.graph = graph
    self.known = known
    box = [Float](repeating: 0, count: 2 * view.tree.width)
  }

  mutating func run(_ work: LeafWork, _ found: UnsafeMutablePointer<FoundEdge>) {
    let first = work.leaf * KDTree.leafRows
    active = work.active
    for i in 0..<KDTree.leafRows {
      weights[i] = .infinity
      limits[i] = -1
      least[i] = nil
    }
    tighten(first)
    if active != 0 {
      enclose(work.leaf)
      walk(work.leaf, first)
    }
    var (rest, at) = (work.active, 0)
    while rest != 0 {
      let i = rest.trailingZeroBitCount
      rest &= rest &- 1
      found[at] = FoundEdge(row: Int(tree.order[first + i]), edge: least[i], reach: weights[i])
      at += 1
    }
  }

  /// Takes over what is known of the components by now.
  private mutating func tighten(_ first: Int) {
    var rest = active
    reach = -1
    heaviest = -1
    onlyComponent = -1
    var seen = false
    while rest != 0 {
      let i = rest.trailingZeroBitCount
      rest &= rest &- 1
      let own = view.component[first &+ i]
      let weight = known[Int(own)]
      if weight < weights[i] {
        weights[i] = weight
      }
      if view.core[first &+ i] > weights[i] {
        active &= ~(1 << UInt32(i))
        limits[i] = -1
        continue
      }
      limits[i] = KDTree.limit(graph.squaredReach(weights[i]), width: tree.width)
      onlyComponent = !seen || onlyComponent == own ? own : -1
      seen = true
      if limits[i] > reach { reach = limits[i] }
      if weights[i] > heaviest { heaviest = weights[i] }
    }
  }

  /// Makes the box that of the rows still at it.
  private mutating func enclose(_ leaf: Int) {
    let width = tree.width
    let rows = tree.coordinates + leaf * width * KDTree.leafRows
    for c in 0..<width {
      var rest = active
      var (lowest, highest) = (Float.infinity, -Float.infinity)
      while rest != 0 {
        let value = rows[c * KDTree.leafRows + rest.trailingZeroBitCount]
        rest &= rest &- 1
        if value < lowest { lowest = value }
        if value > highest { highest = value }
      }
      (box[c], box[width + c]) = (lowest, highest)
    }
  }

  private func isOfNoUse(_ node: Int, _ square: Float) -> Bool {
    square > reach || view.leastCore[node] > heaviest || (onlyComponent >= 0 && view.only[node] == onlyComponent)
  }

  private mutating func walk(_ leaf: Int, _ first: Int) {
    // Down to the leaf itself: what lies beside the way waits on the stack, the nearest on top.
    stack.removeAll(keepingCapacity: true)
    let width = tree.width
    var node = 0
    while tree.nodes[node].leftCount > 0 {
      let left = node + 1
      let right = node + 2 * Int(tree.nodes[node].leftCount)
      let goesLeft = leaf < Int(tree.nodes[right].firstLeaf)
      stack.append((goesLeft ? right : left, -1))
      node = goesLeft ? left : right
    }
    for at in stack.indices {
      stack[at].square = KDTree.squared(box: box, box: tree.boxes + stack[at].node * 2 * width, width: width)
    }
    if !isOfNoUse(node, 0) { meet(leaf, first, leaf, node) }
    var met = 0
    while active != 0, var (node, square) = stack.popLast() {
      if isOfNoUse(node, square) { continue }
      var isLeaf = true
      while tree.nodes[node].leftCount > 0 {
        var near = node + 1
        var far = node + 2 * Int(tree.nodes[node].leftCount)
        square = KDTree.squared(box: box, box: tree.boxes + near * 2 * width, width: width)
        var other = KDTree.squared(box: box, box: tree.boxes + far * 2 * width, width: width)
        if other < square {
          swap(&near, &far)
          swap(&square, &other)
        }
        if isOfNoUse(near, square) {
          (near, square, far) = (far, other, near)
        } else if !isOfNoUse(far, other) {
          stack.append((far, other))
        }
        node = near
        if isOfNoUse(near, square) {
          isLeaf = false
          break
        }
      }
      if isLeaf {
        meet(leaf, first, Int(tree.nodes[node].firstLeaf), node)
        met += 1
        if met % 8 == 0 { tighten(first) }
      }
    }
  }

  private mutating func meet(_ leaf: Int, _ first: Int, _ other: Int, _ node: Int) {
    let width = tree.width
    let asked = tree.coordinates + leaf * width * KDTree.leafRows
    let stored = tree.coordinates + other * width * KDTree.leafRows
    var any = KDTree.near(
      asked, active: active, limits: limits, stored, box: tree.boxes + node * 2 * width, width: width, hits: &hits)
    if any == 0 { return }
    let start = other * KDTree.leafRows
    var hasImproved = false
    while any != 0 {
      let i = any.trailingZeroBitCount
      any &= any &- 1
      let own = view.component[first &+ i]
      let x = Int(tree.order[first &+ i])
      let coreOfX = view.core[first &+ i]
      var bits = hits[i]
      while bits != 0 {
        let j = bits.trailingZeroBitCount
        bits &= bits &- 1
        let coreOfY = view.core[start &+ j]
        if view.component[start &+ j] == own || coreOfY > weights[i] { continue }
        let distance = KDTree.squared(asked + i, stored + j, width: width).squareRoot() / graph.alpha
        let weight = max(coreOfX, coreOfY, distance)
        if weight > weights[i] { continue }
        let edge = Edge(x, Int(tree.order[start &+ j]), weight: weight, distance: distance)
        if let known = least[i], !(edge < known) { continue }
        least[i] = edge
        if weight < weights[i] {
          weights[i] = weight
          known.lower(Int(own), to: weight)
          hasImproved = true
        }
      }
    }
    if hasImproved { tighten(first) }
  }
}
