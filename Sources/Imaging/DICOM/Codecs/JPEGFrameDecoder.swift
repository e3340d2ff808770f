import CCodecs
import Kernels
import Records

/// Frames of the JPEG family, by what their code stream says it is: 8-bit lossy through libjpeg-turbo, 12-bit lossy and lossless by
/// decoders of our own, JPEG-LS through CharLS.
enum JPEGFrameDecoder {
  static func decode(
    _ frame: UnsafeRawBufferPointer, _ layout: SampleLayout, reduction: Int
  ) throws(DecodeFailure) -> StoredPixels {
    guard layout.description.number == .integer, layout.description.bitsAllocated > 1 else {
      throw DecodeFailure(.unsupportedEncoding, "JPEG of samples that are not whole numbers of bytes")
    }
    var stream = jpeg_frame()
    let bytes = frame.bindMemory(to: UInt8.self)
    try CodecFailure.check(ofOurOwn: jpeg_read_frame(bytes.baseAddress, bytes.count, &stream), "JPEG")
    guard stream.width == layout.columns, stream.height == layout.rows, stream.components == layout.samples else {
      throw DecodeFailure(
        .corrupt,
        "a code stream of \(stream.height)×\(stream.width)×\(stream.components) under a header of \(layout.rows)×\(layout.columns)×\(layout.samples)"
      )
    }
    if stream.process == 16 {
      return try JPEGLSFrameDecoder.decode(bytes, stream, layout, isYBR: isYBR(stream, layout))
    }
    // Nothing but the precision tells what container the numbers are in.
    guard (2...16).contains(stream.precision), stream.precision <= layout.type.width * 8 else {
      throw DecodeFailure(
        .corrupt, "a code stream of \(stream.precision) bits in \(layout.description.bitsAllocated)")
    }
    switch (stream.process, stream.precision) {
    case (3, _): return try lossless(bytes, stream, layout)
    case (0...1, 12): return try sequential(bytes, stream, layout)
    case (0...2, 8), (9...10, 8): return try eightBits(bytes, stream, layout, reduction: min(max(reduction, 0), 3))
    default: throw DecodeFailure(.unsupportedEncoding, "JPEG process \(stream.process) of \(stream.precision) bits")
    }
  }

  /// Whether three components are luma and colour differences.
  ///
  /// As pydicom decides: by component identifiers of letters, by a JFIF segment, by the header. Before the header goes Adobe's segment, whose only
  /// purpose this is, and subsampling, which no RGB stream has.
  private static func isYBR(_ stream: jpeg_frame, _ layout: SampleLayout) -> Bool {
    guard stream.components == 3 else { return false }
    let letters = (stream.identifiers.0, stream.identifiers.1, stream.identifiers.2)
    if letters == (82, 71, 66) || letters == (114, 103, 98) { return false }
    if stream.adobe >= 0 { return stream.adobe == 1 }
    let photometric = layout.description.photometric
    if stream.is_jfif != 0 && !photometric.contains("YBR") { return true }
    let isSubsampled = (1...2).contains {
      stream.horizontalFactor($0) != stream.horizontalFactor(0) || stream.verticalFactor($0) != stream.verticalFactor(0)
    }
    return photometric.isYBR || isSubsampled
  }

  private static func eightBits(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: jpeg_frame, _ layout: SampleLayout, reduction: Int
  ) throws(DecodeFailure) -> StoredPixels {
    let columns = (layout.columns + 1 << reduction - 1) >> reduction
    let rows = (layout.rows + 1 << reduction - 1) >> reduction
    var expected = CCodecsJPEG(
      width: stream.width, height: stream.height, components: stream.components,
      is_ybr: isYBR(stream, layout) ? 1 : 0, reduction: UInt32(reduction))
    var code = Int32(CCODECS_OK)
    let samples = [UInt8](unsafeUninitializedCapacity: columns * rows * layout.samples) { target, filled in
      code = ccodecs_jpeg_decode(bytes.baseAddress, bytes.count, &expected, target.baseAddress)
      filled = code == CCODECS_OK ? columns * rows * layout.samples : 0
    }
    try CodecFailure.check(code, "JPEG")
    return try finished(
      CodeStreamSamples(bytes: samples, columns: columns, rows: rows, precision: 8), layout, isYBR: false)
  }

  private static func sequential(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: jpeg_frame, _ layout: SampleLayout
  ) throws(DecodeFailure) -> StoredPixels {
    var stream = stream
    let samples = try filled(layout, precision: stream.precision) { target in
      jpeg_decode_sequential(
        bytes.baseAddress, bytes.count, &stream, target.assumingMemoryBound(to: UInt16.self))
    }
    return try finished(samples, layout, isYBR: isYBR(stream, layout))
  }

  private static func lossless(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: jpeg_frame, _ layout: SampleLayout
  ) throws(DecodeFailure) -> StoredPixels {
    var stream = stream
    let samples = try filled(layout, precision: stream.precision) { target in
      jpeg_decode_lossless(bytes.baseAddress, bytes.count, &stream, target)
    }
    return try finished(samples, layout, isYBR: isYBR(stream, layout))
  }

  private static func filled(
    _ layout: SampleLayout, precision: UInt32, _ decode: (UnsafeMutableRawPointer) -> Int32
  ) throws(DecodeFailure) -> CodeStreamSamples {
    let size = layout.count * CodeStreamSamples.width(of: Int(precision))
    var status = Int32(jpeg_ok)
    let samples = [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      guard let start = target.baseAddress else { return }
      status = decode(UnsafeMutableRawPointer(start))
      filled = status == jpeg_ok ? size : 0
    }
    try CodecFailure.check(ofOurOwn: status, "JPEG")
    return CodeStreamSamples(bytes: samples, columns: layout.columns, rows: layout.rows, precision: Int(precision))
  }

  /// pydicom's corrections, in the header's type.
  private static func finished(
    _ samples: CodeStreamSamples, _ layout: SampleLayout, isYBR: Bool
  ) throws(DecodeFailure) -> StoredPixels {
    let (columns, rows) = (samples.columns, samples.rows)
    return try layout.finished(
      samples.converted(to: layout.type), isYBR: isYBR, isShifted: false, columns: columns, rows: rows)
  }
}

extension jpeg_frame {
  fileprivate func horizontalFactor(_ component: Int) -> UInt8 {
    [horizontal.0, horizontal.1, horizontal.2, horizontal.3][component]
  }
  fileprivate func verticalFactor(_ component: Int) -> UInt8 {
    [vertical.0, vertical.1, vertical.2, vertical.3][component]
  }
}
