import Foundation
import Records

/// A clip as a source of pictures: MP4, MOV, AVI, MPEG, Matroska, WebM and GIF through FFmpeg's libraries, frames chosen by `ClipSampler`.
///
/// Of a file that ends before its container says, the frames up to the cut are given, flagged `cut_short`, and one picture more than there are
/// frames fails with `truncated`: so the loss is a row of the ledger, and nothing that can be read is lost. MPEG streams don't say where they end.
/// A GIF or DICOM file of one picture is a picture and no clip: it has neither frame number nor time.
final class VideoSource: PictureSource {
  let facts: ImageFacts
  let count: Int
  private let frames: VideoFrames
  private let times: [Double]?
  private let taken: [Int]
  private let isCutShort: Bool
  private let place: SlicePlace?

  /// - Throws: `unreadable`, `corrupt`, `truncated` (nothing before the cut can be shown), `no_pixels`, `unsupported_encoding`, `too_large`.
  convenience init(_ path: String, _ format: FileFormat, _ sampling: ClipSampling) throws(DecodeFailure) {
    let end = try VideoSource.end(of: path)
    let frames = try VideoSource.frames(orTruncatedIf: end.isCutShort) { () throws(DecodeFailure) in
      if end.wholePictures == 0 { throw DecodeFailure(.corrupt, "no picture is whole") }
      return try VideoFrames(path: path, atMost: end.wholePictures ?? VideoFrames.limit)
    }
    self.init(
      frames, VideoSource.facts(format, frames), times: frames.times, isCutShort: end.isCutShort, sampling, place: nil)
  }

  /// - Parameters:
  ///   - facts: of the file.
  ///   - times: seconds from the first frame, one a frame, where they are known.
  ///   - place: what the header says of place and time, the same for all frames.
  init(
    _ frames: VideoFrames, _ facts: ImageFacts, times: [Double]?, isCutShort: Bool, _ sampling: ClipSampling,
    place: SlicePlace?
  ) {
    self.frames = frames
    self.times = times
    self.isCutShort = isCutShort
    self.place = place
    var facts = facts
    if isCutShort { facts.flags = ["cut_short"] }
    self.facts = facts
    taken = ClipSampler.frames(sampling, count: frames.count, times: times) { index throws(DecodeFailure) in
      Picture(try frames.frame(index))
    }
    count = taken.count + (isCutShort ? 1 : 0)
  }

  /// Opens a clip; whatever is wrong with one that was cut short is called so.
  static func frames(
    orTruncatedIf isCutShort: Bool, _ open: () throws(DecodeFailure) -> VideoFrames
  ) throws(DecodeFailure) -> VideoFrames {
    do throws(DecodeFailure) { return try open() } catch {
      if isCutShort { throw DecodeFailure(.truncated, "the clip ends before its first frame can be shown") }
      throw error
    }
  }

  /// What the stream says of itself.
  static func facts(_ format: FileFormat, _ frames: VideoFrames) -> ImageFacts {
    let isTransposed = frames.orientation >= 5
    var facts = ImageFacts(
      kind: format, width: isTransposed ? frames.height : frames.width,
      height: isTransposed ? frames.width : frames.height, frames: frames.count, bits: frames.bits,
      samples: frames.samples)
    facts.orientation = frames.orientation
    return facts
  }

  func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture {
    precondition(index >= 0 && index < count, "picture \(index) of \(count)")
    guard index < taken.count else {
      throw DecodeFailure(.truncated, "the clip ends early, after \(frames.count) frames")
    }
    let number = taken[index]
    let stored = try frames.frame(number)
    let upright = stored.turned(by: frames.orientation)
    var facts = facts
    facts.width = upright.columns
    facts.height = upright.rows
    facts.slice = place
    if frames.count > 1 || isCutShort || facts.kind == .video {
      facts.item = String(number)
      facts.frame = number
      facts.seconds = times?[number]
    }
    return SourcePicture(stored: stored, picture: Picture(upright), facts: facts)
  }

  private static func end(of path: String) throws(DecodeFailure) -> ClipEnd {
    let data: Data
    do { data = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped) } catch {
      throw DecodeFailure(.unreadable, "the clip cannot be read")
    }
    return data.withUnsafeBytes { ClipEnd($0) }
  }
}
