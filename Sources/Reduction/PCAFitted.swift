public import Tensors

extension PCA {
  /// Components fitted to rows, ready to project these or others.
  public struct Fitted: Sendable, Equatable {
    /// `columns` numbers.
    public let mean: [Double]
    /// `count × columns` numbers, row-major; rows are unit vectors, the first that of largest variance.
    public let components: [Double]
    /// Variance along each component: `count` numbers, largest first.
    public let explainedVariance: [Double]
    /// As fractions of the whole variance; all zero where the rows are all equal.
    public let explainedVarianceRatio: [Double]
    /// Singular values of the centred rows: √(variance · (n − 1)).
    public let singularValues: [Double]
    /// See `PCA.whiten`.
    public let whiten: Double

    public var count: Int { explainedVariance.count }
    public var columns: Int { mean.count }

    private static let blockRows = 256

    init(mean: [Double], components: [Double], variances: [Double], kept: Int, rows: Int, whiten: Double) {
      let total = variances.reduce(0, +)
      self.mean = mean
      self.components = components
      explainedVariance = Array(variances[..<kept])
      explainedVarianceRatio = variances[..<kept].map { total > 0 ? $0 / total : 0 }
      singularValues = variances[..<kept].map { ($0 * Double(rows - 1)).squareRoot() }
      self.whiten = whiten
    }

    /// A fit read back from storage. `explainedVarianceRatio` and `singularValues` are kept as stored.
    public init(
      mean: [Double], components: [Double], explainedVariance: [Double], explainedVarianceRatio: [Double],
      singularValues: [Double], whiten: Double
    ) {
      precondition(components.count == explainedVariance.count * mean.count, "\(components.count) loadings")
      precondition(
        explainedVarianceRatio.count == explainedVariance.count && singularValues.count == explainedVariance.count)
      self.mean = mean
      self.components = components
      self.explainedVariance = explainedVariance
      self.explainedVarianceRatio = explainedVarianceRatio
      self.singularValues = singularValues
      self.whiten = whiten
    }

    /// Coordinates of `rows` along the components: [n, count], computed in 64 bits and rounded once.
    /// - Throws: `PCA.Failure.notFinite` with the lowest such row, or what the medium throws.
    /// - Precondition: `rows.columns == columns`. - Complexity: O(n · d · count).
    public func transform(_ rows: any RowSource, workers: WorkerPool) throws -> Matrix {
      let scales = coordinateScales
      var storage = [Float](repeating: 0, count: rows.rows * count)
      try storage.withUnsafeMutableBufferPointer { target in
        nonisolated(unsafe) let target = target
        try project(rows, workers) { range, _, coordinates in
          for row in 0..<range.count {
            for k in 0..<count {
              target[(range.lowerBound + row) * count + k] = Float(coordinates[row * count + k] * scales[k])
            }
          }
        }
      }
      return Matrix(rows: rows.rows, columns: count, storage: storage)
    }

    /// For each row the squared distance to its image under projection and back: what the components do not tell about it.
    /// - Throws, precondition: as `transform`.
    public func reconstructionErrors(of rows: any RowSource, workers: WorkerPool) throws -> [Double] {
      let d = columns
      var errors = [Double](repeating: 0, count: rows.rows)
      try errors.withUnsafeMutableBufferPointer { target in
        nonisolated(unsafe) let target = target
        try project(rows, workers) { range, centred, coordinates in
          var residual = Array(centred[..<(range.count * d)])
          BLAS.multiply(coordinates, components, into: &residual, m: range.count, n: d, k: count, alpha: -1, beta: 1)
          for row in 0..<range.count {
            var sum = 0.0
            for c in 0..<d { sum += residual[row * d + c] * residual[row * d + c] }
            target[range.lowerBound + row] = sum
          }
        }
      }
      return errors
    }

    /// Rows back from coordinates made by `transform`: [n, columns].
    public func inverseTransform(_ points: Matrix) -> Matrix {
      precondition(points.columns == count, "\(points.columns) coordinates for \(count) components")
      let deviations = explainedVariance.map { power($0.squareRoot(), whiten) }
      var coordinates = points.storage.map { Double($0) }
      for i in coordinates.indices { coordinates[i] *= deviations[i % count] }
      var rows = [Double](repeating: 0, count: points.rows * columns)
      BLAS.multiply(coordinates, components, into: &rows, m: points.rows, n: columns, k: count)
      for i in rows.indices { rows[i] += mean[i % columns] }
      return Matrix(rows: points.rows, columns: columns, storage: rows.map { Float($0) })
    }

    /// What a coordinate is multiplied by. A direction whose variance is only rounding has no scale to be whitened by.
    private var coordinateScales: [Double] {
      if whiten == 0 { return [Double](repeating: 1, count: count) }
      let floor = (explainedVariance.first ?? 0) * Double(columns) * .ulpOfOne
      return explainedVariance.map { $0 > floor ? 1 / power($0.squareRoot(), whiten) : 0 }
    }

    /// Hands each block of rows to `body`: the rows less the mean [block, d] and their coordinates [block, count], in 64 bits.
    private func project(
      _ rows: any RowSource, _ workers: WorkerPool,
      _ body: @Sendable (_ range: Range<Int>, _ centred: [Double], _ coordinates: [Double]) -> Void
    ) throws {
      precondition(rows.columns == columns, "\(rows.columns) columns for a fit of \(columns)")
      let d = columns
      let blocks = stride(from: 0, to: rows.rows, by: Self.blockRows).map { $0..<min($0 + Self.blockRows, rows.rows) }
      try workers.runThrowing(jobs: blocks.count) { job, _ in
        let range = blocks[job]
        var centred = [Double](repeating: 0, count: range.count * d)
        try rows.withRows(range) { block in
          for row in 0..<range.count {
            var trace: Float = 0
            for c in 0..<d {
              let value = block[row * d + c]
              trace += value - value
              centred[row * d + c] = Double(value) - mean[c]
            }
            if trace != 0 { throw PCA.Failure.notFinite(row: range.lowerBound + row) }
          }
        }
        var coordinates = [Double](repeating: 0, count: range.count * count)
        BLAS.multiply(centred, components, transposeB: true, into: &coordinates, m: range.count, n: count, k: d)
        body(range, centred, coordinates)
      }
    }
  }
}
