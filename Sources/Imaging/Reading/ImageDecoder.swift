public import Records

/// Turns files into pixels: in this process (`DirectDecoder`) or in a child that may die of it (`DecoderPool`).
public protocol ImageDecoder: Sendable {
  /// Reads pictures of one file and hands each on as it is ready, in order; returns what is true of the file.
  ///
  /// A picture that fails is handed on as a failure, and the next is tried; a file that fails as a whole is thrown.
  /// Digests, quality flags and facts are always those of the full-size picture. Deterministic: equal bytes, equal result.
  func read(_ request: ReadRequest, _ receive: (ReadItem) -> Void) throws(DecodeFailure) -> FileSummary
}

/// What is asked of a decoder.
public struct ReadRequest: Codable, Hashable, Sendable {
  public var path: String
  public var options: ReadingOptions
  /// Which of the pictures that `options` choose, cut to those there are; nil for all, `0..<0` for the header alone.
  public var items: Range<Int>?
  /// Whether the file's bytes are digested; not needed where the caller knows the digest.
  public var wantsFileDigest: Bool

  public init(_ path: String, _ options: ReadingOptions, items: Range<Int>? = nil, wantsFileDigest: Bool = true) {
    self.path = path
    self.options = options
    self.items = items
    self.wantsFileDigest = wantsFileDigest
  }
}

/// One picture of a file: its number among those chosen, and what became of it.
public struct ReadItem: Sendable, Equatable {
  public var index: Int
  public var outcome: Result<DecodedImage, DecodeFailure>

  public init(index: Int, outcome: Result<DecodedImage, DecodeFailure>) {
    self.index = index
    self.outcome = outcome
  }
}

/// What is true of a file as a whole.
public struct FileSummary: Codable, Hashable, Sendable {
  public var facts: ImageFacts
  /// Pictures that the options choose.
  public var count: Int
  /// SHA-256 of the file's bytes, 64 hexadecimal digits; nil where it was not asked for, or the request did not begin with the first picture.
  public var fileDigest: String?

  public init(facts: ImageFacts, count: Int, fileDigest: String?) {
    self.facts = facts
    self.count = count
    self.fileDigest = fileDigest
  }
}

extension ImageDecoder {
  /// The first picture of the file at `path`, resized as `preprocessing` says, or at full size where that is nil.
  public func decode(_ path: String, _ preprocessing: Preprocessing?) throws(DecodeFailure) -> DecodedImage {
    var first: Result<DecodedImage, DecodeFailure>?
    _ = try read(ReadRequest(path, ReadingOptions(preprocessing), items: 0..<1)) { first = $0.outcome }
    guard let first else { throw DecodeFailure(.noPixels, "the file holds no picture") }
    return try first.get()
  }
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
  /// Largest width × height of one picture; as floats, three planes of that size are 2.4 GB.
  public static let pixels = 200_000_000

  /// Most bytes of one picture as stored, so that a picture of many wide samples keeps a decoder under 2 GiB.
  package static let bytes = 1 << 30

  package static func check(bytes count: Int, times size: Int) throws(DecodeFailure) {
    let (total, overflow) = count.multipliedReportingOverflow(by: size)
    if overflow || total > bytes { throw DecodeFailure(.tooLarge, "more than \(bytes) bytes of pixels") }
  }

  package static func check(width: Int, height: Int) throws(DecodeFailure) {
    guard width > 0 && height > 0 else {
      throw DecodeFailure(.corrupt, "the header states \(width) × \(height) pixels")
    }
    let (area, overflow) = width.multipliedReportingOverflow(by: height)
    if overflow || area > pixels {
      throw DecodeFailure(.tooLarge, "\(width) × \(height) pixels; at most \(pixels) are decoded")
    }
  }
}
