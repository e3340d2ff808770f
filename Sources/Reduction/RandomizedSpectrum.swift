import Tensors

/// The largest part of a spectrum from the range of a random matrix under the covariance, in passes over the rows.
///
/// Halko, Martinsson, Tropp 2011, *Finding structure with randomness*, algorithm 4.4 (randomised subspace iteration) applied to the
/// rows' scatter matrix S, which is never formed: Q ← orth(S · Q), and in the end the eigenvectors of Qᵀ · S · Q (Rayleigh and
/// Ritz). Rows of `basis` are what the paper has as columns of Q.
struct RandomizedSpectrum {
  let rows: any RowSource
  let workers: WorkerPool
  let seed: Seed
  let oversampling: Int
  let powerIterations: Int?

  /// - Parameters:
  ///   - first: how many components to look for at first.
  ///   - kept: how many of the variances found to keep; nil where more are needed.
  func spectrum(
    first: Int, _ kept: (_ variances: [Double], _ total: Double) -> Int?
  ) throws -> PCASpectrum {
    precondition(oversampling >= 0 && powerIterations ?? 0 >= 0, "oversampling \(oversampling)")
    let moments = RowMoments(rows: rows, workers: workers)
    let mean = try moments.mean()
    let total = try totalVariance(moments, mean)
    let rank = min(rows.rows, rows.columns)
    var wanted = first
    while true {
      let found = try largest(wanted, moments, mean)
      let variances = Array(found.values[..<wanted])
      let count = kept(variances, total) ?? (wanted == rank ? rank : nil)
      if let count {
        return PCASpectrum(
          mean: mean, variances: Array(variances[..<count]), totalVariance: total,
          components: Array(found.vectors[..<(count * mean.count)]))
      }
      wanted = min(2 * wanted, rank)
    }
  }

  private func totalVariance(_ moments: RowMoments, _ mean: [Double]) throws -> Double {
    let d = mean.count
    return try moments.totalOverBlocks(of: mean, count: 1) { centred, rows, sum in
      var square = 0.0
      for value in centred[..<(rows * d)] { square += value * value }
      sum[0] += square
    }[0] / Double(rows.rows - 1)
  }

  /// Variances, largest first, and directions as rows: `wanted` of them or more.
  private func largest(
    _ wanted: Int, _ moments: RowMoments, _ mean: [Double]
  ) throws -> (values: [Double], vectors: [Double]) {
    let d = mean.count
    let width = min(wanted + oversampling, d)
    var generator = seed.split("randomized pca").generator()
    var basis = try LinearAlgebra.orthonormalRows(
      (0..<width * d).map { _ in generator.normal() }, rows: width, columns: d)
    let rank = min(rows.rows, rows.columns)
    let iterations = powerIterations ?? (10 * wanted < rank ? 7 : 4)
    for _ in 0..<iterations {
      basis = try LinearAlgebra.orthonormalRows(try scattered(basis, width, moments, mean), rows: width, columns: d)
    }
    let image = try scattered(basis, width, moments, mean)
    var small = [Double](repeating: 0, count: width * width)
    BLAS.multiply(basis, image, transposeB: true, into: &small, m: width, n: width, k: d)
    for i in 0..<width {
      for j in 0..<i {
        let both = (small[i * width + j] + small[j * width + i]) / 2
        (small[i * width + j], small[j * width + i]) = (both, both)
      }
    }
    let eigen = try LinearAlgebra.symmetricEigen(small, order: width)
    var turned = [Double](repeating: 0, count: width * d)
    BLAS.multiply(eigen.vectors, basis, into: &turned, m: width, n: d, k: width)
    let scale = 1 / Double(rows.rows - 1)
    let vectors = (0..<width).reversed().flatMap { turned[$0 * d..<($0 + 1) * d] }
    return (eigen.values.reversed().map { max($0 * scale, 0) }, vectors)
  }

  /// The scatter matrix times each row of `basis`: one pass.
  private func scattered(
    _ basis: [Double], _ width: Int, _ moments: RowMoments, _ mean: [Double]
  ) throws -> [Double] {
    let d = mean.count
    return try moments.totalOverBlocks(of: mean, count: width * d) { centred, rows, sums in
      var coordinates = [Double](repeating: 0, count: rows * width)
      BLAS.multiply(centred, basis, transposeB: true, into: &coordinates, m: rows, n: width, k: d)
      BLAS.multiply(coordinates, transposeA: true, centred, into: &sums, m: width, n: d, k: rows, beta: 1)
    }
  }
}
