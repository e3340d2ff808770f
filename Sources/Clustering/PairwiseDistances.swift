import Tensors

/// Euclidean distances of all pairs of rows, a tile at a time, for sums over pairs.
///
/// A tile is one 64-bit product: ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a · b, about the columns' means. Where the difference loses more than
/// three digits to cancellation the pair is computed anew from its coordinates (`Distances`), so a distance is good to
/// about 1e-12 of itself, and a row's distance to an equal row is exactly 0.
struct PairwiseDistances: Sendable {
  /// Rows of a job.
  static let rowsAtATime = 32
  private static let columnsAtATime = 512
  private static let cancellation = 1e-3

  private let points: Matrix
  private let centred: [Double]
  private let norms: [Double]

  init(_ points: Matrix) {
    let (n, d) = (points.rows, points.columns)
    self.points = points
    var mean = [Double](repeating: 0, count: d)
    for i in 0..<n { for c in 0..<d { mean[c] += Double(points[i, c]) } }
    for c in 0..<d { mean[c] /= Double(max(n, 1)) }
    var centred = [Double](repeating: 0, count: n * d)
    var norms = [Double](repeating: 0, count: n)
    points.withUnsafeBufferPointer { x in
      for i in 0..<n {
        for c in 0..<d {
          let value = Double(x[i * d + c]) - mean[c]
          centred[i * d + c] = value
          norms[i] += value * value
        }
      }
    }
    self.centred = centred
    self.norms = norms
  }

  var jobs: Int { (points.rows + Self.rowsAtATime - 1) / Self.rowsAtATime }

  /// Hands over the distances of each row of `job` to the rows from `first` on, a stretch of columns at a time, in ascending order.
  func forEachStretch(
    ofJob job: Int, _ body: (_ row: Int, _ first: Int, _ distances: UnsafeBufferPointer<Double>) -> Void
  ) {
    let (n, d) = (points.rows, points.columns)
    let start = job * Self.rowsAtATime
    let rows = min(Self.rowsAtATime, n - start)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.rowsAtATime * Self.columnsAtATime) { tile in
      points.withUnsafeBufferPointer { x in
        centred.withUnsafeBufferPointer { centred in
          norms.withUnsafeBufferPointer { norms in
            for first in stride(from: 0, to: n, by: Self.columnsAtATime) {
              let columns = min(Self.columnsAtATime, n - first)
              if d == 0 {
                tile.initialize(repeating: 0)
              } else {
                BLAS.multiply(
                  centred.baseAddress! + start * d, centred.baseAddress! + first * d, transposeB: true,
                  into: tile.baseAddress!, m: rows, n: columns, k: d)
              }
              for i in 0..<rows {
                let out = tile.baseAddress! + i * columns
                let own = norms[start + i]
                for j in 0..<columns {
                  let scale = own + norms[first + j]
                  let square = scale - 2 * out[j]
                  if square > Self.cancellation * scale || d == 0 {
                    out[j] = square.squareRoot()
                  } else {
                    out[j] = Distances.squared(
                      x.baseAddress! + (start + i) * d, x.baseAddress! + (first + j) * d, count: d
                    ).squareRoot()
                  }
                }
                body(start + i, first, UnsafeBufferPointer(start: out, count: columns))
              }
            }
          }
        }
      }
    }
  }
}
