package import Kernels

/// One product of `rows` rows of a left side, `stride` numbers apart, with a packed right side; see `product` in Kernels.
package func product(
  _ left: UnsafeMutableRawPointer, stride: Int, rows: Int, columns: Int, depth: Int, right: UnsafePointer<UInt32>,
  _ precision: Precision, _ edge: product_edge
) {
  var edge = edge
  var sides = product_sides(
    left: UnsafeRawPointer(left), stride: stride, right: right, type: precision.number, rows: rows, columns: columns,
    depth: depth)
  Kernels.product(&sides, &edge)
}

/// Room to pack both sides of a weight's gradient; used by one thread at a time.
package final class PackScratch: @unchecked Sendable {
  private let left: OperandBuffer
  private let right: OperandBuffer
  package var bytes: Int { left.bytes + right.bytes }

  /// For gradients of up to so many outputs and inputs, summed over up to so many rows.
  package init(rows: Int, outputs: Int, inputs: Int, _ precision: Precision) {
    left = OperandBuffer(bytes: 4 * product_left_words(rows, outputs, precision.number))
    right = OperandBuffer(bytes: 4 * product_right_words(rows, inputs, precision.number))
  }

  /// target [outputs, inputs] += dyᵀ x, summed over rows; dy and x are operands.
  package func addOuterProduct(
    _ dy: UnsafeMutableRawPointer, _ strideDY: Int, _ x: UnsafeMutableRawPointer, _ strideX: Int, rows: Int,
    outputs: Int, inputs: Int, _ precision: Precision, into target: UnsafeMutablePointer<Float>
  ) {
    let number = precision.number
    let rightWords = right.pointer.assumingMemoryBound(to: UInt32.self)
    product_pack_left(left.pointer.assumingMemoryBound(to: UInt32.self), number, dy, number, strideDY, rows, outputs)
    product_pack(rightWords, number, x, number, strideX, rows, inputs)
    product(
      left.pointer, stride: 0, rows: outputs, columns: inputs, depth: rows, right: rightWords, precision,
      .add(into: target, stride: inputs))
  }
}
