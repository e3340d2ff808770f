import Kernels
import Tensors

/// Random numbers as an operand of a product keeps them, and what they are in f32 after the rounding.
final class Operand {
  let pointer: UnsafeMutableRawPointer
  let count: Int
  let type: Int32
  private(set) var values: [Float]

  init(_ count: Int, _ type: Int32, _ generator: inout RandomGenerator) {
    self.count = count
    self.type = type
    pointer = UnsafeMutableRawPointer.allocate(byteCount: 4 * count + 64, alignment: 64)
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: 4 * count + 64)
    values = (0..<count).map { _ in Float(generator.normal()) }
    convert(pointer, type, values, count)
    values = read(as: type)
  }

  deinit { pointer.deallocate() }

  func read(as type: Int32) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    widen(&result, pointer, type, count)
    return result
  }

  func read(as type: Int32, at index: Int) -> Float {
    var result: Float = 0
    widen(&result, pointer + index * (type == Int32(number_bf16) ? 2 : 4), type, 1)
    return result
  }

  func copy(_ other: Operand) { pointer.copyMemory(from: other.pointer, byteCount: 4 * count) }
}
