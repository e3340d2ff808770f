import Tensors

/// What a solver finds: variances and the directions that are kept.
struct PCASpectrum {
  let mean: [Double]
  /// Of the kept directions, largest first.
  let variances: [Double]
  /// Of all directions, kept or not.
  let totalVariance: Double
  /// A unit vector as a row for each variance, its largest loading positive.
  let components: [Double]

  /// - Parameter components: rows in the order of `variances`, of either sign.
  init(mean: [Double], variances: [Double], totalVariance: Double, components: [Double]) {
    self.mean = mean
    self.variances = variances
    self.totalVariance = totalVariance
    var components = components
    let d = mean.count
    for row in variances.indices {
      let range = row * d..<(row + 1) * d
      var largest = range.lowerBound
      for i in range where abs(components[i]) > abs(components[largest]) { largest = i }
      if components[largest] < 0 { for i in range { components[i] = -components[i] } }
    }
    self.components = components
  }
}

/// The spectrum of rows by the solvers that see all of it.
struct PCASpectrums {
  let rows: any RowSource
  let workers: WorkerPool
  /// How many of these variances (largest first) to keep, given their total; nil where all of them are not enough.
  let kept: (_ variances: [Double], _ total: Double) -> Int?

  /// Deviations beyond these would spoil 32-bit squares.
  private static let holdableVariances = 1e-24...1e30

  /// In one pass, products in 32 bits; nil where those are not good enough.
  func byCovariance() throws -> PCASpectrum? {
    let rows = rows
    let stripes = RowStripes(rows: rows.rows, columns: rows.columns)
    let parts: [ColumnScatter]
    do {
      parts = try workers.map(jobs: stripes.count) { job, _ in
        var part = ColumnScatter(columns: rows.columns)
        try stripes.forEachBlock(of: job, in: rows) { range, block in
          if part.add(block) { return }
          if let row = rowThatIsNotFinite(in: block, range) { throw PCA.Failure.notFinite(row: row) }
          throw OutOfRange()
        }
        part.close()
        return part
      }
    } catch is OutOfRange { return nil }
    let (n, mean, scatter) = ColumnScatter.total(parts)
    let d = rows.columns
    let covariance = scatter.map { $0 / Double(n - 1) }
    for c in 0..<d {
      let variance = covariance[c * d + c]
      if !(variance == 0 || Self.holdableVariances.contains(variance)) { return nil }
    }
    let found = try spectrum(mean, covariance)
    return drownsInRounding(found, covariance) ? nil : found
  }

  /// Whether a component is so weak beside the columns it is made of that their rounding errors could be seen in it.
  ///
  /// Errors of the covariance go with its columns' variances (`ColumnScatter`), so along component k they amount to what these are, weighted
  /// by its squared loadings, and they average out over the chunks. Measured on rows along which a few directions halve in
  /// variance from one to the next, beside one that outweighs them all: components are off by 3e-6 · √(384 / n) times that over
  /// their own variance. This keeps it below 1e-4.
  private func drownsInRounding(_ spectrum: PCASpectrum, _ covariance: [Double]) -> Bool {
    let d = spectrum.mean.count
    let most = 32 * (Double(rows.rows) / Double(ColumnScatter.chunkRows)).squareRoot()
    return spectrum.variances.indices.contains { k in
      var around = 0.0
      for c in 0..<d {
        around += covariance[c * d + c] * spectrum.components[k * d + c] * spectrum.components[k * d + c]
      }
      return around > most * spectrum.variances[k]
    }
  }

  private struct OutOfRange: Error {}

  /// In two passes, all in 64 bits.
  func byCovariance64() throws -> PCASpectrum {
    let moments = RowMoments(rows: rows, workers: workers)
    let mean = try moments.mean()
    return try spectrum(mean, try moments.covariance(mean))
  }

  private func spectrum(_ mean: [Double], _ covariance: [Double]) throws -> PCASpectrum {
    let d = mean.count
    var all: [Double] = []
    var total = 0.0
    let eigen = try LinearAlgebra.symmetricEigen(covariance, order: d) { values in
      // A covariance has no negative eigenvalue; rounding can make one.
      all = values.reversed().map { max($0, 0) }
      total = all.reduce(0, +)
      return number(of: all, total)
    }
    let count = eigen.vectors.count / d
    var components: [Double] = []
    components.reserveCapacity(count * d)
    for row in (0..<count).reversed() { components.append(contentsOf: eigen.vectors[row * d..<(row + 1) * d]) }
    return PCASpectrum(
      mean: mean, variances: Array(all[..<count]), totalVariance: total, components: components)
  }

  /// By the rows' own factorisation, in memory.
  func bySVD() throws -> PCASpectrum {
    let moments = RowMoments(rows: rows, workers: workers)
    let mean = try moments.mean()
    let svd = try LinearAlgebra.svd(try moments.centred(mean), rows: rows.rows, columns: rows.columns)
    let all = svd.values.map { $0 * $0 / Double(rows.rows - 1) }
    let total = all.reduce(0, +)
    let count = number(of: all, total)
    return PCASpectrum(
      mean: mean, variances: Array(all[..<count]), totalVariance: total,
      components: Array(svd.vt[..<(count * rows.columns)]))
  }

  private func number(of variances: [Double], _ total: Double) -> Int {
    kept(variances, total) ?? min(rows.rows, rows.columns)
  }
}
