import Records

/// The frames of a WebP file, moving or not, through libvips, as they are shown: laid over those before, as the file says.
///
/// Which frames are taken is `ClipSampler`'s to say, by the delays of the file; where all are 0, by 100 milliseconds each, which is what browsers make of
/// it. Frames come one at a time and in order; asked for one before the last, the file is read from its beginning again. Stored samples are
/// those of libvips: the composed frame in RGB, with alpha as the last sample where the file has it.
final class AnimationSource: PictureSource {
  let facts: ImageFacts
  private(set) var count = 0
  private let path: String
  private var image: VipsImageHandle
  /// The first frame that `image` can still give.
  private var next = 0
  private let frames: Int
  private let seconds: [Double]
  private var chosen: [Int] = []

  private static let loader = "webpload"
  /// Pixels up to which a damaged file is read once more, to tell one that ends early from another.
  private static let lookAgain = 1 << 24

  init(_ path: String, _ options: ReadingOptions) throws(DecodeFailure) {
    self.path = path
    let image = try VipsImageHandle.reading { isStrict throws(DecodeFailure) in
      try VipsImageHandle(path, AnimationSource.loader, allPages: true, isStrict: isStrict)
    }
    self.image = image
    try DecodingLimits.check(width: image.width, height: image.pageHeight)
    // The library holds the canvas and the frame that is laid over it beside what it hands out, four bytes a pixel each.
    try DecodingLimits.check(bytes: image.width * image.pageHeight, times: 12)
    let isWhole = image.pageHeight > 0 && image.height == image.pages * image.pageHeight
    frames = isWhole ? image.pages : 1
    facts = image.facts(.webp, frames: frames)
    var delays = Array(image.delays.prefix(frames))
    delays += [Int](repeating: 0, count: frames - delays.count)
    if delays.allSatisfy({ $0 == 0 }) { delays = [Int](repeating: 100, count: frames) }
    var now = 0
    seconds = delays.map { delay in
      defer { now += delay }
      return Double(now) / 1000
    }
    chosen = ClipSampler.frames(options.clip, count: frames, times: seconds) { index throws(DecodeFailure) in
      try self.frame(index).picture
    }
    count = chosen.count
  }

  func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture { try frame(chosen[index]) }

  private func frame(_ frame: Int) throws(DecodeFailure) -> SourcePicture {
    if frame < next {
      image = try VipsImageHandle(path, AnimationSource.loader, allPages: true, isStrict: true)
      next = 0
    }
    let height = frames > 1 ? image.pageHeight : image.height
    let stored: StoredPixels
    do throws(DecodeFailure) {
      // The frames between are read too: the library cannot jump.
      while next < frame {
        _ = try image.samples(top: next * height, rows: height)
        next += 1
      }
      stored = try image.samples(top: frame * height, rows: height)
      next = frame + 1
    } catch {
      next = .max
      // Looking again needs the memory of all frames up to this one, beside what the first look holds.
      let looked = image.width * min(image.height, (frame + 1) * height)
      if error.code == .corrupt, looked <= AnimationSource.lookAgain,
        let lenient = try? VipsImageHandle(path, AnimationSource.loader, allPages: true, isStrict: false),
        (try? lenient.samples(top: 0, rows: min(lenient.height, (frame + 1) * height))) != nil
      {
        throw DecodeFailure(.truncated, "the data ends early or is damaged")
      }
      throw error
    }
    let (picture, rendering) = try image.rendered(stored)
    var facts = facts
    facts.rendering = rendering
    if frames > 1 {
      facts.item = String(frame)
      facts.frame = frame
      facts.seconds = seconds[frame]
    }
    return SourcePicture(stored: stored, picture: picture, facts: facts)
  }
}
