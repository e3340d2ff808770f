import Kernels

/// The epochs of a layout by forces along a graph's edges, every vertex moving itself only: equal bytes at any thread count and on
/// every instruction set (see `layout_rows.h`).
package struct LayoutEpochs: Sendable {
  /// What the forces are: attraction along sampled edges, repulsion from strangers, and how fast they move a vertex.
  package struct Forces: Sendable {
    /// The similarity at distance D is 1 / (1 + a · D^2b).
    package var a, b: Double
    /// Factors of the forces of an edge and of a stranger.
    package var attraction, repulsion: Double
    /// Strangers a sampled edge.
    package var negatives: Int
    /// The first epoch's rate; it falls to 0 by equal steps.
    package var rate: Double
    /// Adam's decays.
    package var beta1 = 0.5, beta2 = 0.9

    package init(a: Double, b: Double, attraction: Double, repulsion: Double, negatives: Int, rate: Double) {
      self.a = a
      self.b = b
      self.attraction = attraction
      self.repulsion = repulsion
      self.negatives = negatives
      self.rate = rate
    }
  }

  /// Edges in compressed rows: those of vertex i are `starts[i]..<starts[i + 1]`.
  package struct Edges: Sendable {
    package var starts: [Int64] = [0]
    package var ends: [Int32] = []
    /// Epochs between two samples of an edge, at least 1.
    package var periods: [Float] = []

    package init() {}
  }

  /// Vertices a job: about a millisecond.
  private static let vertices = 1024
  /// Strangers an epoch, whom all vertices meet some of: few enough that they stay in the innermost cache.
  private static let strangers = 2048
  package static let mostDimensions = Int(layout_dimensions)

  package let forces: Forces
  package let epochs: Int

  package init(forces: Forces, epochs: Int) {
    self.forces = forces
    self.epochs = epochs
  }

  /// Moves vertices from `start` for all epochs.
  ///
  /// - Parameters:
  ///   - edges: the other end of an edge is a row of `fixed`, or of the moving layout where that is nil.
  ///   - keys: a random word of each vertex, which its strangers are drawn by.
  /// - Complexity: O(epochs · sampled edges · negatives · columns).
  package func run(
    from start: Matrix, edges: Edges, fixed: Matrix? = nil, keys: [UInt32], seed: Seed, workers: WorkerPool
  ) -> Matrix {
    let (rows, columns) = (start.rows, start.columns)
    precondition(columns >= 1 && columns <= Self.mostDimensions, "a layout of \(columns) dimensions")
    precondition(edges.starts.count == rows + 1 && keys.count == rows, "\(keys.count) keys for \(rows) vertices")
    precondition(edges.ends.count == edges.periods.count && Int(edges.starts[rows]) == edges.ends.count)
    let strangers = fixed?.rows ?? rows
    precondition(edges.ends.allSatisfy { $0 >= 0 && Int($0) < strangers }, "an edge to no row")
    precondition(fixed.map { $0.columns == columns } ?? true)
    if rows == 0 || strangers == 0 { return start }
    var positions = start.storage
    var moved = positions
    var first = [Float](repeating: 0, count: rows * columns)
    var second = first
    var due = edges.periods
    var (decay1, decay2) = (1.0, 1.0)
    var pool = [Float](repeating: 0, count: columns * (Self.strangers + 8))
    let jobs = (rows + Self.vertices - 1) / Self.vertices
    for epoch in 0..<epochs {
      decay1 *= forces.beta1
      decay2 *= forces.beta2
      draw(fixed?.storage ?? positions, rows: strangers, seed.split("strangers").split(epoch), into: &pool)
      positions.withUnsafeBufferPointer { positions in
        moved.withUnsafeMutableBufferPointer { moved in
          first.withUnsafeMutableBufferPointer { first in
            second.withUnsafeMutableBufferPointer { second in
              due.withUnsafeMutableBufferPointer { due in
                withEdges(edges, keys, pool, fixed) { starts, ends, periods, keys, pool, fixed in
                  nonisolated(unsafe) let step = layout_epoch(
                    others: fixed ?? positions.baseAddress!, own: positions.baseAddress!, moved: moved.baseAddress!,
                    first_moment: first.baseAddress!, second_moment: second.baseAddress!, starts: starts, ends: ends,
                    periods: periods, due: due.baseAddress, keys: keys,
                    epoch_key: UInt32(truncatingIfNeeded: seed.split(epoch).rawValue),
                    pool: pool, strangers: UInt32(Self.strangers), negatives: Int32(forces.negatives),
                    dimensions: Int32(columns),
                    epoch: Float(epoch), log2_a: Float(logarithm(forces.a) / logarithm(2.0)), b: Float(forces.b),
                    attraction: Float(forces.attraction), repulsion: Float(forces.repulsion),
                    beta1: Float(forces.beta1), beta2: Float(forces.beta2), correction1: Float(1 / (1 - decay1)),
                    correction2: Float(1 / (1 - decay2)),
                    rate: Float(forces.rate * (1 - Double(epoch) / Double(epochs))))
                  workers.run(jobs: jobs) { job, _ in
                    withUnsafePointer(to: step) {
                      layout_move($0, job * Self.vertices, min((job + 1) * Self.vertices, rows))
                    }
                  }
                }
              }
            }
          }
        }
      }
      swap(&positions, &moved)
    }
    return Matrix(rows: rows, columns: columns, storage: positions)
  }

  /// Places of strangers, [columns, strangers + 8]: rows at even steps of the golden ratio around all of them from a random one, so
  /// that each is as likely as another and those met one after another lie apart in any order of rows.
  private func draw(_ places: [Float], rows: Int, _ seed: Seed, into pool: inout [Float]) {
    let columns = pool.count / (Self.strangers + 8)
    var word = seed.rawValue
    for place in 0..<Self.strangers {
      let row = Int(word.multipliedFullWidth(by: UInt64(rows)).high)
      word &+= 0x9e37_79b9_7f4a_7c15
      for c in 0..<columns { pool[c * (Self.strangers + 8) + place] = places[row * columns + c] }
    }
    for c in 0..<columns {
      for extra in 0..<8 {
        pool[c * (Self.strangers + 8) + Self.strangers + extra] = pool[c * (Self.strangers + 8) + extra]
      }
    }
  }

  private func withEdges(
    _ edges: Edges, _ keys: [UInt32], _ pool: [Float], _ fixed: Matrix?,
    _ body: (
      _ starts: UnsafePointer<Int64>, _ ends: UnsafePointer<Int32>?, _ periods: UnsafePointer<Float>?,
      _ keys: UnsafePointer<UInt32>, _ pool: UnsafePointer<Float>, _ fixed: UnsafePointer<Float>?
    ) -> Void
  ) {
    edges.starts.withUnsafeBufferPointer { starts in
      edges.ends.withUnsafeBufferPointer { ends in
        edges.periods.withUnsafeBufferPointer { periods in
          keys.withUnsafeBufferPointer { keys in
            pool.withUnsafeBufferPointer { pool in
              func run(_ fixed: UnsafePointer<Float>?) {
                body(
                  starts.baseAddress!, ends.baseAddress, periods.baseAddress, keys.baseAddress!, pool.baseAddress!,
                  fixed)
              }
              if let fixed { fixed.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
            }
          }
        }
      }
    }
  }
}
