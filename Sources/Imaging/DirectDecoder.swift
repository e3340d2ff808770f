import Crypto
import Foundation
import Records

/// Decodes in this process: what a `DecoderPool` child runs, and what tests may use on files that are known to be harmless.
public struct DirectDecoder: ImageDecoder {
  public init() {}

  public func decode(_ path: String, _ preprocessing: Preprocessing?) throws(DecodeFailure) -> DecodedImage {
    let before = try FileState(path)
    let (fileDigest, prefix) = try DirectDecoder.digest(path)
    guard let format = FileFormat(prefix: prefix) else {
      throw DecodeFailure(.unknownFormat, "the first bytes are those of no image format that is read")
    }
    var (picture, facts) = try DirectDecoder.read(path, format)
    guard try FileState(path) == before else {
      throw DecodeFailure(.changedWhileReading, "the file changed while it was read")
    }
    facts.fileDigest = fileDigest
    picture = picture.collapsingEqualChannels()
    facts.pixelDigest = picture.digest()
    facts.flags = QualityFlags.judge(picture)
    let image = DecodedImage(
      pixels: picture.pixels, channels: picture.channels, height: picture.height, width: picture.width, facts: facts)
    return preprocessing?(image) ?? image
  }

  private static func read(_ path: String, _ format: FileFormat) throws(DecodeFailure) -> (Picture, ImageFacts) {
    if format == .dicom { return try DICOMDecoder.decode(path) }
    var picture: Picture?
    if format == .jpeg {
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw DecodeFailure(.unreadable, "the file cannot be read")
      }
      picture = try JPEGDecoder().decode(bytes)
    }
    let decoded: Picture
    if let picture { decoded = picture } else { decoded = try VipsDecoder.decode(path, format) }
    let facts = ImageFacts(
      kind: format, width: decoded.width, height: decoded.height, frames: decoded.frames, bits: decoded.bits,
      samples: decoded.samples)
    return (decoded, facts)
  }

  /// SHA-256 of the file's bytes, read in blocks, and the first of them.
  private static func digest(_ path: String) throws(DecodeFailure) -> (hexadecimal: String, prefix: [UInt8]) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileState.failure(errno) }
    defer { close(descriptor) }
    var hash = SHA256()
    var prefix: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Foundation.read(descriptor, &block, block.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw FileState.failure(errno) }
      if count == 0 { break }
      if prefix.count < FileFormat.prefixLength { prefix += block[..<min(count, FileFormat.prefixLength)] }
      block.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
    return (hash.finalize().hexadecimal, prefix)
  }
}
