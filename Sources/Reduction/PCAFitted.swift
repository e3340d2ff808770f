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
    /// How the components were found, in truth: never `auto`, and `covariance64` where 32 bits were not good enough. It also says
    /// how rows are projected: after `covariance` and `randomized` by 32-bit products where those are good enough.
    public let solver: PCA.Solver

    public var count: Int { explainedVariance.count }
    public var columns: Int { mean.count }

    init(spectrum: PCASpectrum, rows: Int, whiten: Double, solver: PCA.Solver) {
      let total = spectrum.totalVariance
      mean = spectrum.mean
      components = spectrum.components
      explainedVariance = spectrum.variances
      explainedVarianceRatio = spectrum.variances.map { total > 0 ? $0 / total : 0 }
      singularValues = spectrum.variances.map { ($0 * Double(rows - 1)).squareRoot() }
      self.whiten = whiten
      self.solver = solver
    }

    /// A fit read back from storage. `explainedVarianceRatio` and `singularValues` are kept as stored.
    public init(
      mean: [Double], components: [Double], explainedVariance: [Double], explainedVarianceRatio: [Double],
      singularValues: [Double], whiten: Double, solver: PCA.Solver = .covariance64
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
      self.solver = solver
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
  }
}
