/// Numbers of a file in either byte order.
enum StoredNumbers {
  /// Turns numbers of `width` bytes into the other byte order, in place.
  static func reverseBytes(_ bytes: UnsafeMutableRawBufferPointer, width: Int) {
    guard width > 1 else { return }
    switch width {
    case 2: swap(bytes, UInt16.self)
    case 4: swap(bytes, UInt32.self)
    default: swap(bytes, UInt64.self)
    }
  }

  private static func swap<Number: FixedWidthInteger>(_ bytes: UnsafeMutableRawBufferPointer, _: Number.Type) {
    for i in 0..<bytes.count / MemoryLayout<Number>.size {
      let offset = i * MemoryLayout<Number>.size
      bytes.storeBytes(
        of: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self).byteSwapped, toByteOffset: offset,
        as: Number.self)
    }
  }
}

extension ByteSource {
  /// `count` numbers from place `first` (in bytes), in this machine's order.
  func numbers(
    at first: Int, count: Int, width: Int, bigEndian: Bool
  ) throws(DecodeFailure) -> [UInt8] {
    var failure: DecodeFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count * width) { target, used in
      let raw = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[..<(count * width)])
      do throws(DecodeFailure) {
        try read(at: first, into: raw)
        if bigEndian { StoredNumbers.reverseBytes(raw, width: width) }
        used = count * width
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The numbers that tell a window, of `count` that begin at `first` (in bytes).
  func sample(
    at first: Int, count: Int, type: StoredPixels.SampleType, bigEndian: Bool
  ) throws(DecodeFailure) -> [Double] {
    var values: [Double] = []
    for run in VolumeSampling.runs(count) {
      let bytes = try numbers(
        at: first + run.lowerBound * type.width, count: run.count, width: type.width, bigEndian: bigEndian)
      let part = StoredPixels(bytes: bytes, columns: run.count, rows: 1, samples: 1, type: type)
      for i in 0..<run.count { values.append(part[i]) }
    }
    return values
  }
}
