import Tensors

/// The inner part of a group's spanning tree under all-points mutual reachability (Moulavi et al. 2014): its nodes of degree two
/// and more, and the longest edge between two of them.
struct InnerTree: Sendable {
  /// Inner nodes, as rows of the group, ascending. A tree of one edge has none: the first row stands in, as in hdbscan.
  let nodes: [Int]
  /// The longest edge between inner nodes; the longest of all where no edge is inner.
  let longest: Double

  /// Prim's algorithm from the first row. Core distances make many edges weigh the same, and which of them are taken decides
  /// which nodes are inner: ties go to the lower row, at both ends, as in hdbscan.
  ///
  /// An edge weighs at least the core distances of its ends. Most rows soon hang on an edge that weighs no more than their own,
  /// and then need no distance: n² / 2 comparisons, but few distances.
  /// - Precondition: two rows or more. - Complexity: O(n²) comparisons, O(n² · d) at worst.
  init(of points: Matrix, coreDistances core: [Double]) {
    let (n, d) = (points.rows, points.columns)
    precondition(n >= 2 && core.count == n, "\(n) rows, \(core.count) core distances")
    var weight = [Double](repeating: .infinity, count: n)
    var source = [Int32](repeating: 0, count: n)
    var outside = (1..<Int32(n)).map { $0 }
    var edges: [(a: Int, b: Int, weight: Double)] = []
    edges.reserveCapacity(n - 1)
    var degree = [Int](repeating: 0, count: n)
    var current = 0
    points.withUnsafeBufferPointer { x in
      outside.withUnsafeMutableBufferPointer { outside in
        var left = outside.count
        while left > 0 {
          let from = Int32(current)
          let ownCore = core[current]
          var (place, least) = (0, Double.infinity)
          for at in 0..<left {
            let row = Int(outside[at])
            let floor = max(ownCore, core[row])
            var known = weight[row]
            if floor < known || (floor == known && from < source[row]) {
              let distance =
                d == 0
                ? 0 : Distances.squared(x.baseAddress! + current * d, x.baseAddress! + row * d, count: d).squareRoot()
              let found = max(floor, distance)
              if found < known || (found == known && from < source[row]) {
                (weight[row], source[row]) = (found, from)
                known = found
              }
            }
            if known < least { (place, least) = (at, known) }
          }
          let next = Int(outside[place])
          edges.append((Int(source[next]), next, weight[next]))
          degree[Int(source[next])] += 1
          degree[next] += 1
          // The rows left keep their order: the lowest of equals is met first.
          for at in place + 1..<max(left, place + 1) { outside[at - 1] = outside[at] }
          left -= 1
          current = next
        }
      }
    }
    let inner = (0..<n).filter { degree[$0] > 1 }
    nodes = inner.isEmpty ? [0] : inner
    let innerEdges = edges.filter { degree[$0.a] > 1 && degree[$0.b] > 1 }
    longest = (innerEdges.isEmpty ? edges : innerEdges).reduce(0) { max($0, $1.weight) }
  }
}
