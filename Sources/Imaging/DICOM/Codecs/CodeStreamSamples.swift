import Records

/// What a codec hands out: samples in the smallest of 8, 16 or 32 bits that hold its precision, those of a pixel together.
struct CodeStreamSamples {
  var bytes: [UInt8]
  var columns: Int
  var rows: Int
  var precision: Int
  /// Whether the code stream says that its numbers have a sign, which are then extended over the container.
  var isSigned = false

  /// Bytes of one sample.
  var width: Int { CodeStreamSamples.width(of: precision) }

  static func width(of precision: Int) -> Int { precision <= 8 ? 1 : precision <= 16 ? 2 : 4 }

  /// The same samples in the header's type: numbers are read with the header's sign and keep their value where they fit.
  ///
  /// pydicom does this too, through NumPy's assignment.
  consuming func converted(to type: StoredPixels.SampleType) -> [UInt8] {
    if width == type.width { return bytes }
    return switch (type, width) {
    case (.int8, 2), (.int16, 2): resized(Int16.self, type)
    case (.int16, 1), (.int32, 1), (.int64, 1): resized(Int8.self, type)
    case (.int32, 2), (.int64, 2): resized(Int16.self, type)
    case (.int8, _), (.int16, _), (.int64, _): resized(Int32.self, type)
    case (_, 1): resized(UInt8.self, type)
    case (_, 2): resized(UInt16.self, type)
    default: resized(UInt32.self, type)
    }
  }

  private func resized<From: FixedWidthInteger>(_: From.Type, _ type: StoredPixels.SampleType) -> [UInt8] {
    switch type.width {
    case 1: resized(From.self, UInt8.self)
    case 2: resized(From.self, UInt16.self)
    case 4: resized(From.self, UInt32.self)
    default: resized(From.self, UInt64.self)
    }
  }

  private func resized<From: FixedWidthInteger, To: FixedWidthInteger>(_: From.Type, _: To.Type) -> [UInt8] {
    let count = bytes.count / MemoryLayout<From>.size
    return bytes.withUnsafeBytes { raw in
      let source = raw.bindMemory(to: From.self)
      return [UInt8](unsafeUninitializedCapacity: count * MemoryLayout<To>.size) { target, filled in
        let target = UnsafeMutableRawBufferPointer(target).bindMemory(to: To.self)
        for i in 0..<count { target[i] = To(truncatingIfNeeded: source[i]) }
        filled = count * MemoryLayout<To>.size
      }
    }
  }
}
