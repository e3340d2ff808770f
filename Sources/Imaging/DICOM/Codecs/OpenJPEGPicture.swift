import CCodecs
import Records

/// A JPEG 2000 code stream, bare or in a JP2 file, as OpenJPEG decodes it: palettes resolved, halved components spread, colours as they are.
struct OpenJPEGPicture {
  let samples: CodeStreamSamples
  let format: CCodecsJPEG2000Format

  /// Samples of one picture: the library works on 32 bits each.
  static let limit = SampleLayout.limit / 4

  /// What the stream says before its pixels, and nothing decoded.
  static func header(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) -> CCodecsJPEG2000Format {
    var format = CCodecsJPEG2000Format()
    try CodecFailure.check(
      ccodecs_jpeg_2000_header(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &format), "JPEG 2000")
    return format
  }

  /// - Parameter reduction: how often the sides may be halved; fewer times where the stream has fewer resolutions.
  /// - Throws: `too_large` before anything is decoded; `corrupt` where the stream is not of the stated size and number of components.
  init(
    _ bytes: UnsafeRawBufferPointer, columns: Int, rows: Int, components: Int, reduction: Int
  ) throws(DecodeFailure) {
    guard columns * rows * components <= OpenJPEGPicture.limit else {
      throw DecodeFailure(.tooLarge, "a JPEG 2000 picture of \(columns * rows * components) samples")
    }
    var picture: OpaquePointer?
    defer { ccodecs_jpeg_2000_free(picture) }
    let code = ccodecs_jpeg_2000_decode(
      bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, UInt32(columns), UInt32(rows), UInt32(components),
      UInt32(min(max(reduction, 0), 32)), &picture)
    try CodecFailure.check(code, "JPEG 2000")
    var format = CCodecsJPEG2000Format()
    ccodecs_jpeg_2000_format(picture, &format)
    let (columns, rows, precision) = (Int(format.width), Int(format.height), Int(format.precision))
    let count = columns * rows * Int(format.components)
    // A palette may have made one component several.
    guard count <= OpenJPEGPicture.limit else {
      throw DecodeFailure(.tooLarge, "a JPEG 2000 picture of \(count) samples")
    }
    let width = CodeStreamSamples.width(of: precision)
    let copied = [UInt8](unsafeUninitializedCapacity: count * width) { target, filled in
      ccodecs_jpeg_2000_copy(picture, UInt32(width), target.baseAddress)
      filled = count * width
    }
    self.format = format
    samples = CodeStreamSamples(
      bytes: copied, columns: columns, rows: rows, precision: precision, isSigned: format.is_signed != 0)
  }
}
