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

  static func decode(_ path: String, _ format: FileFormat) throws(DecodeFailure) -> SourcePicture {
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
      case .bmp, .dicom, .video, .slide: "magickload"
      }
    guard vips_type_find("VipsOperation", loader) != 0 else {
      throw DecodeFailure(.unsupportedEncoding, "this libvips is built without \(loader)")
    }
    do throws(DecodeFailure) {
      return try read(loader, path, format, strict: true)
    } catch {
      // What can be read when the end may be missing is truncated; what cannot be read either way is corrupt.
      guard error.code == .corrupt, (try? read(loader, path, format, strict: false)) != nil else { throw error }
      throw DecodeFailure(.truncated, "the \(format.rawValue.uppercased()) data ends early or is damaged")
    }
  }

  private static func read(
    _ loader: String, _ path: String, _ format: FileFormat, strict: Bool
  ) throws(DecodeFailure) -> SourcePicture {
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
    let raster: StoredPixels
    var tone = Tone.unit
    let bits: Int
    switch vips_image_get_format(image.pointer) {
    case VIPS_FORMAT_UCHAR:
      bits = 8
      raster = try image.raster(.uint8, samples: channels)
    case VIPS_FORMAT_USHORT:
      bits = 16
      raster = try image.raster(.uint16, samples: channels)
    case VIPS_FORMAT_CHAR, VIPS_FORMAT_SHORT, VIPS_FORMAT_UINT, VIPS_FORMAT_INT, VIPS_FORMAT_FLOAT, VIPS_FORMAT_DOUBLE:
      bits = 32
      raster = try VipsHandle(cvips_to_float(image.pointer)).raster(.float32, samples: channels)
      let values = (0..<pixels * channels).map { raster[$0] }
      let window = PercentileWindow(values.lazy.filter(\.isFinite))
      let shades = (0..<channels * pixels).map { i in
        let value = values[(i % pixels) * channels + i / pixels]
        return Float(window(value.isFinite ? value : -.infinity))
      }
      tone = .shades(shades, channels: channels)
    default: throw DecodeFailure(.unsupportedEncoding, "complex samples")
    }
    let facts = ImageFacts(
      kind: format, width: image.width, height: image.height, frames: max(frames, 1), bits: bits,
      samples: samples >= 3 ? 3 : 1)
    return SourcePicture(stored: raster, picture: Picture(raster, tone), facts: facts)
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

  func raster(_ type: StoredPixels.SampleType, samples: Int) throws(DecodeFailure) -> StoredPixels {
    let count = width * height * samples * type.width
    let bytes = try withMemory(as: UInt8.self, count: count) { Array($0) }
    return StoredPixels(bytes: bytes, columns: width, rows: height, samples: samples, type: type)
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
