public import Tensors

/// Another source's rows, each divided by its length as it is lent: the cosine geometry that embeddings are made for.
/// Rows of length zero stay zero. Nothing is copied but the block in hand.
public struct L2NormalizedRows: RowSource {
  private let base: any RowSource

  public init(_ base: any RowSource) { self.base = base }

  public var rows: Int { base.rows }
  public var columns: Int { base.columns }

  public func withRows<R>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
    let columns = columns
    var block = try base.withRows(range) { Array($0) }
    block.withUnsafeMutableBufferPointer { block in
      for row in 0..<range.count {
        var square = 0.0
        for c in 0..<columns { square += Double(block[row * columns + c]) * Double(block[row * columns + c]) }
        if square == 0 { continue }
        let length = square.squareRoot()
        for c in 0..<columns { block[row * columns + c] = Float(Double(block[row * columns + c]) / length) }
      }
    }
    return try block.withUnsafeBufferPointer(body)
  }
}
