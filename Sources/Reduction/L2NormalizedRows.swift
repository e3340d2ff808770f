public import Tensors

/// Another source's rows, each divided by its length as it is lent: the cosine geometry that embeddings are made for.
/// Rows of length zero stay zero. Nothing is copied but the block in hand. Lengths and quotients are made in 64 bits and rounded
/// once: equal bytes on every machine.
public struct L2NormalizedRows: RowSource {
  private let base: any RowSource

  public init(_ base: any RowSource) { self.base = base }

  public var rows: Int { base.rows }
  public var columns: Int { base.columns }

  public func withRows<R>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
    let (rows, columns) = (range.count, columns)
    let block = try base.withRows(range) { block in
      [Float](unsafeUninitializedCapacity: block.count) { target, count in
        if let source = block.baseAddress, let start = target.baseAddress {
          RowLengths.divide(source, rows: rows, columns: columns, into: start)
        }
        count = block.count
      }
    }
    return try block.withUnsafeBufferPointer(body)
  }
}
