import Records

extension TransferSyntax {
  /// Those whose fragments are pieces of one stream of moving pictures, which holds all frames: MPEG-2, H.264 and HEVC (PS3.5 A.4.5 to A.4.10), in
  /// one fragment or in many (identifiers that end in .1).
  static let video: Set<String> = Set(
    (100...108).map { "1.2.840.10008.1.2.4.\($0)" } + (100...106).map { "1.2.840.10008.1.2.4.\($0).1" })
}

extension DICOMFile {
  /// Bytes of a stream of moving pictures that are held in memory.
  static let longestVideo = 1 << 30

  /// Whether the pixel data is one stream of moving pictures.
  var isVideo: Bool { TransferSyntax.video.contains(transferSyntax) }

  /// All fragments joined.
  ///
  /// - Complexity: O(bytes), once.
  /// - Throws: `no_pixels`; `truncated` where the file ends before the stream does; `too_large`.
  func joinedFragments() throws(DecodeFailure) -> BitStream {
    let (fragments, isCutShort) = try pixelFragments()
    // Frames are not stored in the order in which they are shown: of a stream that is cut anywhere, which frame is which cannot be told.
    if isCutShort { throw DecodeFailure(.truncated, "the file ends before its stream of moving pictures does") }
    let count = fragments.reduce(0) { $0 + $1.count }
    if count == 0 { throw DecodeFailure(.truncated, "the stream of moving pictures is empty") }
    guard count <= DICOMFile.longestVideo else {
      throw DecodeFailure(.tooLarge, "\(count) bytes of moving pictures, more than \(DICOMFile.longestVideo)")
    }
    return BitStream(count: count) { target in
      var end = 0
      for fragment in fragments {
        withBytes(of: fragment) { bytes in
          UnsafeMutableRawBufferPointer(rebasing: target[end..<end + bytes.count]).copyMemory(from: bytes)
          end += bytes.count
        }
      }
    }
  }
}
