import Tensors
import Testing

struct ColumnScatterTests {
  /// Mean and scatter in 64 bits, by definition.
  private func naive(_ x: Matrix) -> (mean: [Double], scatter: [Double]) {
    let d = x.columns
    let mean = (0..<d).map { c in (0..<x.rows).reduce(0.0) { $0 + Double(x[$1, c]) } / Double(x.rows) }
    var scatter = [Double](repeating: 0, count: d * d)
    for row in 0..<x.rows {
      for i in 0..<d {
        for j in 0..<d { scatter[i * d + j] += (Double(x[row, i]) - mean[i]) * (Double(x[row, j]) - mean[j]) }
      }
    }
    return (mean, scatter)
  }

  /// Entries within `tolerance` of √(scatter i · scatter j).
  private func check(_ x: Matrix, parts: Int, _ tolerance: Double, _ note: String) {
    var sums: [ColumnScatter] = []
    for part in 0..<parts {
      var sum = ColumnScatter(columns: x.columns)
      let range = x.rows * part / parts..<x.rows * (part + 1) / parts
      let isFinite = x.withUnsafeBufferPointer {
        sum.add(UnsafeBufferPointer(rebasing: $0[range.lowerBound * x.columns..<range.upperBound * x.columns]))
      }
      #expect(isFinite)
      sums.append(sum)
    }
    let (rows, mean, scatter) = ColumnScatter.total(sums)
    let expected = naive(x)
    let d = x.columns
    #expect(rows == x.rows)
    for i in 0..<d {
      let deviation = (expected.scatter[i * d + i] / Double(x.rows)).squareRoot()
      #expect(abs(mean[i] - expected.mean[i]) <= 1e-6 * deviation + 1e-14 * abs(expected.mean[i]), "\(note)")
      for j in 0..<d {
        let root = (expected.scatter[i * d + i] * expected.scatter[j * d + j]).squareRoot()
        #expect(abs(scatter[i * d + j] - expected.scatter[i * d + j]) <= tolerance * root, "\(note)")
        #expect(scatter[i * d + j] == scatter[j * d + i])
      }
    }
  }

  @Test func isTheDefinitionForEveryShape() {
    var generator = Seed(1).generator()
    for (rows, columns) in [(1, 5), (2, 1), (3, 7), (383, 16), (384, 17), (385, 15), (1000, 33), (800, 65)] {
      let x = Matrix(
        rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(generator.normal() + 1) })
      for parts in 1...3 where parts <= rows { check(x, parts: parts, 1e-6, "\(rows) × \(columns) in \(parts)") }
    }
  }

  /// Many chunks, so that their means are folded in more than once; far from zero, and drifting.
  @Test func farFromZeroAndDrifting() {
    var generator = Seed(2).generator()
    let (rows, columns) = (384 * 66 + 5, 3)
    var x = Matrix(rows: rows, columns: columns)
    for row in 0..<rows {
      x[row, 0] = Float(1e6 + generator.normal())
      x[row, 1] = Float(Double(row) * 10 + generator.normal())
      x[row, 2] = row < 3 ? -5e7 : 1e-3 * Float(generator.normal())
    }
    // The third column, nearly all of it one number, makes the most of rounding: the bound that holds whatever the data.
    let bound = 388 * 0x1p-24
    check(x, parts: 1, bound, "one part")
    check(x, parts: 4, bound, "four parts")
  }

  @Test func constantColumnsScatterNothing() {
    var x = Matrix(rows: 1000, columns: 4, repeating: 0.1)
    for row in 0..<1000 { x[row, 2] = Float(row % 7) }
    var sum = ColumnScatter(columns: 4)
    let isFinite = x.withUnsafeBufferPointer { sum.add($0) }
    #expect(isFinite)
    let (_, mean, scatter) = ColumnScatter.total([sum])
    #expect(mean[0] == Double(Float(0.1)))
    for i in 0..<4 { for j in 0..<4 where i != 2 || j != 2 { #expect(scatter[i * 4 + j] == 0) } }
  }

  @Test func numbersThatAreNotFiniteAreNoticed() {
    for bad in [Float.nan, .infinity, -.infinity] {
      for row in [0, 1, 399] {
        var x = Matrix(rows: 400, columns: 3, repeating: 1)
        x[row, 1] = bad
        var sum = ColumnScatter(columns: 3)
        let isFinite = x.withUnsafeBufferPointer { sum.add($0) }
        #expect(!isFinite)
      }
    }
  }
}
