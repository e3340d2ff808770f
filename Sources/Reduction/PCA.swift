public import Tensors

/// Principal component analysis: the directions of largest variance.
///
///     let pca = try PCA(nComponents: .count(50)).fit(embeddings, workers: pool)
///     let points = try pca.transform(embeddings, workers: pool)          // [n, 50]
///
/// Rows are read in blocks and need not fit in memory; `solver` says how often, and with how many figures. Variances are those of a
/// sample (divided by n − 1). The largest loading of each component, by absolute value, is positive, as scikit-learn's `svd_flip`
/// has it. Equal bytes at any thread count: rows are summed in stripes that depend on the shape alone.
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

  public let solver: Solver

  /// - Precondition: a count is at least 1; a fraction lies in 0 < f < 1; `whiten` in 0...1.
  public init(nComponents: Components, whiten: Double = 0, solver: Solver = .auto) {
    precondition((0...1).contains(whiten), "whitening to the power \(whiten)")
    switch nComponents {
    case .count(let count), .atMost(let count): precondition(count >= 1, "\(count) components")
    case .variance(let fraction): precondition(fraction > 0 && fraction < 1, "a variance fraction of \(fraction)")
    }
    self.nComponents = nComponents
    self.whiten = whiten
    self.solver = solver
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
  /// - Complexity: O(n · d² + d³) for the covariance; `Solver` has the others, and `workingBytes` the memory.
  public func fit(_ rows: any RowSource, workers: WorkerPool) throws -> Fitted {
    let (n, d) = (rows.rows, rows.columns)
    if n < 2 { throw Failure.tooFewRows(n) }
    if case .count(let asked) = nComponents, asked > min(n, d) {
      throw Failure.tooManyComponents(asked: asked, rows: n, columns: d)
    }
    if d == 0 { throw Failure.tooManyComponents(asked: 1, rows: n, columns: d) }
    let used = solver.settled(rows: n, columns: d)
    let spectrums = PCASpectrums(rows: rows, workers: workers) { count(of: $0.prefix(min(n, d)), total: $1) }
    switch used {
    case .auto: preconditionFailure("auto is settled")
    case .covariance:
      if let spectrum = try spectrums.byCovariance() { return fitted(spectrum, n, used) }
      return fitted(try spectrums.byCovariance64(), n, .covariance64)
    case .covariance64: return fitted(try spectrums.byCovariance64(), n, used)
    case .svd: return fitted(try spectrums.bySVD(), n, used)
    case .randomized(let seed, let oversampling, let powerIterations):
      let source = RandomizedSpectrum(
        rows: rows, workers: workers, seed: seed, oversampling: oversampling, powerIterations: powerIterations)
      let spectrum = try source.spectrum(first: firstGuess(min(n, d))) { count(of: $0.prefix(min(n, d)), total: $1) }
      return fitted(spectrum, n, used)
    }
  }

  private func fitted(_ spectrum: PCASpectrum, _ rows: Int, _ solver: Solver) -> Fitted {
    Fitted(spectrum: spectrum, rows: rows, whiten: whiten, solver: solver)
  }

  /// How many of these variances, largest first, are to be kept; nil where more of them are needed to tell.
  private func count(of variances: ArraySlice<Double>, total: Double) -> Int? {
    switch nComponents {
    case .count(let count): return count <= variances.count ? count : nil
    case .atMost(let count): return min(count, variances.count)
    case .variance(let fraction):
      var sum = 0.0
      for (i, variance) in variances.enumerated() {
        sum += total > 0 ? variance / total : 1
        if sum > fraction { return i + 1 }
      }
      return nil
    }
  }

  /// How many components the randomised solver looks for at first: those asked for, and with a share of variance a few dozen.
  private func firstGuess(_ rank: Int) -> Int {
    switch nComponents {
    case .count(let count), .atMost(let count): min(count, rank)
    case .variance: min(32, rank)
    }
  }
}
