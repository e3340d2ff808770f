import Kernels

/// The right side of 32-bit products with many left sides, laid out once in the order in which products read it.
///
/// A row of a product is summed in one order whatever rows are with it, so bytes don't depend on how rows are shared out.
public struct PackedFactor: Sendable {
  /// The length of the summed axis.
  public let depth: Int
  public let columns: Int
  private let words: [UInt32]

  /// For x · Wᵀ: `rows` holds W [columns, depth].
  public init(transposing rows: [Float], columns: Int, depth: Int) {
    precondition(rows.count == columns * depth, "\(rows.count) numbers for \(columns) × \(depth)")
    (self.depth, self.columns) = (depth, columns)
    var words = [UInt32](repeating: 0, count: product_right_words(depth, columns, f32))
    product_pack_transposed(&words, f32, rows, f32, depth, depth, columns)
    self.words = words
  }

  /// For x · W: `rows` holds W [depth, columns].
  public init(_ rows: [Float], depth: Int, columns: Int) {
    precondition(rows.count == columns * depth, "\(rows.count) numbers for \(depth) × \(columns)")
    (self.depth, self.columns) = (depth, columns)
    var words = [UInt32](repeating: 0, count: product_right_words(depth, columns, f32))
    product_pack(&words, f32, rows, f32, columns, depth, columns)
    self.words = words
  }

  /// result = left · factor, or result + left · factor where `adding`; left is [rows, depth], and the result's rows lie `stride` numbers apart.
  public func multiply(
    _ left: UnsafePointer<Float>, rows: Int, into result: UnsafeMutablePointer<Float>, stride: Int? = nil,
    adding: Bool = false
  ) {
    if rows == 0 || columns == 0 { return }
    words.withUnsafeBufferPointer { words in
      var sides = product_sides()
      sides.left = UnsafeRawPointer(left)
      sides.stride = depth
      sides.right = words.baseAddress
      sides.type = f32
      (sides.rows, sides.columns, sides.depth) = (rows, columns, depth)
      var edge = product_edge()
      edge.kind = adding ? edge_add : edge_sums
      edge.out = UnsafeMutableRawPointer(result)
      edge.stride = stride ?? columns
      edge.type = f32
      edge.base = adding ? UnsafePointer(result) : nil
      edge.baseStride = edge.stride
      product(&sides, &edge)
    }
  }
}

private let f32 = Int32(number_f32)
