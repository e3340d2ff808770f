import Tensors

/// Mean and covariance of the rows of a source, in 64 bits, in two passes.
///
/// Rows are shared out in stripes whose number depends on the shape alone, and stripes are added up in order.
struct RowMoments {
  private static let blockRows = 256
  private static let largestPartialSums = 64 << 20

  let rows: any RowSource
  let workers: WorkerPool
  private let stripes: [Range<Int>]

  init(rows: any RowSource, workers: WorkerPool) {
    self.rows = rows
    self.workers = workers
    let (n, d) = (rows.rows, rows.columns)
    // At most 16 partial covariances, fewer where they are large, two at least.
    let count = max(2, min(16, Self.largestPartialSums / max(8 * d * d, 1)))
    let size = max(Self.blockRows, (n + count - 1) / count)
    stripes = stride(from: 0, to: n, by: size).map { $0..<min($0 + size, n) }
  }

  /// - Throws: `PCA.Failure.notFinite` with the lowest such row.
  func mean() throws -> [Double] {
    let d = rows.columns
    let partial = try workers.map(jobs: stripes.count) { job, _ in
      var sums = [Double](repeating: 0, count: d)
      try forEachBlock(of: stripes[job]) { range, block in
        for row in 0..<range.count {
          var trace: Float = 0
          for c in 0..<d {
            let value = block[row * d + c]
            trace += value - value
            sums[c] += Double(value)
          }
          if trace != 0 { throw PCA.Failure.notFinite(row: range.lowerBound + row) }
        }
      }
      return sums
    }
    return total(partial).map { $0 / Double(rows.rows) }
  }

  /// The sample covariance, d × d, of which the upper triangle (row-major) is filled and then mirrored.
  func covariance(_ mean: [Double]) throws -> [Double] {
    let d = rows.columns
    let partial = try workers.map(jobs: stripes.count) { job, _ in
      var gram = [Double](repeating: 0, count: d * d)
      var centred = [Double](repeating: 0, count: Self.blockRows * d)
      try forEachBlock(of: stripes[job]) { range, block in
        centre(block, mean, into: &centred)
        BLAS.addGram(of: centred, rows: range.count, columns: d, to: &gram)
      }
      return gram
    }
    var sum = total(partial)
    let scale = 1 / Double(rows.rows - 1)
    for i in 0..<d {
      for j in i..<d {
        sum[i * d + j] *= scale
        sum[j * d + i] = sum[i * d + j]
      }
    }
    return sum
  }

  /// All rows less the mean. - Complexity: O(rows · columns) memory.
  func centred(_ mean: [Double]) throws -> [Double] {
    let d = rows.columns
    var all: [Double] = []
    all.reserveCapacity(rows.rows * d)
    var block64 = [Double](repeating: 0, count: Self.blockRows * d)
    try forEachBlock(of: 0..<rows.rows) { range, block in
      centre(block, mean, into: &block64)
      all.append(contentsOf: block64[..<(range.count * d)])
    }
    return all
  }

  private func centre(_ block: UnsafeBufferPointer<Float>, _ mean: [Double], into target: inout [Double]) {
    let d = mean.count
    target.withUnsafeMutableBufferPointer { target in
      for row in 0..<block.count / d { for c in 0..<d { target[row * d + c] = Double(block[row * d + c]) - mean[c] } }
    }
  }

  private func forEachBlock(
    of stripe: Range<Int>, _ body: (Range<Int>, UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    for start in stride(from: stripe.lowerBound, to: stripe.upperBound, by: Self.blockRows) {
      let range = start..<min(start + Self.blockRows, stripe.upperBound)
      try rows.withRows(range) { try body(range, $0) }
    }
  }

  private func total(_ partial: [[Double]]) -> [Double] {
    var sum = partial[0]
    for part in partial.dropFirst() { for i in sum.indices { sum[i] += part[i] } }
    return sum
  }
}
