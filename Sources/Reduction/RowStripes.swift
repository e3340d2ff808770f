import Tensors

/// How rows are shared out for sums: in stripes whose number and size depend on the shape alone, added up in order.
struct RowStripes {
  static let blockRows = ColumnScatter.chunkRows
  private static let largestPartialSums = 64 << 20

  private let ranges: [Range<Int>]

  var count: Int { ranges.count }

  subscript(stripe: Int) -> Range<Int> { ranges[stripe] }

  /// At most sixteen stripes, fewer where their sums are large or their rows few; whole blocks but for the last.
  init(rows: Int, columns: Int) {
    let most = max(4, min(16, Self.largestPartialSums / max(4 * columns * columns, 1)))
    let fewest = max((rows + most - 1) / most, 4 * columns, 1)
    let size = (fewest + Self.blockRows - 1) / Self.blockRows * Self.blockRows
    ranges = stride(from: 0, to: rows, by: size).map { $0..<min($0 + size, rows) }
  }

  /// Visits a stripe's blocks in order.
  func forEachBlock(
    of stripe: Int, in rows: any RowSource, _ body: (Range<Int>, UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    for start in stride(from: ranges[stripe].lowerBound, to: ranges[stripe].upperBound, by: Self.blockRows) {
      let range = start..<min(start + Self.blockRows, ranges[stripe].upperBound)
      try rows.withRows(range) { try body(range, $0) }
    }
  }
}

/// The lowest row of a block that holds a number that is not finite, or nil.
func rowThatIsNotFinite(in block: UnsafeBufferPointer<Float>, _ range: Range<Int>) -> Int? {
  block.firstIndex { !$0.isFinite }.map { range.lowerBound + $0 / (block.count / range.count) }
}
