/// All frames of one clip, in the order of showing, with their times: a video file, an animation, or the bit stream of a DICOM video.
///
/// Opening reads the time stamps of the packets, and decodes only where those don't tell the frames (AVI, MPEG, bit streams). Afterwards the decoder
/// stays open and goes forward; a frame before the one read last is read by decoding from the beginning, so that a frame is the same whatever was
/// read before. Frames are neither deinterlaced nor stretched to square pixels. RGB comes of the stream's own range and matrix; where it states
/// none, limited range and BT.601, as FFmpeg and OpenCV have it. More than 8 bits are scaled to 16.
package final class VideoFrames {
  /// Seconds from the first frame, ascending; nil where the stream has no time stamps.
  package let times: [Double]?
  /// Whether times are written beside the frames. Those of bare bit streams are counted, by the rate that they state or 25 a second.
  let hasStamps: Bool
  /// Frames that are shown; at least 1.
  package let count: Int
  package let width: Int
  package let height: Int
  /// Samples a pixel, 1 or 3, and bits of one, as encoded.
  package let samples: Int
  package let bits: Int
  /// The EXIF orientation that makes frames upright: 1…8.
  package let orientation: Int

  /// Most frames of a clip: eleven hours at 25 a second.
  package static let limit = 1_000_000

  private let open: () throws(DecodeFailure) -> VideoStream
  /// The stamps by which frames are found; nil: they are found by counting.
  private let stamps: [Int64]?
  private var stream: VideoStream
  /// The frame that the decoder holds, and its stamp or number.
  private var current: (frame: VideoStream.Frame, key: Int64)?
  private var decoded = 0

  /// The clip at `path`.
  /// - Parameter limit: no more than so many frames are looked at.
  /// - Throws: `unreadable`, `corrupt`, `no_pixels`, `unsupported_encoding`, `too_large`.
  package convenience init(path: String, atMost limit: Int = VideoFrames.limit) throws(DecodeFailure) {
    try self.init(atMost: limit) { () throws(DecodeFailure) in try VideoStream(path: path) }
  }

  /// The clip whose bit stream these bytes are: what all fragments of a DICOM file of transfer syntax 1.2.840.10008.1.2.4.100 to .108 hold when
  /// joined (PS3.5 section 8.2.5 and following), bare or in an MPEG-2 transport stream or MP4.
  package convenience init(bitStream bytes: [UInt8]) throws(DecodeFailure) {
    try self.init(bitStream: BitStream(bytes))
  }

  convenience init(bitStream: BitStream) throws(DecodeFailure) {
    try self.init(atMost: VideoFrames.limit) { () throws(DecodeFailure) in try VideoStream(bitStream) }
  }

  private init(atMost limit: Int, _ open: @escaping () throws(DecodeFailure) -> VideoStream) throws(DecodeFailure) {
    self.open = open
    stream = try open()
    let unit = stream.secondsPerStamp
    var shown: [Int64?]
    if let stamps = try VideoFrames.packetStamps(stream) {
      shown = stamps.map { $0 }
      self.stamps = Array(stamps.prefix(limit))
    } else {
      if stream.hasPacketTimes { stream = try open() }
      shown = []
      while let frame = try stream.next() {
        shown.append(frame.stamp)
        if shown.count > VideoFrames.limit { throw VideoFrames.tooLong }
      }
      stamps = nil
    }
    shown = Array(shown.prefix(limit))
    if shown.isEmpty { throw DecodeFailure(.corrupt, "no frame of the clip can be decoded") }
    times = VideoFrames.times(shown, unit)
    hasStamps = stream.hasStamps
    count = shown.count
    width = stream.width
    height = stream.height
    samples = stream.samples
    bits = stream.bits
    orientation = stream.orientation
    stream = try open()
  }

  /// The stamps of all packets in the order of showing; nil where they are not those of the frames.
  private static func packetStamps(_ stream: VideoStream) throws(DecodeFailure) -> [Int64]? {
    if !stream.hasPacketTimes { return nil }
    var stamps: [Int64] = []
    while let next = try stream.nextStamp() {
      guard let stamp = next else { return nil }
      stamps.append(stamp)
      if stamps.count > limit { throw tooLong }
    }
    stamps.sort()
    for i in stamps.indices.dropFirst() where stamps[i] == stamps[i - 1] { return nil }
    return stamps
  }

  private static var tooLong: DecodeFailure {
    DecodeFailure(.tooLarge, "the clip has more than \(limit) frames")
  }

  /// Seconds from the first frame. A frame without a stamp, as decoders give at the end of an MPEG stream, is the usual step after the one before it;
  /// nil where the first has none or they don't ascend.
  private static func times(_ stamps: [Int64?], _ unit: Double) -> [Double]? {
    guard let first = stamps.first ?? nil else { return nil }
    let steps = zip(stamps, stamps.dropFirst()).compactMap { a, b in a.flatMap { a in b.map { Double($0) - Double(a) } }
    }
    let step = steps.isEmpty ? 0 : steps.sorted()[steps.count / 2]
    var times: [Double] = []
    for stamp in stamps {
      let last = times.last
      guard let time = stamp.map({ (Double($0) - Double(first)) * unit }) ?? last.map({ $0 + step * unit }) else {
        return nil
      }
      if let last, time < last { return nil }
      times.append(time)
    }
    return times
  }

  /// Frame `index` as encoded, not yet turned upright. Fast in ascending order.
  ///
  /// - Throws: `corrupt` where the decoder gives no picture, or fills gaps by guessing.
  /// - Precondition: `index` is in 0..<count.
  package func frame(_ index: Int) throws(DecodeFailure) -> StoredPixels {
    precondition(index >= 0 && index < count, "frame \(index) of \(count)")
    let wanted = stamps?[index] ?? Int64(index)
    if current.map({ $0.key > wanted }) ?? (decoded > 0) {
      stream = try open()
      current = nil
      decoded = 0
    }
    while current == nil || current!.key < wanted {
      guard let frame = try stream.next() else {
        current = nil
        break
      }
      current = (frame, stamps == nil ? Int64(decoded) : frame.stamp ?? Int64.min)
      decoded += 1
    }
    guard let current, current.key == wanted else {
      throw DecodeFailure(.corrupt, "the clip's data give no picture for the frame")
    }
    if current.frame.isDamaged { throw DecodeFailure(.corrupt, "the frame's data are damaged") }
    return try stream.pixels(of: current.frame)
  }
}
