import Foundation
import Records

/// A clip as a source of pictures: MP4, MOV, AVI, MPEG, Matroska, WebM and GIF through FFmpeg's libraries, frames chosen by `ClipSampler`.
///
/// Of a file that ends before its container says, the frames up to the cut are given, flagged `cut_short`, and one picture more than there are
/// frames fails with `truncated`: so the loss is a row of the ledger, and nothing that can be read is lost. MPEG streams don't say where they end.
/// A GIF of one picture is a picture and no clip: it has neither frame number nor time.
final class VideoSource: PictureSource {
  let facts: ImageFacts
  let count: Int
  private let frames: VideoFrames
  private let taken: [Int]
  private let isCutShort: Bool

  /// - Throws: `unreadable`, `corrupt`, `truncated` (nothing before the cut can be shown), `no_pixels`, `unsupported_encoding`, `too_large`.
  init(_ path: String, _ format: FileFormat, _ sampling: ClipSampling) throws(DecodeFailure) {
    let end = try VideoSource.end(of: path)
    let frames: VideoFrames
    do throws(DecodeFailure) {
      if end.wholePictures == 0 { throw DecodeFailure(.corrupt, "no picture is whole") }
      frames = try VideoFrames(path: path, atMost: end.wholePictures ?? VideoFrames.limit)
    } catch {
      if end.isCutShort {
        throw DecodeFailure(.truncated, "the clip ends before its first frame can be shown")
      }
      throw error
    }
    self.frames = frames
    isCutShort = end.isCutShort
    let isTransposed = frames.orientation >= 5
    var facts = ImageFacts(
      kind: format, width: isTransposed ? frames.height : frames.width,
      height: isTransposed ? frames.width : frames.height, frames: frames.count, bits: frames.bits,
      samples: frames.samples)
    facts.orientation = frames.orientation
    if isCutShort { facts.flags = ["cut_short"] }
    self.facts = facts
    taken = ClipSampler.frames(sampling, count: frames.count, times: frames.times) { index throws(DecodeFailure) in
      Picture(try frames.frame(index))
    }
    count = taken.count + (isCutShort ? 1 : 0)
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
    if frames.count > 1 || isCutShort || facts.kind != .gif {
      facts.item = String(number)
      facts.frame = number
      facts.seconds = frames.times?[number]
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
