/// The bytes of one clip in memory, shared by the decoders that go through it: they may be a gigabyte, and are there once.
final class BitStream {
  let bytes: UnsafeRawBufferPointer

  /// - Parameters:
  ///   - count: bytes there are.
  ///   - fill: writes all of them.
  init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
    fill(UnsafeMutableRawBufferPointer(rebasing: memory.prefix(count)))
    bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory).prefix(count))
  }

  convenience init(_ bytes: [UInt8]) {
    self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
  }

  deinit { bytes.deallocate() }
}
