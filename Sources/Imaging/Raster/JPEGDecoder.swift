import CCodecs
import CTurboJPEG
import Synchronization

/// A libjpeg-turbo decompressor, kept for the files of a whole process: one file at a time.
///
/// Exactly: full size by the accurate DCT, so that the samples are those of libjpeg and Pillow. For a smaller picture that need not be exact: at the
/// smallest of 1/1, 1/2, 1/4 and 1/8 that is still at least the wanted size, by the fast DCT.
final class JPEGDecoder {
  private let handle: tjhandle

  init() throws(DecodeFailure) {
    guard let handle = tjInitDecompress() else { throw DecodeFailure(.unreadable, "no memory for a JPEG decoder") }
    self.handle = handle
  }

  deinit { tjDestroy(handle) }

  /// The picture of a file, turned upright. Stored samples are those of Pillow's array: CMYK as four inks, 255 full.
  static func read(_ path: String, _ options: ReadingOptions) throws(DecodeFailure) -> SourcePicture {
    let file = try FileBytes(path)
    let decoder: JPEGDecoder
    if let waiting = idle.withLock({ $0.decoders.popLast() }) { decoder = waiting } else { decoder = try JPEGDecoder() }
    let picture = try withExtendedLifetime(file) { () throws(DecodeFailure) in try decoder.decode(file.bytes, options) }
    // One that met damage is not used again: what it remembers of it would spoil the next file.
    idle.withLock { $0.decoders.append(decoder) }
    return picture
  }

  /// Decompressors that nobody uses just now: making one costs as much as a small picture.
  private struct Idle: @unchecked Sendable {
    var decoders: [JPEGDecoder] = []
  }

  private static let idle = Mutex(Idle())

  private func decode(_ bytes: UnsafeRawBufferPointer, _ options: ReadingOptions) throws(DecodeFailure) -> SourcePicture
  {
    let markers = JPEGMarkers(bytes)
    if markers.isRare { return try JPEGDecoder.rare(bytes, markers) }
    let full = try header(bytes)
    let isTransposed = markers.orientation >= 5
    let reduction = options.isExact ? 1 : JPEGDecoder.reduction(full.width, full.height, options.preprocessing)
    let stored = try samples(bytes, full, reduction, isExact: options.isExact)
    let upright = stored.turned(by: markers.orientation)
    let picture = Picture(stored.samples == 4 ? upright.inksAsColour() : upright)
    var facts = ImageFacts(
      kind: .jpeg, width: isTransposed ? full.height : full.width, height: isTransposed ? full.width : full.height,
      frames: 1, bits: 8, samples: stored.samples)
    facts.orientation = markers.orientation
    facts.hasColourProfile = markers.hasColourProfile
    return SourcePicture(stored: stored, picture: picture, facts: facts)
  }

  /// Lossless JPEG, JPEG-LS, and JPEG of 12 bits, which DICOM has too, by its decoders. Shades are over the range of the bits.
  private static func rare(
    _ bytes: UnsafeRawBufferPointer, _ markers: JPEGMarkers
  ) throws(DecodeFailure) -> SourcePicture {
    try DecodingLimits.check(width: markers.width, height: markers.height)
    guard (2...16).contains(markers.precision), markers.components == 1 || markers.components == 3 else {
      throw DecodeFailure(
        .unsupportedEncoding, "a JPEG of \(markers.components) components of \(markers.precision) bits")
    }
    let isLossless = markers.process == 0xc3 || markers.process == 0xf7
    let description = PixelDescription(
      rows: markers.height, columns: markers.width, samples: markers.components,
      bitsAllocated: markers.precision > 8 ? 16 : 8, bitsStored: markers.precision, highBit: markers.precision - 1,
      photometric: markers.components == 1 ? "MONOCHROME2" : isLossless ? "RGB" : "YBR_FULL_422")
    let syntax = markers.process == 0xf7 ? "80" : markers.process == 0xc3 ? "57" : "51"
    let stored = try FrameDecoder.decode(bytes, "1.2.840.10008.1.2.4." + syntax, description)
    guard stored.type == .uint8 || stored.type == .uint16 else {
      throw DecodeFailure(.unsupportedEncoding, "JPEG samples with a sign")
    }
    let picture = Picture(
      stored.turned(by: markers.orientation), .over((1 << markers.precision) - 1, stored.type))
    var facts = ImageFacts(
      kind: .jpeg, width: picture.width, height: picture.height, frames: 1, bits: markers.precision,
      samples: stored.samples)
    facts.orientation = markers.orientation
    facts.hasColourProfile = markers.hasColourProfile
    return SourcePicture(stored: stored, picture: picture, facts: facts)
  }

  /// How many times smaller, of 1, 2, 4 and 8, `width` × `height` may be decoded for `preprocessing`.
  ///
  /// Where the whole picture is fitted in (`pad`) its longer side counts, else the shorter.
  static func reduction(_ width: Int, _ height: Int, _ preprocessing: Preprocessing?) -> Int {
    guard let preprocessing else { return 1 }
    let side = preprocessing.fit == .pad ? max(width, height) : min(width, height)
    return [8, 4, 2].first { (side + $0 - 1) / $0 >= preprocessing.size } ?? 1
  }

  private struct Header {
    let width, height: Int
    let colourSpace: Int32
  }

  private func header(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) -> Header {
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colourSpace: Int32 = 0
    try check(
      tjDecompressHeader3(
        handle, bytes.bindMemory(to: UInt8.self).baseAddress, UInt(bytes.count), &width, &height, &subsampling,
        &colourSpace))
    try DecodingLimits.check(width: Int(width), height: Int(height))
    return Header(width: Int(width), height: Int(height), colourSpace: colourSpace)
  }

  /// The samples as they lie there. A file that ends early or is damaged is refused, though the library would fill it up with grey.
  ///
  /// The corresponding C function is `tjDecompress2`.
  private func samples(
    _ bytes: UnsafeRawBufferPointer, _ header: Header, _ reduction: Int, isExact: Bool
  ) throws(DecodeFailure) -> StoredPixels {
    let isInk = [TJCS_CMYK, TJCS_YCCK].contains { header.colourSpace == Int32($0.rawValue) }
    let channels = isInk ? 4 : header.colourSpace == Int32(TJCS_GRAY.rawValue) ? 1 : 3
    let format = isInk ? TJPF_CMYK : channels == 1 ? TJPF_GRAY : TJPF_RGB
    let width = (header.width + reduction - 1) / reduction
    let height = (header.height + reduction - 1) / reduction
    // Scans are limited because a small progressive file can ask for a very long time.
    let flags = TJFLAG_LIMITSCANS | (isExact ? TJFLAG_ACCURATEDCT : TJFLAG_FASTDCT | TJFLAG_FASTUPSAMPLE)
    var code: Int32 = 0
    var samples = [UInt8](unsafeUninitializedCapacity: width * height * channels) { target, count in
      code = tjDecompress2(
        handle, bytes.bindMemory(to: UInt8.self).baseAddress, UInt(bytes.count), target.baseAddress, Int32(width), 0,
        Int32(height), Int32(format.rawValue), flags)
      count = code == 0 || isWarning ? width * height * channels : 0
    }
    if code != 0 {
      try check(code)
      // A warning, of which only the first is told. If that is harmless, the others are judged; after harmless ones every row is there.
      let isDamage = ["bad Huffman", "bad arithmetic", "found marker", "end of data segment"].contains(
        where: words.contains)
      if isDamage {
        throw DecodeFailure(words.contains("end of") ? .truncated : .corrupt, "the JPEG data are damaged or end early")
      }
      try CodecFailure.check(ccodecs_jpeg_judge(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count), "JPEG")
    }
    // Adobe keeps inks inverted, and so does everybody after it.
    if isInk { samples.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] = 255 - $0[i] } } }
    return StoredPixels(bytes: samples, columns: width, rows: height, samples: channels, type: .uint8)
  }

  /// Whether the last call failed with a warning, and went on to the end.
  private var isWarning: Bool { tjGetErrorCode(handle) == Int32(TJERR_WARNING.rawValue) }

  /// What the library says of it.
  private var words: String { tjGetErrorStr2(handle).map { String(cString: $0) } ?? "" }

  /// Turns a return code into an error. Warnings pass.
  private func check(_ code: Int32) throws(DecodeFailure) {
    if code == 0 || isWarning { return }
    let message = words
    if message.contains("remature end") { throw DecodeFailure(.truncated, "the JPEG data ends early") }
    if message.contains("nsupported") || message.contains("precision") || message.contains("SOF type") {
      throw DecodeFailure(.unsupportedEncoding, "a JPEG process that libjpeg-turbo does not decode")
    }
    throw DecodeFailure(.corrupt, "the JPEG data cannot be decoded")
  }
}

extension StoredPixels {
  /// Cyan, magenta, yellow and black (255 is full) as red, green and blue of uncalibrated inks: (255 − ink)·(255 − black) / 255, rounded.
  /// - Precondition: 4 samples of 8 bits.
  func inksAsColour() -> StoredPixels {
    precondition(samples == 4 && type == .uint8, "\(samples) samples of \(type)")
    let pixels = rows * columns
    let colours = [UInt8](unsafeUninitializedCapacity: 3 * pixels) { target, count in
      bytes.withUnsafeBufferPointer { source in
        for i in 0..<pixels {
          let white = 255 - Int(source[4 * i + 3])
          for k in 0..<3 { target[3 * i + k] = UInt8(((255 - Int(source[4 * i + k])) * white + 127) / 255) }
        }
      }
      count = 3 * pixels
    }
    return StoredPixels(bytes: colours, columns: columns, rows: rows, samples: 3, type: .uint8)
  }
}
