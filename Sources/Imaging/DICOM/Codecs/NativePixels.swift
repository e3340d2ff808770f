import Records

extension SampleLayout {
  /// Bytes of one frame in a native stream (PS3.5 8.1.1); of YBR_FULL_422, two pixels have one pair of colour differences.
  var nativeBytes: Int {
    let isShared = description.photometric == "YBR_FULL_422" && samples == 3
    return (pixels * (isShared ? 2 : samples) * description.bitsAllocated + 7) / 8
  }
}

/// Samples of a native frame: unpacked, interleaved, as whole bytes.
enum NativePixels {
  static func decode(
    _ frame: UnsafeRawBufferPointer, _ layout: SampleLayout
  ) throws(DecodeFailure) -> StoredPixels {
    let needed = layout.nativeBytes
    guard frame.count >= needed, let start = frame.baseAddress else {
      throw DecodeFailure(.truncated, "\(frame.count) pixel bytes of \(needed)")
    }
    switch layout.description.bitsAllocated {
    case 1: return layout.picture(bits(start, layout.count))
    case 12: return try layout.finished(interleaved(twelveBits(start, layout.count), layout))
    default: break
    }
    if layout.samples == 3, layout.description.photometric == "YBR_FULL_422" {
      return try layout.finished(expanded(start, layout))
    }
    let source = UnsafeRawBufferPointer(start: start, count: layout.bytes)
    let isPlanar = layout.samples > 1 && layout.description.isPlanar
    return try layout.finished(
      isPlanar ? interleaved(source, layout.pixels, layout.samples, layout.type.width) : [UInt8](source))
  }

  /// One byte a bit, least significant bit first.
  static func bits(_ start: UnsafeRawPointer, _ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      for i in 0..<count {
        target[i] = (start.load(fromByteOffset: i >> 3, as: UInt8.self) >> UInt8(i & 7)) & 1
      }
      filled = count
    }
  }

  /// Sixteen bits a sample of 12, packed from the least significant bit on.
  private static func twelveBits(_ start: UnsafeRawPointer, _ count: Int) -> [UInt8] {
    var samples = [UInt8](repeating: 0, count: count * 2)
    let last = (count * 12 + 7) / 8
    for i in 0..<count {
      let bit = i * 12
      var value: UInt32 = 0
      for k in 0..<3 where bit >> 3 + k < last {
        value |= UInt32(start.load(fromByteOffset: bit >> 3 + k, as: UInt8.self)) << UInt32(8 * k)
      }
      value = (value >> UInt32(bit & 7)) & 0xfff
      samples[2 * i] = UInt8(truncatingIfNeeded: value)
      samples[2 * i + 1] = UInt8(truncatingIfNeeded: value >> 8)
    }
    return samples
  }

  private static func interleaved(_ samples: [UInt8], _ layout: SampleLayout) -> [UInt8] {
    guard layout.samples > 1, layout.description.isPlanar else { return samples }
    return interleaved(samples, layout.pixels, layout.samples, layout.type.width)
  }

  /// Planes of samples of `width` bytes, made pixels.
  static func interleaved(_ planes: [UInt8], _ pixels: Int, _ samples: Int, _ width: Int) -> [UInt8] {
    planes.withUnsafeBytes { interleaved($0, pixels, samples, width) }
  }

  private static func interleaved(
    _ source: UnsafeRawBufferPointer, _ pixels: Int, _ samples: Int, _ width: Int
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: source.count) { target, filled in
      let target = UnsafeMutableRawBufferPointer(target)
      switch width {
      case 1: interleave(source, target, pixels, samples, UInt8.self)
      case 2: interleave(source, target, pixels, samples, UInt16.self)
      case 4: interleave(source, target, pixels, samples, UInt32.self)
      default: interleave(source, target, pixels, samples, UInt64.self)
      }
      filled = source.count
    }
  }

  private static func interleave<Sample: FixedWidthInteger>(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, _ pixels: Int, _ samples: Int,
    _: Sample.Type
  ) {
    let target = target.bindMemory(to: Sample.self)
    for sample in 0..<samples {
      for pixel in 0..<pixels {
        target[pixel * samples + sample] = source.loadUnaligned(
          fromByteOffset: (sample * pixels + pixel) * MemoryLayout<Sample>.size, as: Sample.self)
      }
    }
  }

  /// Two lumas and one pair of colour differences become two pixels (PS3.3 C.7.6.3.1.2).
  private static func expanded(_ start: UnsafeRawPointer, _ layout: SampleLayout) throws(DecodeFailure) -> [UInt8] {
    guard layout.pixels % 2 == 0 else {
      throw DecodeFailure(.corrupt, "an odd number of pixels that share colour differences in pairs")
    }
    let width = layout.type.width
    return [UInt8](unsafeUninitializedCapacity: layout.bytes) { target, filled in
      for pair in 0..<layout.pixels / 2 {
        let source = UnsafeRawBufferPointer(start: start + pair * 4 * width, count: 4 * width)
        for (place, sample) in [0, 2, 3, 1, 2, 3].enumerated() {
          for k in 0..<width { target[(pair * 6 + place) * width + k] = source[sample * width + k] }
        }
      }
      filled = layout.bytes
    }
  }
}
