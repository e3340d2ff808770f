import Reduction
import Tensors
import Testing

struct L2NormalizedRowsTests {
  @Test func normalizedRowsHaveLengthOne() throws {
    let rows = L2NormalizedRows(Matrix(rowsOf: [[3, 4], [0, 0], [0, -2]]))
    #expect(try rows.loaded() == Matrix(rowsOf: [[0.6, 0.8], [0, 0], [0, -1]]))
    #expect(try rows.withRows(2..<3) { Array($0) } == [0, -1])
  }

  /// Against the plain loop in 64 bits: the last bit of f32 may differ where rounding was a close call.
  @Test func everyWidthIsThePlainLoop() throws {
    var generator = Seed(1).generator()
    for columns in 1...40 {
      let x = Matrix(rows: 5, columns: columns, storage: (0..<5 * columns).map { _ in Float(generator.normal()) })
      let found = try L2NormalizedRows(x).loaded()
      for row in 0..<5 {
        let length = x.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        for c in 0..<columns {
          let expected = Double(x[row, c]) / length
          #expect(abs(Double(found[row, c]) - expected) <= Double(found[row, c].ulp) * 0.5001)
        }
      }
    }
  }
}
