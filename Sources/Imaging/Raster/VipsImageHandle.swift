import CVips
import Records

/// Owns one image of libvips: `init` throws or holds it, `deinit` lets it go. Pixels are worked out when they are asked for.
final class VipsImageHandle {
  private let pointer: UnsafeMutablePointer<VipsImage>

  /// libvips keeps state of its own; it starts once, for decoding and writing alike.
  static let hasStarted = cvips_start("medoid") == 0

  /// The check of every libvips call: NULL becomes an error, and the library's text, which may quote the path, is thrown away.
  private init(_ pointer: UnsafeMutablePointer<VipsImage>?) throws(DecodeFailure) {
    guard let pointer else {
      vips_error_clear()
      throw DecodeFailure(.corrupt, "libvips cannot decode the file")
    }
    self.pointer = pointer
  }

  deinit { cvips_release(pointer) }

  /// The first page of a file, or all one above the other.
  /// - Parameter isStrict: whether a file that ends early is refused; else it is filled up.
  convenience init(_ path: String, _ loader: String, allPages: Bool, isStrict: Bool) throws(DecodeFailure) {
    guard VipsImageHandle.hasStarted else { throw DecodeFailure(.unreadable, "libvips does not start") }
    guard vips_type_find("VipsOperation", loader) != 0 else {
      throw DecodeFailure(.unsupportedEncoding, "this libvips is built without \(loader)")
    }
    _ = try FileState(path)
    try self.init(
      allPages ? cvips_open_pages(loader, path, isStrict ? 1 : 0) : cvips_open(loader, path, isStrict ? 1 : 0))
  }

  var width: Int { Int(vips_image_get_width(pointer)) }
  var height: Int { Int(vips_image_get_height(pointer)) }
  var bands: Int { Int(vips_image_get_bands(pointer)) }
  var pages: Int { max(1, Int(vips_image_get_n_pages(pointer))) }
  var pageHeight: Int { Int(vips_image_get_page_height(pointer)) }
  var hasAlpha: Bool { vips_image_hasalpha(pointer) != 0 }
  var hasColourProfile: Bool { cvips_has_profile(pointer) != 0 }
  var orientation: Int { min(max(Int(vips_image_get_orientation(pointer)), 1), 8) }
  /// Bits a sample, where the file says so.
  var bits: Int? {
    let stated = Int(cvips_field(pointer, "bits-per-sample", 0))
    return stated > 0 ? stated : nil
  }

  /// Milliseconds of each page; empty where the file says none.
  var delays: [Int] {
    var count: Int32 = 0
    guard let delays = cvips_delays(pointer, &count), count > 0 else { return [] }
    return (0..<Int(count)).map { max(0, Int(delays[$0])) }
  }

  /// The type of its samples; nil for complex ones.
  var type: StoredPixels.SampleType? {
    switch vips_image_get_format(pointer) {
    case VIPS_FORMAT_UCHAR: .uint8
    case VIPS_FORMAT_CHAR: .int8
    case VIPS_FORMAT_USHORT: .uint16
    case VIPS_FORMAT_SHORT: .int16
    case VIPS_FORMAT_UINT: .uint32
    case VIPS_FORMAT_INT: .int32
    case VIPS_FORMAT_FLOAT: .float32
    case VIPS_FORMAT_DOUBLE: .float64
    default: nil
    }
  }

  /// The same picture in red, green and blue, where its colours are others.
  func inRGB() throws(DecodeFailure) -> VipsImageHandle {
    let others = [
      VIPS_INTERPRETATION_CMYK, VIPS_INTERPRETATION_LAB, VIPS_INTERPRETATION_LABQ, VIPS_INTERPRETATION_LABS,
      VIPS_INTERPRETATION_XYZ, VIPS_INTERPRETATION_HSV, VIPS_INTERPRETATION_LCH, VIPS_INTERPRETATION_YXY,
    ]
    if !others.contains(vips_image_guess_interpretation(pointer)) { return self }
    return try VipsImageHandle(cvips_to_srgb(pointer))
  }

  /// Rows `top`..<`top + rows`, decoded.
  func samples(top: Int, rows: Int) throws(DecodeFailure) -> StoredPixels {
    guard let type else { throw DecodeFailure(.unsupportedEncoding, "complex samples") }
    try DecodingLimits.check(width: width, height: rows)
    try DecodingLimits.check(bytes: width * rows, times: bands * type.width)
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: width * rows * bands * type.width) { target, count in
      code = cvips_read_rows(pointer, Int32(top), Int32(rows), target.baseAddress)
      if code != 0 { target.update(repeating: 0) }
      count = target.count
    }
    if code != 0 {
      vips_error_clear()
      throw DecodeFailure(.corrupt, "libvips cannot decode the pixels")
    }
    return StoredPixels(bytes: bytes, columns: width, rows: rows, samples: bands, type: type)
  }

  /// How `stored`, samples of this image, is looked at: turned, alpha over black; samples of odd types between their percentiles.
  func rendered(_ stored: StoredPixels) throws(DecodeFailure) -> (Picture, Rendering) {
    let colours = stored.samples - (hasAlpha ? 1 : 0)
    guard colours == 1 || colours == 3 else {
      throw DecodeFailure(.unsupportedEncoding, "a picture of \(stored.samples) bands")
    }
    let upright = stored.turned(by: orientation)
    guard stored.type == .uint8 || stored.type == .uint16 else {
      let kept = upright.keeping(first: colours)
      return (ValueWindow.picture(kept, .percentiles(of: kept)), .percentiles)
    }
    if hasAlpha { return (upright.overBlack(), .stored) }
    if stored.type == .uint16, let bits, (9...15).contains(bits) {
      return (Picture(upright, .over((1 << bits) - 1, .uint16)), .stored)
    }
    return (Picture(upright), .stored)
  }

  /// What is true of the file: `frames` are those of animations and stay 1 for others.
  func facts(_ format: FileFormat, frames: Int) -> ImageFacts {
    let isTransposed = orientation >= 5
    let height = frames > 1 ? pageHeight : height
    var facts = ImageFacts(
      kind: format, width: isTransposed ? height : width, height: isTransposed ? width : height, frames: frames,
      bits: bits ?? 8 * (type?.width ?? 1), samples: bands)
    facts.orientation = orientation
    facts.hasColourProfile = hasColourProfile
    return facts
  }

  /// Runs `read` strictly; where that finds damage and a lenient run does not, the file is `truncated` rather than `corrupt`.
  static func reading<R>(_ read: (_ isStrict: Bool) throws(DecodeFailure) -> R) throws(DecodeFailure) -> R {
    do throws(DecodeFailure) {
      return try read(true)
    } catch {
      guard error.code == .corrupt, (try? read(false)) != nil else { throw error }
      throw DecodeFailure(.truncated, "the data ends early or is damaged")
    }
  }
}
