import CCodecs
import Kernels
import Records

/// What the codes of our decoders and of those behind `CCodecs` mean.
enum CodecFailure {
  static func check(_ code: Int32, _ format: String) throws(DecodeFailure) {
    switch Int(code) {
    case Int(CCODECS_OK): return
    case Int(CCODECS_TRUNCATED): throw truncated(format)
    case Int(CCODECS_UNSUPPORTED): throw unsupported(format)
    case Int(CCODECS_MISMATCH):
      throw DecodeFailure(.corrupt, "the size of the \(format) code stream is not the header's")
    case Int(CCODECS_NO_MEMORY): throw noMemory(format)
    default: throw corrupt(format)
    }
  }

  /// Of the decoders in `Kernels`.
  static func check(ofOurOwn status: Int32, _ format: String) throws(DecodeFailure) {
    switch Int(status) {
    case Int(jpeg_ok): return
    case Int(jpeg_truncated): throw truncated(format)
    case Int(jpeg_unsupported): throw unsupported(format)
    case Int(jpeg_no_memory): throw noMemory(format)
    default: throw corrupt(format)
    }
  }

  static func truncated(_ format: String) -> DecodeFailure { .init(.truncated, "the \(format) data end early") }
  static func corrupt(_ format: String) -> DecodeFailure { .init(.corrupt, "the \(format) data cannot be decoded") }
  static func unsupported(_ format: String) -> DecodeFailure {
    .init(.unsupportedEncoding, "a part of \(format) that is not decoded")
  }
  static func noMemory(_ format: String) -> DecodeFailure { .init(.tooLarge, "no memory to decode \(format) data") }
}
