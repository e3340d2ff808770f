public import Tensors

/// Rows with the scale and the elongation of given rows, and no groups: what a measure is compared with.
///
/// All but `permutedFeatures` stand in the coordinates of the given rows' principal axes, about their mean: a rotation, which
/// changes no distance.
public struct StructurelessRows: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Uniform in the box of the rows along their principal axes (Tibshirani, Walther & Hastie 2001, reference b).
    case uniformBox
    /// One Gaussian of the rows' covariance (as in SigClust, Liu et al. 2008).
    case gaussian
    /// Every column shuffled by itself: the columns' distributions without what ties them together.
    case permutedFeatures
  }

  private let points: Matrix
  /// Of the rows along each principal axis, largest spread first.
  private let deviations: [Double]
  private let ranges: [ClosedRange<Double>]

  /// - Precondition: at least one row, all finite.
  /// - Throws: `LinearAlgebraError`. - Complexity: O(n · d² + d³).
  public init(like points: Matrix) throws {
    precondition(points.rows > 0, "no rows to be like")
    let (n, d) = (points.rows, points.columns)
    self.points = points
    var centred = [Double](repeating: 0, count: n * d)
    for c in 0..<d {
      var mean = 0.0
      for row in 0..<n { mean += Double(points[row, c]) }
      mean /= Double(n)
      for row in 0..<n { centred[row * d + c] = Double(points[row, c]) - mean }
    }
    if d == 0 {
      (deviations, ranges) = ([], [])
      return
    }
    var covariance = [Double](repeating: 0, count: d * d)
    BLAS.multiply(centred, transposeA: true, centred, into: &covariance, m: d, n: d, k: n, alpha: 1 / Double(n))
    let eigen = try LinearAlgebra.symmetricEigen(covariance, order: d)
    var scores = [Double](repeating: 0, count: n * d)
    BLAS.multiply(centred, eigen.vectors, transposeB: true, into: &scores, m: n, n: d, k: d)
    deviations = eigen.values.reversed().map { max($0, 0).squareRoot() }
    ranges = (0..<d).reversed().map { axis in
      var (low, high) = (Double.infinity, -Double.infinity)
      for row in 0..<n {
        low = min(low, scores[row * d + axis])
        high = max(high, scores[row * d + axis])
      }
      return low...high
    }
  }

  /// `count` rows drawn by `seed`. - Precondition: for `permutedFeatures`, no more rows than there are.
  /// - Complexity: O(count · d).
  public func draw(_ kind: Kind, count: Int, seed: Seed) -> Matrix {
    let d = points.columns
    var generator = seed.generator()
    var storage = [Float](repeating: 0, count: count * d)
    switch kind {
    case .uniformBox:
      for row in 0..<count { for c in 0..<d { storage[row * d + c] = Float(generator.uniform(ranges[c])) } }
    case .gaussian:
      for row in 0..<count { for c in 0..<d { storage[row * d + c] = Float(deviations[c] * generator.normal()) } }
    case .permutedFeatures:
      precondition(count <= points.rows, "\(count) of \(points.rows) rows")
      for c in 0..<d {
        var column = (0..<points.rows).map { points[$0, c] }
        generator.shuffle(&column)
        for row in 0..<count { storage[row * d + c] = column[row] }
      }
    }
    return Matrix(rows: count, columns: d, storage: storage)
  }
}
