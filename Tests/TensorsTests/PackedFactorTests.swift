import Tensors
import TestSupport
import Testing

struct PackedFactorTests {
  @Test func isTheProductForEveryShape() {
    var generator = Seed(1).generator()
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.integer(below: 9) - 4) } }
    for (rows, depth, columns) in [(1, 1, 1), (3, 5, 2), (7, 40, 33), (13, 8, 50)] {
      let (a, b) = (numbers(rows * depth), numbers(depth * columns))
      var expected = [Float](repeating: 0, count: rows * columns)
      BLAS.multiply(a, b, into: &expected, m: rows, n: columns, k: depth)
      var turned = [Float](repeating: 0, count: depth * columns)
      for k in 0..<depth { for c in 0..<columns { turned[c * depth + k] = b[k * columns + c] } }
      for factor in [
        PackedFactor(b, depth: depth, columns: columns),
        PackedFactor(transposing: turned, columns: columns, depth: depth),
      ] {
        var found = [Float](repeating: 0, count: rows * columns)
        factor.multiply(a, rows: rows, into: &found)
        #expect(found == expected)
        factor.multiply(a, rows: rows, into: &found, adding: true)
        #expect(found == expected.map { 2 * $0 })
        // Rows further apart: what lies between is left alone.
        var apart = [Float](repeating: 7, count: rows * (columns + 3))
        factor.multiply(a, rows: rows, into: &apart, stride: columns + 3)
        for row in 0..<rows {
          for c in 0..<columns { #expect(apart[row * (columns + 3) + c] == expected[row * columns + c]) }
          for c in columns..<columns + 3 { #expect(apart[row * (columns + 3) + c] == 7) }
        }
      }
    }
  }

  /// x − mean is exact where the mean is a million times the deviation.
  @Test func centringCostsNoFigures() {
    let mean = [1e6 + 1.0 / 3, -0.1, 0]
    let x: [Float] = [1e6 + 0.5, 0.2, 3, 1e6, -0.1, -4]
    var found = [Float](repeating: 0, count: 6)
    CentredRows(mean: mean).centre(x, rows: 2, into: &found)
    for i in 0..<6 { #expect(abs(Double(found[i]) - (Double(x[i]) - mean[i % 3])) < 1e-7) }
  }

  @Test func lengths() {
    var generator = Seed(2).generator()
    for count in 0...50 {
      let x = (0..<count).map { _ in Float(generator.normal()) }
      let expected = x.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(RowLengths.squared(x, count: count) - expected) <= 1e-14 * expected)
    }
  }
}
