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
      let plane = try unpacked(segments[...], frame, (layout.count + 7) / 8)
      return layout.picture(
        plane.withUnsafeBytes { raw in raw.baseAddress.map { NativePixels.bits($0, layout.count, 0) } ?? [] })
    }
    let pixels = layout.pixels
    var failure: DecodeFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: layout.bytes) { target, filled in
      guard let target = target.baseAddress else { return }
      do throws(DecodeFailure) {
        for sample in 0..<layout.samples {
          let planes = try unpacked(segments[sample * width..<(sample + 1) * width], frame, pixels)
          run_length_join(planes, pixels, width, target + sample * width, layout.samples)
        }
        filled = layout.bytes
      } catch { failure = error }
    }
    if let failure { throw failure }
    return try layout.finished(bytes)
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

  /// Segments unpacked one behind the other, each to `count` bytes.
  private static func unpacked(
    _ segments: ArraySlice<Range<Int>>, _ frame: UnsafeRawBufferPointer, _ count: Int
  ) throws(DecodeFailure) -> [UInt8] {
    var made = 0
    let planes = [UInt8](unsafeUninitializedCapacity: segments.count * count) { target, filled in
      guard let target = target.baseAddress, let source = frame.bindMemory(to: UInt8.self).baseAddress else { return }
      for (index, segment) in segments.enumerated() {
        let got = run_length_unpack(source + segment.lowerBound, segment.count, target + index * count, count)
        guard got == count else { return }
        made += got
      }
      filled = made
    }
    guard made == segments.count * count else {
      throw DecodeFailure(.truncated, "a run-length segment ends before its \(count) bytes")
    }
    return planes
  }
}
