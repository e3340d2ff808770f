import Synchronization
import Tensors

/// The gaps between groups (Moulavi et al. 2014): the least mutual reachability distance from the inner nodes of each group to those
/// of another.
enum DensitySeparation {
  private static let questionBlock = 64
  private static let rowBlock = 1024

  /// The gap between each group and the nearest other.
  /// - Parameters: rows and core distances of each group, and which of its rows are inner.
  /// - Precondition: two groups or more, none without inner rows.
  /// - Complexity: O(n² · d). A minimum: the order of the work does not matter.
  static func nearest(_ rows: [Matrix], _ cores: [[Double]], inner: [[Int]], workers: WorkerPool) -> [Double] {
    let columns = rows[0].columns
    let nodes = InnerNodes(rows, cores, inner)
    var blocks: [(group: Int, rows: Range<Int>)] = []
    for (group, range) in nodes.ranges.dropLast().enumerated() {
      for start in stride(from: range.lowerBound, to: range.upperBound, by: questionBlock) {
        blocks.append((group, start..<min(start + questionBlock, range.upperBound)))
      }
    }
    let gaps = Mutex([Double](repeating: .infinity, count: rows.count))
    workers.run(jobs: blocks.count) { [blocks] job, _ in
      // What is known by now only saves work.
      var known = gaps.withLock { $0 }
      nodes.lower(&known, by: blocks[job].rows, of: blocks[job].group, columns)
      gaps.withLock { gaps in for group in gaps.indices { gaps[group] = min(gaps[group], known[group]) } }
    }
    return gaps.withLock { $0 }
  }

  /// The inner nodes of all groups, group after group.
  private struct InnerNodes: Sendable {
    let points: Matrix
    let core: [Double]
    let ranges: [Range<Int>]

    init(_ rows: [Matrix], _ cores: [[Double]], _ inner: [[Int]]) {
      var storage: [Float] = []
      var core: [Double] = []
      var ranges: [Range<Int>] = []
      for (group, nodes) in inner.enumerated() {
        storage += rows[group].rows(at: nodes).storage
        ranges.append(core.count..<core.count + nodes.count)
        core += nodes.map { cores[group][$0] }
      }
      points = Matrix(rows: core.count, columns: rows[0].columns, storage: storage)
      self.core = core
      self.ranges = ranges
    }

    /// Lowers `gaps` by the edges from nodes `asking`, of one group, to those of all later groups.
    func lower(_ gaps: inout [Double], by asking: Range<Int>, of group: Int, _ d: Int) {
      var questions = [Double](repeating: 0, count: 4 * max(d, 1))
      var squares = [Double](repeating: 0, count: 4 * rowBlock)
      points.withUnsafeBufferPointer { x in
        for first in stride(from: asking.lowerBound, to: asking.upperBound, by: 4) {
          let asked = min(4, asking.upperBound - first)
          for i in 0..<asked * d { questions[i] = Double(x[first * d + i]) }
          for other in group + 1..<ranges.count {
            for start in stride(from: ranges[other].lowerBound, to: ranges[other].upperBound, by: rowBlock) {
              let count = min(rowBlock, ranges[other].upperBound - start)
              if d > 0 {
                Distances.squared(
                  questions, asked: asked, x.baseAddress! + start * d, count: count, columns: d, into: &squares,
                  stride: rowBlock)
              }
              for q in 0..<asked {
                take(squares[q * rowBlock..<q * rowBlock + count], core[first + q], start, group, other, &gaps)
              }
            }
          }
        }
      }
    }

    /// Lowers the gaps of two groups by the edges from a node of this core distance to those at `start` and after.
    private func take(
      _ squares: ArraySlice<Double>, _ ownCore: Double, _ start: Int, _ group: Int, _ other: Int, _ gaps: inout [Double]
    ) {
      var limit = max(gaps[group], gaps[other])
      if ownCore >= limit { return }
      // Rounding may hide an edge that equals the limit, but none below it.
      var squareLimit = limit * limit * (1 + 1e-12)
      for (i, square) in squares.enumerated() where square <= squareLimit {
        let weight = max(ownCore, core[start + i], square.squareRoot())
        if weight >= limit { continue }
        gaps[group] = min(gaps[group], weight)
        gaps[other] = min(gaps[other], weight)
        limit = max(gaps[group], gaps[other])
        squareLimit = limit * limit * (1 + 1e-12)
      }
    }
  }
}
