import Tensors

/// Mean and covariance of the rows of a source, in 64 bits, in two passes.
struct RowMoments {
  let rows: any RowSource
  let workers: WorkerPool
  private let stripes: RowStripes

  init(rows: any RowSource, workers: WorkerPool) {
    self.rows = rows
    self.workers = workers
    stripes = RowStripes(rows: rows.rows, columns: rows.columns)
  }

  /// - Throws: `PCA.Failure.notFinite` with the lowest such row.
  func mean() throws -> [Double] {
    let d = rows.columns
    let partial = try workers.map(jobs: stripes.count) { job, _ in
      var sums = [Double](repeating: 0, count: d)
      try stripes.forEachBlock(of: job, in: rows) { range, block in
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

  /// The sample covariance, d × d.
  func covariance(_ mean: [Double]) throws -> [Double] {
    let d = rows.columns
    var sum = try totalOverBlocks(of: mean, count: d * d) { centred, rows, gram in
      BLAS.addGram(of: centred, rows: rows, columns: d, to: &gram)
    }
    let scale = 1 / Double(rows.rows - 1)
    for i in 0..<d {
      for j in i..<d {
        sum[i * d + j] *= scale
        sum[j * d + i] = sum[i * d + j]
      }
    }
    return sum
  }

  /// `count` numbers that `body` adds to, block by block of rows less the mean: its own sums for every stripe, added up in order.
  func totalOverBlocks(
    of mean: [Double], count: Int, _ body: @Sendable (_ centred: [Double], _ rows: Int, _ sums: inout [Double]) -> Void
  ) throws -> [Double] {
    total(
      try workers.map(jobs: stripes.count) { job, _ in
        var sums = [Double](repeating: 0, count: count)
        var centred = [Double](repeating: 0, count: RowStripes.blockRows * mean.count)
        try stripes.forEachBlock(of: job, in: rows) { range, block in
          centre(block, mean, into: &centred)
          body(centred, range.count, &sums)
        }
        return sums
      })
  }

  /// All rows less the mean. - Complexity: O(rows · columns) memory.
  func centred(_ mean: [Double]) throws -> [Double] {
    let d = rows.columns
    var all: [Double] = []
    all.reserveCapacity(rows.rows * d)
    var block64 = [Double](repeating: 0, count: RowStripes.blockRows * d)
    for stripe in 0..<stripes.count {
      try stripes.forEachBlock(of: stripe, in: rows) { range, block in
        centre(block, mean, into: &block64)
        all.append(contentsOf: block64[..<(range.count * d)])
      }
    }
    return all
  }

  private func centre(_ block: UnsafeBufferPointer<Float>, _ mean: [Double], into target: inout [Double]) {
    let d = mean.count
    target.withUnsafeMutableBufferPointer { target in
      for row in 0..<block.count / d { for c in 0..<d { target[row * d + c] = Double(block[row * d + c]) - mean[c] } }
    }
  }

  private func total(_ partial: [[Double]]) -> [Double] {
    var sum = partial[0]
    for part in partial.dropFirst() { for i in sum.indices { sum[i] += part[i] } }
    return sum
  }
}
