import Synchronization
import Tensors

/// The scan for least edges by a kd-tree. The rows of a leaf that ask go through the tree together, nearest boxes first, and pass by
///
/// * what lies in the one component they all have;
/// * boxes farther, and points with a core distance higher, than the best edge known of the component of each of them.
///
/// What threads learn about a component's best edge they share at once. That only prunes: how far a row looked may depend on the
/// threads, but the least edge of a component is always found.
struct TreeScan: LeastEdgeScan {
  /// Leaves to a job.
  static let leafBlock = 16

  private let tree: KDTree
  private let graph: ReachabilityGraph
  /// Where each row stands in the tree.
  private let position: [Int32]
  /// Core distances by position.
  private let core: [Double]
  /// The least core distance in each node.
  private let leastCore: [Double]

  init(tree: KDTree, graph: ReachabilityGraph) {
    self.tree = tree
    self.graph = graph
    var position = [Int32](repeating: 0, count: tree.rows)
    for (at, row) in tree.order.enumerated() { position[Int(row)] = Int32(at) }
    self.position = position
    let core = tree.order.map { graph.core[Int($0)] }
    self.core = core
    leastCore = tree.folded({ core[$0].min()! }, min)
  }

  func leastEdges(of rows: [Int], _ components: Components, best: [Edge?], _ workers: WorkerPool) -> [FoundEdge] {
    let component = tree.order.map { components.of[Int($0)] }
    // The component of all rows of a node, or −1.
    let only = tree.folded({ range in
      component[range].allSatisfy { $0 == component[range.lowerBound] } ? component[range.lowerBound] : -1
    }) {
      $0 == $1 ? $0 : -1
    }
    let asking = rows.map { position[$0] }.sorted()
    let work = LeafWork.all(asking)
    let known = SharedBounds(best.map { $0?.weight ?? .infinity })
    var found = [FoundEdge](repeating: FoundEdge(row: 0, edge: nil, reach: 0), count: rows.count)
    let jobs = (work.count + Self.leafBlock - 1) / Self.leafBlock
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      tree.withPointers { tree in
        core.withUnsafeBufferPointer { core in
          leastCore.withUnsafeBufferPointer { leastCore in
            component.withUnsafeBufferPointer { component in
              only.withUnsafeBufferPointer { only in
                nonisolated(unsafe) let view = TreeScanView(
                  tree: tree, core: core.baseAddress!, leastCore: leastCore.baseAddress!,
                  component: component.baseAddress!, only: only.baseAddress!)
                workers.run(jobs: jobs) { job, _ in
                  var walk = TreeScanWalk(view: view, graph: graph, known: known)
                  for at in job * Self.leafBlock..<min((job + 1) * Self.leafBlock, work.count) {
                    walk.run(work[at], found.baseAddress! + work[at].first)
                  }
                }
              }
            }
          }
        }
      }
    }
    return found
  }
}

/// Rows of one leaf that ask.
struct LeafWork {
  let leaf: Int
  let active: UInt32
  /// The place of the first of them among all that ask.
  let first: Int

  /// From the positions of all that ask, ascending.
  static func all(_ asking: [Int32]) -> [LeafWork] {
    var work: [LeafWork] = []
    var at = 0
    while at < asking.count {
      let leaf = Int(asking[at]) / KDTree.leafRows
      let first = at
      var active: UInt32 = 0
      while at < asking.count && Int(asking[at]) / KDTree.leafRows == leaf {
        active |= 1 << UInt32(Int(asking[at]) % KDTree.leafRows)
        at += 1
      }
      work.append(LeafWork(leaf: leaf, active: active, first: first))
    }
    return work
  }
}

/// The weight of the best edge known of each component: it only falls, whoever lowers it.
final class SharedBounds: Sendable {
  private nonisolated(unsafe) let bits: UnsafeMutablePointer<Atomic<UInt64>>
  private let count: Int

  init(_ weights: [Double]) {
    count = weights.count
    bits = .allocate(capacity: count)
    // Numbers that are not negative are ordered as their bits are.
    for (i, weight) in weights.enumerated() { (bits + i).initialize(to: Atomic(weight.bitPattern)) }
  }

  deinit {
    bits.deinitialize(count: count)
    bits.deallocate()
  }

  subscript(component: Int) -> Double { Double(bitPattern: bits[component].load(ordering: .relaxed)) }

  func lower(_ component: Int, to weight: Double) { bits[component].min(weight.bitPattern, ordering: .relaxed) }
}
