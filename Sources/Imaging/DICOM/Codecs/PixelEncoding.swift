import Records

/// How the frames of a transfer syntax are coded (PS3.5 section 10 and annex A; PS3.6 annex A).
package enum PixelEncoding: Sendable, Hashable {
  /// Samples as they are; big endian and the deflated data set are undone before a frame is cut out.
  case native
  case runLength
  /// A native frame as a raw deflate stream (PS3.5 A.4.13).
  case deflatedFrame
  /// Every process of ISO/IEC 10918-1, and JPEG-LS: which one, the code stream says.
  case jpeg
  /// JPEG 2000 parts 1 and 2, and high-throughput JPEG 2000.
  case jpeg2000
  case jpegXL

  /// - Throws: `unsupported_encoding` for every other identifier: video, JPIP references, private and unknown ones.
  package init(transferSyntax: String) throws(DecodeFailure) {
    let root = "1.2.840.10008.1.2"
    switch transferSyntax.hasPrefix(root) ? transferSyntax.dropFirst(root.count) : "?" {
    case "", ".1", ".1.99", ".2": self = .native
    case ".5": self = .runLength
    case ".8.1": self = .deflatedFrame
    case ".4.50", ".4.51", ".4.57", ".4.70", ".4.80", ".4.81": self = .jpeg
    // Retired processes, of which those that are sequential, progressive or lossless are still read.
    case ".4.52", ".4.53", ".4.54", ".4.55", ".4.56", ".4.58", ".4.59", ".4.60", ".4.61", ".4.62", ".4.63", ".4.64",
      ".4.65", ".4.66":
      self = .jpeg
    case ".4.90", ".4.91", ".4.92", ".4.93", ".4.201", ".4.202", ".4.203": self = .jpeg2000
    case ".4.110", ".4.111", ".4.112": self = .jpegXL
    default: throw DecodeFailure(.unsupportedEncoding, PixelEncoding.refusal(of: transferSyntax))
    }
  }

  /// The identifier is named only where it is one: anything else may be a part of the file's content.
  private static func refusal(of transferSyntax: String) -> String {
    let parts = transferSyntax.split(separator: ".", omittingEmptySubsequences: false)
    let isIdentifier =
      transferSyntax.utf8.count <= 64 && parts.count > 1
      && parts.allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      }
    return isIdentifier
      ? "pictures in transfer syntax \(transferSyntax) are not decoded"
      : "the file states no valid transfer syntax"
  }
}
