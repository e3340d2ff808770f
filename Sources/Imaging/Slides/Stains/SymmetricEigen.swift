/// Eigenvalues and eigenvectors of a symmetric 3 × 3 matrix by Jacobi's rotations.
struct SymmetricEigen {
  /// Falling.
  let values: [Double]
  /// `vectors[k]` belongs to `values[k]`: of length 1, its largest component positive.
  let vectors: [[Double]]

  /// - Precondition: `matrix` is 3 rows of 3 and symmetric. - Complexity: some 10 rotations.
  init(_ matrix: [[Double]]) {
    precondition(matrix.count == 3 && matrix.allSatisfy { $0.count == 3 }, "\(matrix.count) rows")
    var a = matrix
    var v: [[Double]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    for _ in 0..<64 {
      let off = abs(a[0][1]) + abs(a[0][2]) + abs(a[1][2])
      let diagonal = abs(a[0][0]) + abs(a[1][1]) + abs(a[2][2])
      if !(off > 1e-18 * diagonal) { break }
      for (p, q) in [(0, 1), (0, 2), (1, 2)] where a[p][q] != 0 {
        let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<3 {
          let (x, y): (Double, Double) = (a[k][p], a[k][q])
          a[k][p] = c * x - s * y
          a[k][q] = s * x + c * y
        }
        for k in 0..<3 {
          let (x, y): (Double, Double) = (a[p][k], a[q][k])
          a[p][k] = c * x - s * y
          a[q][k] = s * x + c * y
        }
        for k in 0..<3 {
          let (x, y): (Double, Double) = (v[k][p], v[k][q])
          v[k][p] = c * x - s * y
          v[k][q] = s * x + c * y
        }
      }
    }
    let found = [a[0][0], a[1][1], a[2][2]]
    let order = [0, 1, 2].sorted { (i: Int, j: Int) -> Bool in found[i] == found[j] ? i < j : found[i] > found[j] }
    values = order.map { found[$0] }
    vectors = order.map { (column: Int) -> [Double] in
      let vector = [v[0][column], v[1][column], v[2][column]]
      let largest = vector.max { abs($0) < abs($1) } ?? 0
      return largest < 0 ? vector.map { -$0 } : vector
    }
  }
}
