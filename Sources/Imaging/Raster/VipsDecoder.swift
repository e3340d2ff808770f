import CVips
import Foundation

/// Everything that is neither DICOM nor plain JPEG, through libvips: PNG, TIFF, BMP, WebP, GIF, JPEG 2000, PNM and CMYK JPEG.
///
/// The first page or frame is taken. Orientation tags are obeyed, transparency is laid over black, other colour spaces become
/// sRGB, embedded profiles of RGB pictures are ignored. 8-bit samples are divided by 255 and 16-bit ones by 65,535; other
/// sample types (float TIFF) are stretched between their 0.5th and 99.5th percentiles.
enum VipsDecoder {
  /// libvips keeps state of its own; it starts once, for decoding and writing alike.
  static let hasStarted = cvips_start("medoid") == 0

  static func decode(_ path: String, _ format: FileFormat) throws(DecodeFailure) -> Picture {
    guard hasStarted else { throw DecodeFailure(.unreadable, "libvips does not start") }
    let loader =
      switch format {
      case .png: "pngload"
      case .tiff: "tiffload"
      case .webp: "webpload"
      case .gif: "gifload"
      case .jpeg: "jpegload"
      case .jpeg2000: "jp2kload"
      case .pnm: "ppmload"
      case .bmp, .dicom: "magickload"
      }
    guard vips_type_find("VipsOperation", loader) != 0 else {
      throw DecodeFailure(.unsupportedEncoding, "this libvips is built without \(loader)")
    }
    do throws(DecodeFailure) {
      return try read(loader, path, strict: true)
    } catch {
      // What can be read when the end may be missing is truncated; what cannot be read either way is corrupt.
      guard error.code == .corrupt, (try? read(loader, path, strict: false)) != nil else { throw error }
      throw DecodeFailure(.truncated, "the \(format.rawValue.uppercased()) data ends early or is damaged")
    }
  }

  private static func read(_ loader: String, _ path: String, strict: Bool) throws(DecodeFailure) -> Picture {
    var image = try VipsHandle(cvips_open(loader, path, strict ? 1 : 0))
    try DecodingLimits.check(width: image.width, height: image.height)
    let frames = Int(vips_image_get_n_pages(image.pointer))
    let samples = Int(vips_image_get_bands(image.pointer))
    image = try VipsHandle(cvips_autorotate(image.pointer))
    switch vips_image_guess_interpretation(image.pointer) {
    case VIPS_INTERPRETATION_CMYK, VIPS_INTERPRETATION_LAB, VIPS_INTERPRETATION_LABQ, VIPS_INTERPRETATION_LABS,
      VIPS_INTERPRETATION_XYZ, VIPS_INTERPRETATION_HSV, VIPS_INTERPRETATION_LCH, VIPS_INTERPRETATION_YXY:
      image = try VipsHandle(cvips_to_srgb(image.pointer))
    default: break
    }
    if vips_image_hasalpha(image.pointer) != 0 { image = try VipsHandle(cvips_flatten(image.pointer)) }
    let channels = Int(vips_image_get_bands(image.pointer))
    guard channels == 1 || channels == 3 else {
      throw DecodeFailure(.unsupportedEncoding, "a picture of \(channels) bands")
    }
    let pixels = image.width * image.height
    let planes: [Float]
    let bits: Int
    switch vips_image_get_format(image.pointer) {
    case VIPS_FORMAT_UCHAR:
      bits = 8
      planes = try image.planes(of: UInt8.self, channels: channels, scale: 1 / 255)
    case VIPS_FORMAT_USHORT:
      bits = 16
      planes = try image.planes(of: UInt16.self, channels: channels, scale: 1 / 65535)
    case VIPS_FORMAT_CHAR, VIPS_FORMAT_SHORT, VIPS_FORMAT_UINT, VIPS_FORMAT_INT, VIPS_FORMAT_FLOAT, VIPS_FORMAT_DOUBLE:
      bits = 32
      let values = try VipsHandle(cvips_to_float(image.pointer)).floats(count: pixels * channels)
      let window = PercentileWindow(values.lazy.filter(\.isFinite).map(Double.init))
      planes = (0..<channels * pixels).map { i in
        let value = values[(i % pixels) * channels + i / pixels]
        return Float(window(value.isFinite ? Double(value) : -.infinity))
      }
    default: throw DecodeFailure(.unsupportedEncoding, "complex samples")
    }
    return Picture(
      pixels: planes, channels: channels, height: image.height, width: image.width, frames: max(frames, 1), bits: bits,
      samples: samples >= 3 ? 3 : 1)
  }
}

/// Owns one image of libvips: `init` throws or holds it, `deinit` lets it go.
private final class VipsHandle {
  let pointer: UnsafeMutablePointer<VipsImage>

  /// The check of every libvips call: NULL becomes an error, and the library's text, which may quote the path, is thrown away.
  init(_ pointer: UnsafeMutablePointer<VipsImage>?) throws(DecodeFailure) {
    guard let pointer else {
      vips_error_clear()
      throw DecodeFailure(.corrupt, "libvips cannot decode the file")
    }
    self.pointer = pointer
  }

  deinit { cvips_release(pointer) }

  var width: Int { Int(vips_image_get_width(pointer)) }
  var height: Int { Int(vips_image_get_height(pointer)) }

  func planes<Sample: BinaryInteger>(of: Sample.Type, channels: Int, scale: Float) throws(DecodeFailure) -> [Float] {
    let pixels = width * height
    return try withMemory(as: Sample.self, count: pixels * channels) {
      Picture.planes(of: $0, channels: channels, pixels: pixels, scale: scale)
    }
  }

  func floats(count: Int) throws(DecodeFailure) -> [Float] {
    try withMemory(as: Float.self, count: count) { Array($0) }
  }

  /// Decodes. The corresponding C function is `vips_image_write_to_memory`.
  private func withMemory<Sample, R>(
    as: Sample.Type, count: Int, _ body: (UnsafeBufferPointer<Sample>) -> R
  ) throws(DecodeFailure) -> R {
    var size = 0
    guard let memory = vips_image_write_to_memory(pointer, &size) else {
      vips_error_clear()
      throw DecodeFailure(.corrupt, "libvips cannot decode the pixels")
    }
    defer { g_free(memory) }
    guard size >= count * MemoryLayout<Sample>.stride else {
      throw DecodeFailure(.corrupt, "libvips gave too few pixels")
    }
    return body(UnsafeBufferPointer(start: memory.bindMemory(to: Sample.self, capacity: count), count: count))
  }
}
