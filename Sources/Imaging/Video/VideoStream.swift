import CFFmpeg

/// Owns one open clip of FFmpeg's libraries: `init` throws or holds it, `deinit` closes it. It only goes forward.
final class VideoStream {
  /// What is known of a decoded frame before its pixels are.
  struct Frame {
    /// In units of `secondsPerStamp`; nil where the stream has none.
    var stamp: Int64?
    var width, height, samples: Int
    var type: StoredPixels.SampleType
    /// The decoder filled a gap by guessing.
    var isDamaged: Bool
  }

  private let pointer: OpaquePointer
  let width: Int
  let height: Int
  /// 1 or 3.
  let samples: Int
  /// Of a sample, as encoded.
  let bits: Int
  /// EXIF's 1…8.
  let orientation: Int
  /// Whether every packet is one frame shown and says when.
  let hasPacketTimes: Bool
  let secondsPerStamp: Double
  /// Whether frames are shown at times that are written beside them: bare bit streams hold none, and the demuxer counts.
  let hasStamps: Bool
  private let memory: BitStream?

  /// - Throws: `unreadable`, `corrupt`, `no_pixels` (no moving pictures), `unsupported_encoding`.
  convenience init(path: String) throws(DecodeFailure) {
    var status: Int32 = 0
    try self.init(cffmpeg_open(path, Int64(DecodingLimits.pixels), &status), status, nil)
  }

  /// The same for a bit stream in memory, which it keeps.
  convenience init(_ memory: BitStream) throws(DecodeFailure) {
    var status: Int32 = 0
    let pointer = cffmpeg_open_memory(
      memory.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int64(memory.bytes.count),
      Int64(DecodingLimits.pixels), &status)
    try self.init(pointer, status, memory)
  }

  private init(
    _ pointer: OpaquePointer?, _ status: Int32, _ memory: BitStream?
  ) throws(DecodeFailure) {
    guard let pointer else { throw VideoStream.failure(status) }
    self.pointer = pointer
    self.memory = memory
    var facts = CFFmpegFacts()
    cffmpeg_facts(pointer, &facts)
    width = Int(facts.width)
    height = Int(facts.height)
    samples = Int(facts.samples)
    bits = Int(facts.bits)
    orientation = Int(facts.orientation)
    hasPacketTimes = facts.has_packet_times != 0
    hasStamps = facts.has_stamps != 0
    let unit = Double(facts.seconds_numerator) / Double(facts.seconds_denominator)
    secondsPerStamp = unit.isFinite && unit > 0 ? unit : 1
    try DecodingLimits.check(width: width, height: height)
  }

  deinit { cffmpeg_close(pointer) }

  static var libraryVersion: String { String(cString: cffmpeg_version()) }

  /// The stamp of the next packet that is shown, without decoding; nil at the end. Not to be mixed with `next`.
  func nextStamp() throws(DecodeFailure) -> Int64?? {
    var stamp: Int64 = 0
    let status = cffmpeg_next_stamp(pointer, &stamp)
    if status == CFFMPEG_END { return nil }
    if status != CFFMPEG_OK { throw VideoStream.failure(status) }
    return .some(stamp == Int64.min ? nil : stamp)
  }

  /// Decodes the next frame in the order of showing; nil at the end. Packets that cannot be decoded are passed over.
  func next() throws(DecodeFailure) -> Frame? {
    var frame = CFFmpegFrame()
    let status = cffmpeg_next_frame(pointer, &frame)
    if status == CFFMPEG_END { return nil }
    if status != CFFMPEG_OK { throw VideoStream.failure(status) }
    return Frame(
      stamp: frame.stamp == Int64.min ? nil : frame.stamp, width: Int(frame.width), height: Int(frame.height),
      samples: Int(frame.samples), type: frame.sample_width == 2 ? .uint16 : .uint8, isDamaged: frame.is_damaged != 0)
  }

  /// The pixels of the frame that `next` returned last. - Complexity: O(pixels).
  func pixels(of frame: Frame) throws(DecodeFailure) -> StoredPixels {
    try DecodingLimits.check(width: frame.width, height: frame.height)
    let size = frame.width * frame.height * frame.samples * frame.type.width
    var status: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, count in
      status = cffmpeg_pixels(pointer, target.baseAddress!)
      count = status == CFFMPEG_OK ? size : 0
    }
    if status != CFFMPEG_OK { throw VideoStream.failure(status) }
    return StoredPixels(
      bytes: bytes, columns: frame.width, rows: frame.height, samples: frame.samples, type: frame.type)
  }

  /// The check of every call.
  private static func failure(_ status: Int32) -> DecodeFailure {
    switch Int(status) {
    case CFFMPEG_UNREADABLE: DecodeFailure(.unreadable, "the clip cannot be read")
    case CFFMPEG_NO_VIDEO: DecodeFailure(.noPixels, "the file holds no moving pictures")
    case CFFMPEG_NO_DECODER: DecodeFailure(.unsupportedEncoding, "this FFmpeg cannot decode the clip's encoding")
    case CFFMPEG_NO_MEMORY: DecodeFailure(.tooLarge, "the clip asks for more memory than is allowed")
    default: DecodeFailure(.corrupt, "FFmpeg cannot make sense of the clip")
    }
  }
}
