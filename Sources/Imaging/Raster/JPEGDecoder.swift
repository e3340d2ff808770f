import CTurboJPEG
import Foundation

/// A libjpeg-turbo decompressor: one file at a time, at full size, by the accurate DCT, so that the samples are those of libjpeg.
final class JPEGDecoder {
  private let handle: tjhandle

  init() throws(DecodeFailure) {
    guard let handle = tjInitDecompress() else { throw DecodeFailure(.unreadable, "no memory for a JPEG decoder") }
    self.handle = handle
  }

  deinit { tjDestroy(handle) }

  /// The picture of a file, turned upright.
  static func read(_ path: String) throws(DecodeFailure) -> SourcePicture {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw DecodeFailure(.unreadable, "the file cannot be read")
    }
    guard let stored = try JPEGDecoder().decode(bytes) else { return try VipsDecoder.decode(path, .jpeg) }
    let orientation = EXIFOrientation.find(in: bytes)
    let picture = Picture(stored.turned(by: orientation))
    var facts = ImageFacts(
      kind: .jpeg, width: picture.width, height: picture.height, frames: 1, bits: 8, samples: stored.samples)
    facts.orientation = orientation
    return SourcePicture(stored: stored, picture: picture, facts: facts)
  }

  /// The picture in `bytes` as it lies there, or nil for one this library leaves to others (CMYK).
  ///
  /// A file that ends early is refused as `truncated`, though the library would fill it up with grey.
  /// The corresponding C functions are `tjDecompressHeader3` and `tjDecompress2`.
  func decode(_ bytes: Data) throws(DecodeFailure) -> StoredPixels? {
    var picture: StoredPixels?
    var failure: DecodeFailure?
    bytes.withUnsafeBytes { raw in
      do throws(DecodeFailure) { picture = try decode(raw.bindMemory(to: UInt8.self)) } catch { failure = error }
    }
    if let failure { throw failure }
    return picture
  }

  private func decode(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeFailure) -> StoredPixels? {
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colourSpace: Int32 = 0
    let length = UInt(bytes.count)
    try check(tjDecompressHeader3(handle, bytes.baseAddress, length, &width, &height, &subsampling, &colourSpace))
    if colourSpace == Int32(TJCS_CMYK.rawValue) || colourSpace == Int32(TJCS_YCCK.rawValue) { return nil }
    try DecodingLimits.check(width: Int(width), height: Int(height))
    let channels = colourSpace == Int32(TJCS_GRAY.rawValue) ? 1 : 3
    let format = Int32(channels == 1 ? TJPF_GRAY.rawValue : TJPF_RGB.rawValue)
    let pixels = Int(width) * Int(height)
    var samples = [UInt8](repeating: 0, count: pixels * channels)
    // Scans are limited because a small progressive file can ask for a very long time.
    let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS
    try check(tjDecompress2(handle, bytes.baseAddress, length, &samples, width, 0, height, format, flags))
    return StoredPixels(bytes: samples, columns: Int(width), rows: Int(height), samples: channels, type: .uint8)
  }

  /// Turns a return code into an error. Warnings pass, but for those that say the data ended early.
  private func check(_ code: Int32) throws(DecodeFailure) {
    if code == 0 { return }
    let message = tjGetErrorStr2(handle).map { String(cString: $0) } ?? ""
    if message.contains("remature end") { throw DecodeFailure(.truncated, "the JPEG data ends early") }
    if tjGetErrorCode(handle) == Int32(TJERR_WARNING.rawValue) { return }
    if message.contains("nsupported") || message.contains("precision") || message.contains("SOF type") {
      throw DecodeFailure(.unsupportedEncoding, "a JPEG process that libjpeg-turbo does not decode")
    }
    throw DecodeFailure(.corrupt, "the JPEG data cannot be decoded")
  }
}
