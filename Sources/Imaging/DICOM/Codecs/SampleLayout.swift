import Records

/// A checked `PixelDescription`: what a decoded frame of it must look like. All its products fit an `Int` and the memory limit.
struct SampleLayout {
  let description: PixelDescription
  let type: StoredPixels.SampleType

  var rows: Int { description.rows }
  var columns: Int { description.columns }
  var samples: Int { description.samples }
  var pixels: Int { rows * columns }
  /// Samples of the whole frame.
  var count: Int { pixels * samples }
  /// Bytes of the decoded frame.
  var bytes: Int { count * type.width }

  /// Most bytes that one decoded frame may have.
  static let limit = 1 << 30

  init(_ description: PixelDescription) throws(DecodeFailure) {
    try DecodingLimits.check(width: description.columns, height: description.rows)
    guard description.samples == 1 || description.samples == 3 else {
      throw DecodeFailure(.unsupportedEncoding, "\(description.samples) samples a pixel")
    }
    self.description = description
    type = try SampleLayout.type(of: description)
    guard bytes <= SampleLayout.limit else {
      throw DecodeFailure(.tooLarge, "a frame of \(bytes) bytes; at most \(SampleLayout.limit) are decoded")
    }
  }

  private static func type(of description: PixelDescription) throws(DecodeFailure) -> StoredPixels.SampleType {
    let signed = description.isSigned
    switch (description.number, description.bitsAllocated) {
    case (.float32, 32): return .float32
    case (.float64, 64): return .float64
    case (.float32, _), (.float64, _): break
    case (.integer, let bits) where !(1...max(bits, 1)).contains(description.bitsStored):
      throw DecodeFailure(.corrupt, "\(description.bitsStored) bits stored in \(bits)")
    case (.integer, 1): return .uint8
    case (.integer, 8): return signed ? .int8 : .uint8
    case (.integer, 12), (.integer, 16): return signed ? .int16 : .uint16
    case (.integer, 32): return signed ? .int32 : .uint32
    case (.integer, 64): return signed ? .int64 : .uint64
    default: break
    }
    throw DecodeFailure(.unsupportedEncoding, "samples of \(description.bitsAllocated) bits")
  }

  /// A picture of the header's type and samples, at the header's size or at the one that was decoded.
  func picture(_ bytes: [UInt8], columns: Int? = nil, rows: Int? = nil) -> StoredPixels {
    StoredPixels(bytes: bytes, columns: columns ?? self.columns, rows: rows ?? self.rows, samples: samples, type: type)
  }

  /// The corrections that pydicom makes of native, run-length coded and JPEG frames: bits beyond those stored are dropped or filled with the sign,
  /// then YBR becomes RGB.
  /// - Parameter isShifted: whether samples lie where `highBit` says; a code stream's own always lie lowest.
  func finished(
    _ bytes: consuming [UInt8], isYBR: Bool? = nil, isShifted: Bool = true, columns: Int? = nil, rows: Int? = nil
  ) throws(DecodeFailure) -> StoredPixels {
    dropUnusedBits(&bytes, isShifted: isShifted)
    if isYBR ?? description.photometric.isYBR { try ColourConversion.convert(&bytes, self) }
    return picture(bytes, columns: columns, rows: rows)
  }

  /// PS3.5 8.1.1: samples lie in `bitsStored` bits below and with `highBit`; what the others hold means nothing.
  ///
  /// pydicom takes `highBit` for `bitsStored - 1` always; files from before the standard demanded that may have their samples higher up.
  private func dropUnusedBits(_ bytes: inout [UInt8], isShifted: Bool) {
    let allocated = type.width * 8
    guard description.number == .integer, description.bitsAllocated > 1, description.bitsStored < allocated else {
      return
    }
    let unused = allocated - description.bitsStored
    let isHigher = description.highBit >= description.bitsStored && description.highBit < description.bitsAllocated
    shiftAll(&bytes, left: isHigher && isShifted ? allocated - 1 - description.highBit : unused, right: unused)
  }

  /// Reads samples of `precision` bits in the header's type: with their sign where the header has one, else without.
  func setSign(_ bytes: inout [UInt8], precision: Int) {
    let unused = type.width * 8 - precision
    if unused > 0 { shiftAll(&bytes, left: unused, right: unused) }
  }

  private func shiftAll(_ bytes: inout [UInt8], left: Int, right: Int) {
    bytes.withUnsafeMutableBytes { raw in
      switch type {
      case .uint8: shift(raw.bindMemory(to: UInt8.self), left, right)
      case .int8: shift(raw.bindMemory(to: Int8.self), left, right)
      case .uint16: shift(raw.bindMemory(to: UInt16.self), left, right)
      case .int16: shift(raw.bindMemory(to: Int16.self), left, right)
      case .uint32: shift(raw.bindMemory(to: UInt32.self), left, right)
      case .int32: shift(raw.bindMemory(to: Int32.self), left, right)
      case .uint64: shift(raw.bindMemory(to: UInt64.self), left, right)
      case .int64: shift(raw.bindMemory(to: Int64.self), left, right)
      case .float32, .float64: break
      }
    }
  }
}

/// Shifts every sample left, then right, with its sign where it has one.
@inline(__always)
private func shift<Sample: FixedWidthInteger>(_ samples: UnsafeMutableBufferPointer<Sample>, _ left: Int, _ right: Int)
{
  let left = Sample(truncatingIfNeeded: left)
  let right = Sample(truncatingIfNeeded: right)
  for i in samples.indices { samples[i] = (samples[i] &<< left) &>> right }
}

extension String {
  /// Luma and two colour differences over the full range, which readers turn into RGB.
  var isYBR: Bool { self == "YBR_FULL" || self == "YBR_FULL_422" }
}
