import Tensors
import TestSupport
import Testing

struct LinearAlgebraTests {
  private static let tolerance = 1e-12

  private func random(_ count: Int, _ seed: Int) -> [Double] {
    var generator = Seed(5).split(seed).generator()
    return (0..<count).map { _ in generator.normal() }
  }

  private func product(_ a: [Double], _ b: [Double], _ m: Int, _ n: Int, _ k: Int) -> [Double] {
    var c = [Double](repeating: 0, count: m * n)
    for i in 0..<m { for j in 0..<n { for l in 0..<k { c[i * n + j] += a[i * k + l] * b[l * n + j] } } }
    return c
  }

  private func transposed(_ a: [Double], _ rows: Int, _ columns: Int) -> [Double] {
    (0..<columns).flatMap { c in (0..<rows).map { a[$0 * columns + c] } }
  }

  @Test func eigenvectorsRebuildTheMatrix() throws {
    try withEvery("order", in: 0...20) { n in
      let a = random(n * n, n)
      let symmetric = zip(a, transposed(a, n, n)).map { $0 + $1 }
      let eigen = try LinearAlgebra.symmetricEigen(symmetric, order: n)
      #expect(eigen.values == eigen.values.sorted())
      let scaled = (0..<n * n).map { eigen.vectors[$0] * eigen.values[$0 / max(n, 1)] }
      let rebuilt = product(transposed(eigen.vectors, n, n), scaled, n, n, n)
      #expect(normalizedError(rebuilt, symmetric) < Self.tolerance, "order \(n)")
      let narrow = try LinearAlgebra.symmetricEigen(symmetric.map { Float($0) }, order: n)
      #expect(normalizedError(narrow.values, eigen.values.map { Float($0) }) < 1e-5, "order \(n), 32 bits")
    }
  }

  /// The largest alone are those of the whole, and the choice is made on all values.
  @Test func theLargestEigenvectorsAreThoseOfTheWhole() throws {
    try withEvery("order", in: 0...12) { n in
      let a = random(n * n, n)
      let symmetric = zip(a, transposed(a, n, n)).map { $0 + $1 }
      let whole = try LinearAlgebra.symmetricEigen(symmetric, order: n)
      try withEvery("wanted", in: 0...n) { wanted in
        var seen: [Double] = []
        let eigen = try LinearAlgebra.symmetricEigen(symmetric, order: n) { values in
          seen = values
          return wanted
        }
        #expect(normalizedError(eigen.values, whole.values) < Self.tolerance)
        #expect(seen == eigen.values || n == 0)
        #expect(eigen.vectors.count == wanted * n)
        for i in 0..<wanted {
          let (found, expected) = (
            eigen.vectors[i * n..<(i + 1) * n], whole.vectors[(n - wanted + i) * n..<(n - wanted + i + 1) * n]
          )
          let along = zip(found, expected).reduce(0) { $0 + $1.0 * $1.1 }
          #expect(abs(abs(along) - 1) < Self.tolerance, "order \(n), \(i) of \(wanted)")
        }
      }
    }
  }

  @Test func orthonormalRowsSpanTheSame() throws {
    try withEvery("columns", in: 1...9) { columns in
      try withEvery("rows", in: 0...columns) { rows in
        let a = random(rows * columns, rows * 10 + columns)
        let basis = try LinearAlgebra.orthonormalRows(a, rows: rows, columns: columns)
        let gram = product(basis, transposed(basis, rows, columns), rows, rows, columns)
        #expect(normalizedError(gram, (0..<rows * rows).map { $0 / rows == $0 % rows ? 1 : 0 }) < Self.tolerance)
        let coordinates = product(a, transposed(basis, rows, columns), rows, rows, columns)
        #expect(normalizedError(product(coordinates, basis, rows, columns, rows), a) < Self.tolerance)
      }
    }
  }

  @Test func eigenvaluesOfATwoByTwo() throws {
    let eigen = try LinearAlgebra.symmetricEigen([2.0, 1, 1, 2], order: 2)
    #expect(normalizedError(eigen.values, [1, 3]) < 1e-15)
  }

  @Test func singularVectorsRebuildTheMatrix() throws {
    try withEvery("rows", in: 0...9) { rows in
      try withEvery("columns", in: 0...9) { columns in
        let a = random(rows * columns, rows * 10 + columns)
        let svd = try LinearAlgebra.svd(a, rows: rows, columns: columns)
        let rank = min(rows, columns)
        #expect(svd.values.count == rank && svd.values == svd.values.sorted(by: >))
        let scaled = (0..<rank * columns).map { svd.vt[$0] * svd.values[$0 / columns] }
        #expect(
          normalizedError(product(svd.u, scaled, rows, columns, rank), a) < Self.tolerance, "\(rows) × \(columns)")
        let gram = product(svd.vt, transposed(svd.vt, rank, columns), rank, rank, columns)
        #expect(normalizedError(gram, (0..<rank * rank).map { $0 / rank == $0 % rank ? 1 : 0 }) < Self.tolerance)
      }
    }
  }

  @Test func whatIsNotFiniteIsRefused() {
    #expect(throws: LinearAlgebraError.self) { try LinearAlgebra.symmetricEigen([1, Double.nan, .nan, 1], order: 2) }
    #expect(throws: LinearAlgebraError.self) {
      try LinearAlgebra.symmetricEigen([1, Double.nan, .nan, 1], order: 2) { $0.count }
    }
    #expect(throws: LinearAlgebraError.self) { try LinearAlgebra.orthonormalRows([1, .nan], rows: 1, columns: 2) }
    #expect(throws: LinearAlgebraError.self) { try LinearAlgebra.svd([1, .nan], rows: 1, columns: 2) }
  }

  @Test func productsMatchTheTripleLoop() {
    withEvery("transposed", in: [(false, false), (true, false), (false, true), (true, true)]) { flags in
      let (m, n, k) = (5, 7, 3)
      let (a, b) = (random(m * k, 1), random(k * n, 2))
      var c = random(m * n, 3)
      let expected = zip(c, product(a, b, m, n, k)).map { 0.5 * $0 + 2 * $1 }
      BLAS.multiply(
        flags.0 ? transposed(a, m, k) : a, transposeA: flags.0, flags.1 ? transposed(b, k, n) : b, transposeB: flags.1,
        into: &c, m: m, n: n, k: k, alpha: 2, beta: 0.5)
      #expect(normalizedError(c, expected) < Self.tolerance)
    }
    let a = random(6 * 4, 4)
    var gram = [Double](repeating: 1, count: 16)
    BLAS.addGram(of: a, rows: 6, columns: 4, to: &gram)
    let full = product(transposed(a, 6, 4), a, 4, 4, 6)
    for i in 0..<4 { for j in i..<4 { #expect(abs(gram[i * 4 + j] - full[i * 4 + j] - 1) < Self.tolerance) } }
  }
}
