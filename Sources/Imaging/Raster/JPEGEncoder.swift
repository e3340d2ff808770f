import CTurboJPEG
public import Foundation

/// A libjpeg-turbo compressor for thumbnails. Not for use from two threads at a time.
public final class JPEGEncoder {
  private let handle: tjhandle

  /// - Throws: `JPEGEncodingError` where there is no memory.
  public init() throws {
    guard let handle = tjInitCompress() else { throw JPEGEncodingError(message: "no memory for a JPEG encoder") }
    self.handle = handle
  }

  deinit { tjDestroy(handle) }

  /// The JPEG file of planes [channels, height, width] of 0…1 (values beyond are clamped), colour at full resolution (4:4:4).
  ///
  /// Deterministic for one version of the library. The corresponding C function is `tjCompress2`.
  /// - Precondition: `pixels` holds `channels * height * width` values; `channels` is 1 or 3; sides 1…65,500; `quality` 1…100.
  public func encode(_ pixels: [Float], channels: Int, height: Int, width: Int, quality: Int = 85) throws -> Data {
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    precondition(
      pixels.count == channels * height * width, "\(pixels.count) samples for \(channels)×\(height)×\(width)")
    precondition((1...65_500).contains(width) && (1...65_500).contains(height), "a JPEG of \(width) × \(height)")
    precondition((1...100).contains(quality), "JPEG quality \(quality)")
    let plane = height * width
    var bytes = [UInt8](repeating: 0, count: pixels.count)
    for channel in 0..<channels {
      for i in 0..<plane {
        bytes[i * channels + channel] = UInt8(min(max(pixels[channel * plane + i], 0), 1) * 255 + 0.5)
      }
    }
    var compressed: UnsafeMutablePointer<UInt8>?
    var length: UInt = 0
    defer { tjFree(compressed) }
    let code = tjCompress2(
      handle, bytes, Int32(width), 0, Int32(height), Int32(channels == 1 ? TJPF_GRAY.rawValue : TJPF_RGB.rawValue),
      &compressed, &length, Int32(channels == 1 ? TJSAMP_GRAY.rawValue : TJSAMP_444.rawValue), Int32(quality),
      TJFLAG_ACCURATEDCT)
    guard code == 0, let compressed else {
      throw JPEGEncodingError(message: tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown")
    }
    return Data(bytes: compressed, count: Int(length))
  }
}

/// The library's own words on why it could not compress.
public struct JPEGEncodingError: Error, Sendable, CustomStringConvertible {
  public let message: String
  public var description: String { "JPEG compression failed: \(message)" }
}
