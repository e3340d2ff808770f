public import Tensors

/// By how much k groups lower the scatter below what k groups do on rows without groups (Tibshirani, Walther & Hastie 2001):
/// Gap(k) = mean of ln W*ₖ − ln Wₖ, W the sum of squared distances to the means, over the number of rows.
public struct GapStatistic: Sendable, Equatable {
  /// Gap(k) for k = 1, 2, ….
  public let gaps: [Double]
  /// sₖ = (population deviation of ln W*ₖ over the references) · √(1 + 1 / references).
  public let errors: [Double]

  /// The paper's choice: the least k with Gap(k) ≥ Gap(k + 1) − sₖ₊₁; the last k where there is none.
  public var firstSufficient: Int {
    for k in gaps.indices.dropLast() where gaps[k] >= gaps[k + 1] - errors[k + 1] { return k + 1 }
    return gaps.count
  }

  /// The k of the largest gap, the least of equals.
  public var largest: Int {
    var best = 0
    for k in gaps.indices where gaps[k] > gaps[best] { best = k }
    return best + 1
  }

  /// - Parameters:
  ///   - scatter: Wₖ over the number of rows for k = 1, 2, …; positive but where the rows have only k values.
  ///   - references: the same of each set without groups, at least as many values.
  /// - Precondition: at least one value and one reference.
  public init(scatter: [Double], references: [[Double]]) {
    precondition(!scatter.isEmpty && !references.isEmpty, "no scatter, or no references")
    precondition(references.allSatisfy { $0.count >= scatter.count }, "references of fewer groups")
    // As many groups as distinct rows leave no scatter: a large gap, but a finite one.
    let floor = max(scatter[0] * 1e-9, .leastNormalMagnitude)
    let count = Double(references.count)
    var (gaps, errors) = ([Double](), [Double]())
    for k in scatter.indices {
      let logs = references.map { logarithm(max($0[k], floor)) }
      let mean = logs.reduce(0, +) / count
      let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      gaps.append(mean - logarithm(max(scatter[k], floor)))
      errors.append((variance * (1 + 1 / count)).squareRoot())
    }
    (self.gaps, self.errors) = (gaps, errors)
  }

  /// Fits k-means for k = 1…`kMax` to the rows and to `references` sets of the same size without groups.
  /// - Throws: `ClusteringError`, `LinearAlgebraError`. - Complexity: references · kMax k-means fits of two starts.
  public init(
    of points: Matrix, upTo kMax: Int, kind: StructurelessRows.Kind = .uniformBox, references: Int = 10, seed: Seed,
    workers: WorkerPool
  ) throws {
    precondition(kMax >= 1 && references >= 1, "\(kMax) groups, \(references) references")
    let own = try CandidateFits(of: points, upTo: kMax, seed: seed.split("rows"), workers: workers)
    let rows = try StructurelessRows(like: points)
    let scatters = try workers.map(jobs: references) { reference, _ in
      let seed = seed.split("references").split(reference)
      let drawn = rows.draw(kind, count: points.rows, seed: seed.split("rows"))
      return try CandidateFits(of: drawn, upTo: kMax, seed: seed, workers: WorkerPool(threads: 1)).scatter
    }
    self.init(scatter: own.scatter, references: scatters)
  }
}
