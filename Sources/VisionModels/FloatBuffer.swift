/// Floats of fixed number at a fixed place, zero at first: scratch that threads share by agreement, freed with the object.
package final class FloatBuffer: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Float>
  package let count: Int

  package var bytes: Int { buffer.bytes }
  private let buffer: OperandBuffer

  package init(_ count: Int) {
    self.count = count
    buffer = OperandBuffer(bytes: 4 * count)
    pointer = buffer.pointer.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  package func clear() { pointer.update(repeating: 0, count: count) }

  package var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
