public import Records

/// Turns one file into pixels: in this process (`DirectDecoder`) or in a child that may die of it (`DecoderPool`).
public protocol ImageDecoder: Sendable {
  /// The picture at `path`, resized as `preprocessing` says, or at full size where that is nil.
  ///
  /// Digests, quality flags and facts are always those of the full-size picture. Deterministic: equal bytes, equal result.
  func decode(_ path: String, _ preprocessing: Preprocessing?) throws(DecodeFailure) -> DecodedImage
}

/// Why a file gave no picture: the code and message of the `Rejection` it becomes.
public struct DecodeFailure: Error, Hashable, Codable, Sendable {
  public let code: Rejection.Code
  /// In our own words; it never quotes the file.
  public let message: String

  public init(_ code: Rejection.Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// Bounds on what is decoded at all, so that a file of a few bytes cannot ask for all memory.
public enum DecodingLimits {
  /// Largest width × height accepted; as floats, three planes of that size are 2.4 GB.
  public static let pixels = 200_000_000

  static func check(width: Int, height: Int) throws(DecodeFailure) {
    guard width > 0 && height > 0 else {
      throw DecodeFailure(.corrupt, "the header states \(width) × \(height) pixels")
    }
    let (area, overflow) = width.multipliedReportingOverflow(by: height)
    if overflow || area > pixels {
      throw DecodeFailure(.tooLarge, "\(width) × \(height) pixels; at most \(pixels) are decoded")
    }
  }
}
