public import Tensors

extension PCA {
  /// How the components are found, and with how many figures.
  public enum Solver: Sendable, Hashable {
    /// `svd` where there are fewer rows than columns, `covariance64` where that takes a moment only (rows · columns² ≤ 2²⁹), otherwise
    /// `covariance`. The shape alone decides.
    case auto
    /// The covariance's eigenvectors: one pass, products in 32 bits, sums over chunks of rows in 64 (`ColumnScatter`), eigenvectors in 64.
    ///
    /// An entry (i, j) of the covariance is off by some 5e-8 of √(variance i · variance j), and never by more than 2.4e-5 of it,
    /// wherever the rows lie; means are off by 1e-7 of a deviation. Components are within 1e-4 of those of 64 bits, where their
    /// variances differ from others' by a third or more, and by less than that over the relative difference elsewhere.
    /// Where that could not be kept, the fit is done again by `covariance64`, and `Fitted.solver` says so: where deviations are too
    /// large or too small for 32-bit squares (above 1e15 or below 1e-12), and where the columns that a kept component is made of have
    /// more than 32 · √(n / 384) times its variance, such as when more components are asked for than the rows have directions, or when
    /// one direction outweighs a wanted one by far.
    case covariance
    /// The covariance's eigenvectors: two passes (mean, then covariance), all in 64 bits.
    case covariance64
    /// The centred rows themselves are factored (`dgesdd`), in 64 bits and in memory: one and a half times the figures of a
    /// covariance for directions of small variance. O(n · d · min(n, d)).
    case svd
    /// The range of a random matrix under the covariance (Halko, Martinsson, Tropp 2011, algorithms 4.4 and 5.1), in 64 bits: approximate.
    ///
    /// It looks for `oversampling` directions more than are wanted and reads the rows `powerIterations` + 3 times; without a
    /// number that is 4, or 7 where fewer than a tenth of the components are wanted. O(n · d · (wanted + oversampling)) a pass: worth
    /// it only where columns number many times the components. With a share of variance it starts with 32 components and
    /// doubles them until they hold it; the whole variance is known exactly.
    case randomized(seed: Seed, oversampling: Int = 10, powerIterations: Int? = nil)

    /// What `auto` stands for with rows of this shape; every other solver is itself.
    public func settled(rows: Int, columns: Int) -> Solver {
      guard case .auto = self else { return self }
      if rows < columns { return .svd }
      return rows * columns <= (1 << 29) / columns ? .covariance64 : .covariance
    }

    /// Whether rows are projected by 32-bit products.
    var isFast: Bool {
      switch self {
      case .covariance, .randomized: true
      case .auto, .covariance64, .svd: false
      }
    }
  }

  /// The most memory that `fit` takes at once, in bytes, besides what `rows` itself holds.
  ///
  /// With `covariance`, in numbers of 8 bytes: 5 · d² for the eigenvectors, d² / 2 for each of at most 16 stripes (at most 64 MiB of
  /// them together, or four), and for each thread 4 · 384 · d bytes of chunk, of the block read, and of the source's own copy. It doesn't
  /// depend on the number of rows; with `svd` it does.
  public func workingBytes(rows: Int, columns: Int, threads: Int) -> Int {
    let (n, d) = (max(rows, 1), max(columns, 1))
    let block = 3 * 4 * ColumnScatter.chunkRows * d
    let eigen = 8 * 5 * d * d
    let stripes = RowStripes(rows: n, columns: d).count
    switch solver.settled(rows: n, columns: d) {
    case .auto, .covariance:
      return max(eigen, 16 * d * d) + (stripes + threads) * ColumnScatter.bytes(columns: d) + threads * block
    case .covariance64: return eigen + 8 * d * d * (stripes + 1) + threads * 2 * block
    case .svd: return 8 * (3 * n * d + 5 * min(n, d) * max(n, d) + 4 * min(n, d) * min(n, d)) + block
    case .randomized(_, let oversampling, _):
      let wanted =
        switch nComponents {
        case .count(let count), .atMost(let count): min(count, d)
        case .variance: d
        }
      let width = min(wanted + oversampling, d)
      return 8 * width * d * (stripes + 6) + threads * (2 * block + 8 * RowStripes.blockRows * width)
    }
  }
}
