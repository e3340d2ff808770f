public import Tensors

/// Principal component analysis: the directions of largest variance, exactly.
///
///     let pca = try PCA(nComponents: .count(50)).fit(embeddings, workers: pool)
///     let points = try pca.transform(embeddings, workers: pool)          // [n, 50]
///
/// Two passes over the rows make the mean and then the covariance, both in 64 bits; LAPACK's `dsyevd` does the rest. With
/// fewer rows than columns the centred rows themselves are factored instead (`dgesdd`). Variances are those of a sample
/// (divided by n − 1). The largest loading of each component, by absolute value, is positive, as scikit-learn's `svd_flip` has it.
/// Equal bytes at any thread count: rows are summed in stripes that depend on the shape alone.
public struct PCA: Sendable, Equatable {
  /// How many components to keep.
  public enum Components: Sendable, Hashable {
    /// This many; more than `min(rows, columns)` is an error, as in scikit-learn.
    case count(Int)
    /// This many, or `min(rows, columns)` if that is less: for recipes that must not fail on a small archive.
    case atMost(Int)
    /// The fewest whose variance is more than this fraction, in 0..<1, of the whole.
    case variance(Double)
  }

  public let nComponents: Components
  /// `transform` divides each coordinate by its standard deviation to this power: 0 keeps distances, 1 gives every component variance 1
  /// (scikit-learn's `whiten=True`), and between them one strong direction weighs less without the weak ones being blown up to
  /// its size. Directions without variance give zero, not noise.
  public let whiten: Double

  /// - Precondition: a count is at least 1; a fraction lies in 0 < f < 1; `whiten` in 0...1.
  public init(nComponents: Components, whiten: Double = 0) {
    precondition((0...1).contains(whiten), "whitening to the power \(whiten)")
    switch nComponents {
    case .count(let count), .atMost(let count): precondition(count >= 1, "\(count) components")
    case .variance(let fraction): precondition(fraction > 0 && fraction < 1, "a variance fraction of \(fraction)")
    }
    self.nComponents = nComponents
    self.whiten = whiten
  }

  /// What PCA refuses.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    /// A variance needs two rows at least.
    case tooFewRows(Int)
    /// More components asked for than `min(rows, columns)`.
    case tooManyComponents(asked: Int, rows: Int, columns: Int)
    /// The row holds a number that is not finite.
    case notFinite(row: Int)

    public var description: String {
      switch self {
      case .tooFewRows(let rows): "PCA needs two rows at least, there are \(rows)"
      case .tooManyComponents(let asked, let rows, let columns):
        "\(asked) components of \(rows) rows × \(columns) columns: at most \(min(rows, columns)) exist"
      case .notFinite(let row): "row \(row) holds a number that is not finite"
      }
    }
  }

  /// Fits the components to `rows`.
  /// - Throws: `Failure`, `LinearAlgebraError`, or what the medium of `rows` throws.
  /// - Complexity: O(n · d² + d³) for n ≥ d, O(n² · d) otherwise; memory O(d²), or O(n · d) when n < d.
  public func fit(_ rows: any RowSource, workers: WorkerPool) throws -> Fitted {
    let (n, d) = (rows.rows, rows.columns)
    if n < 2 { throw Failure.tooFewRows(n) }
    if case .count(let asked) = nComponents, asked > min(n, d) {
      throw Failure.tooManyComponents(asked: asked, rows: n, columns: d)
    }
    if d == 0 { throw Failure.tooManyComponents(asked: 1, rows: n, columns: d) }
    let moments = RowMoments(rows: rows, workers: workers)
    let mean = try moments.mean()
    var spectrum =
      n < d ? try thinSpectrum(moments.centred(mean), rows: n, columns: d) : try spectrum(moments.covariance(mean), d)
    for row in spectrum.variances.indices { makeLargestLoadingPositive(&spectrum.components, row: row, columns: d) }
    let kept = count(of: spectrum.variances)
    return Fitted(
      mean: mean, components: Array(spectrum.components[..<(kept * d)]), variances: spectrum.variances, kept: kept,
      rows: n, whiten: whiten)
  }

  /// Variances, largest first, and the direction of each as a row.
  private struct Spectrum {
    var variances: [Double]
    var components: [Double]
  }

  private func spectrum(_ covariance: [Double], _ d: Int) throws -> Spectrum {
    let eigen = try LinearAlgebra.symmetricEigen(covariance, order: d)
    var components: [Double] = []
    components.reserveCapacity(d * d)
    for row in (0..<d).reversed() { components.append(contentsOf: eigen.vectors[row * d..<(row + 1) * d]) }
    // A covariance has no negative eigenvalue; rounding can make one.
    return Spectrum(variances: eigen.values.reversed().map { max($0, 0) }, components: components)
  }

  private func thinSpectrum(_ centred: [Double], rows: Int, columns: Int) throws -> Spectrum {
    let svd = try LinearAlgebra.svd(centred, rows: rows, columns: columns)
    return Spectrum(variances: svd.values.map { $0 * $0 / Double(rows - 1) }, components: svd.vt)
  }

  private func makeLargestLoadingPositive(_ components: inout [Double], row: Int, columns: Int) {
    let range = row * columns..<(row + 1) * columns
    var largest = range.lowerBound
    for i in range where abs(components[i]) > abs(components[largest]) { largest = i }
    if components[largest] < 0 { for i in range { components[i] = -components[i] } }
  }

  private func count(of variances: [Double]) -> Int {
    switch nComponents {
    case .count(let count): return count
    case .atMost(let count): return min(count, variances.count)
    case .variance(let fraction):
      let total = variances.reduce(0, +)
      var sum = 0.0
      for (i, variance) in variances.enumerated() {
        sum += total > 0 ? variance / total : 1
        if sum > fraction { return i + 1 }
      }
      return variances.count
    }
  }
}
