import Kernels
import Records

/// RLE Lossless (PS3.5 annex G): one segment for each byte of each sample, the most significant first.
///
/// Frames of 1 bit a sample are one segment of packed bits, as the writers of binary segmentations make them.
enum RunLengthDecoder {
  static func decode(_ frame: UnsafeRawBufferPointer, _ layout: SampleLayout) throws(DecodeFailure) -> StoredPixels {
    let isPacked = layout.description.bitsAllocated == 1
    guard layout.description.number == .integer, isPacked || layout.type.width * 8 == layout.description.bitsAllocated
    else { throw DecodeFailure(.unsupportedEncoding, "run lengths of \(layout.description.bitsAllocated) bits") }
    let width = layout.type.width
    let segments = try segments(of: frame, count: isPacked ? 1 : layout.samples * width)
    if isPacked {
      let packed = try decoded(segments, frame, count: (layout.count + 7) / 8, width: 1, samples: 1)
      return layout.picture(
        packed.withUnsafeBytes { raw in raw.baseAddress.map { NativePixels.bits($0, layout.count) } ?? [] })
    }
    return try layout.finished(
      decoded(segments, frame, count: layout.pixels, width: width, samples: layout.samples))
  }

  /// Where the segments lie, by the header of 64 bytes (PS3.5 G.5).
  private static func segments(
    of frame: UnsafeRawBufferPointer, count: Int
  ) throws(DecodeFailure) -> [Range<Int>] {
    guard frame.count >= 64 else { throw DecodeFailure(.truncated, "a run-length coded frame of \(frame.count) bytes") }
    func word(_ index: Int) -> Int {
      Int(UInt32(littleEndian: frame.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
    }
    guard word(0) == count else {
      throw DecodeFailure(.corrupt, "\(word(0)) run-length segments where the samples have \(count) bytes")
    }
    guard count <= 15 else {
      throw DecodeFailure(.unsupportedEncoding, "\(count) run-length segments; the format has 15")
    }
    let starts = (1...count).map(word) + [frame.count]
    var ranges: [Range<Int>] = []
    for (start, end) in zip(starts, starts.dropFirst()) {
      guard start >= 64, start <= frame.count else {
        throw DecodeFailure(start < 64 ? .corrupt : .truncated, "a run-length segment lies outside the frame")
      }
      guard start <= end else { throw DecodeFailure(.corrupt, "run-length segments out of order") }
      ranges.append(start..<min(end, frame.count))
    }
    return ranges
  }

  /// `count` pixels of `samples` of `width` bytes.
  private static func decoded(
    _ segments: [Range<Int>], _ frame: UnsafeRawBufferPointer, count: Int, width: Int, samples: Int
  ) throws(DecodeFailure) -> [UInt8] {
    let source = frame.bindMemory(to: UInt8.self)
    let parts = segments.map { range in
      run_length_segment(
        at: source.baseAddress.map { $0 + range.lowerBound }, end: source.baseAddress.map { $0 + range.upperBound })
    }
    let size = count * width * samples
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      guard let start = target.baseAddress else { return }
      for sample in 0..<samples {
        let isWhole = parts.withUnsafeBufferPointer { parts in
          parts.baseAddress.map {
            run_length_decode($0 + sample * width, width, count, start + sample * width, samples)
          }
        }
        guard isWhole == 1 else { return }
      }
      filled = size
    }
    guard bytes.count == size else { throw DecodeFailure(.truncated, "a run-length segment ends before its samples") }
    return bytes
  }
}
