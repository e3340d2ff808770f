/// A place in bytes that can't run past their end: what every number and text of a PyTorch file is read by.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  /// For errors only.
  let path: String
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = bytes
    self.path = path
  }

  var remaining: Int { bytes.count - offset }

  func failure(_ fault: String) -> TorchError { TorchError(path: path, problem: .pickle(offset: offset, fault)) }

  mutating func byte() throws -> UInt8 {
    guard remaining > 0 else { throw failure("it ends too early") }
    offset += 1
    return bytes[offset - 1]
  }

  /// A little-endian number.
  mutating func integer<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type) throws -> Word {
    guard remaining >= MemoryLayout<Word>.size else { throw failure("it ends too early") }
    defer { offset += MemoryLayout<Word>.size }
    return Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Word.self))
  }

  /// The next `count` bytes, in place.
  mutating func take(_ count: some BinaryInteger) throws -> Slice<UnsafeRawBufferPointer> {
    guard let count = Int(exactly: count), count >= 0, count <= remaining else {
      throw failure("\(count) bytes promised, \(remaining) left")
    }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  /// Text up to a line feed, which is passed over.
  mutating func line() throws -> String {
    guard let end = bytes[offset...].firstIndex(of: 0x0a) else { throw failure("a line that doesn't end") }
    defer { offset = end + 1 }
    return text(bytes[offset..<end])
  }

  /// UTF-8, or, where it is none (strings of Python 2), one character a byte.
  func text(_ slice: Slice<UnsafeRawBufferPointer>) -> String {
    String(validating: slice, as: UTF8.self) ?? String(String.UnicodeScalarView(slice.map { Unicode.Scalar($0) }))
  }
}
