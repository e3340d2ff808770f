import CVips
public import Foundation

/// Writes images as PNG or TIFF without any metadata: equal pixels to equal bytes.
public enum RasterWriter {
  /// A file that libvips refused, with its reason.
  public struct Failure: Error, Equatable {
    public let path: String
    public let reason: String
  }

  /// Both lossless: PNG and deflated TIFF.
  public enum Format: Sendable, Hashable { case png, tiff }

  /// Writes [height, width, channels] interleaved grey, or red, green and blue, of 8 bits.
  /// - Precondition: `channels * width * height` samples; `channels` is 1 or 3. - Throws: `Failure`.
  public static func write(
    _ pixels: [UInt8], width: Int, height: Int, channels: Int = 3, as format: Format, to file: URL
  ) throws {
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    precondition(
      pixels.count == channels * width * height, "\(pixels.count) samples for \(width)×\(height)×\(channels)")
    guard VipsImageHandle.hasStarted else { throw failure(file) }
    try pixels.withUnsafeBytes { bytes in
      guard let image = cvips_over(bytes.baseAddress, Int32(width), Int32(height), Int32(channels), 0) else {
        throw failure(file)
      }
      defer { cvips_release(image) }
      let code =
        switch format {
        case .png: cvips_save_png(image, file.path, 4)
        case .tiff: cvips_save_tiff(image, file.path)
        }
      if code != 0 { throw failure(file) }
    }
  }

  /// The error buffer is one for the process: with several threads the reason may be a neighbour's.
  private static func failure(_ file: URL) -> Failure {
    let reason = String(cString: vips_error_buffer()).trimmingCharacters(in: .whitespacesAndNewlines)
    vips_error_clear()
    return Failure(path: file.path, reason: reason)
  }
}
