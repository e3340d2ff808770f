import Reduction
import Tensors
import Testing

struct L2NormalizedRowsTests {
  @Test func normalizedRowsHaveLengthOne() throws {
    let rows = L2NormalizedRows(Matrix(rowsOf: [[3, 4], [0, 0], [0, -2]]))
    #expect(try rows.loaded() == Matrix(rowsOf: [[0.6, 0.8], [0, 0], [0, -1]]))
    #expect(try rows.withRows(2..<3) { Array($0) } == [0, -1])
  }
}
