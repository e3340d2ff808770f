/// Floats of fixed number at a fixed place, zero at first: scratch that threads share by agreement, freed with the object.
package final class FloatBuffer: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Float>
  package let count: Int

  package init(_ count: Int) {
    self.count = count
    pointer = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { pointer.deallocate() }

  package func clear() { pointer.update(repeating: 0, count: count) }

  package var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
