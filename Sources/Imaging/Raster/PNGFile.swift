import CDeflate
import Records

/// The chunks of a PNG file (W3C PNG specification, third edition): the header, and where everything lies. Pixels are not touched.
struct PNGFile {
  /// Colour types of IHDR.
  enum Colour: UInt8 {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgbAlpha = 6

    var samples: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgbAlpha: 4
      }
    }

    var depths: [Int] {
      switch self {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .greyAlpha, .rgbAlpha: [8, 16]
      }
    }
  }

  let width: Int
  let height: Int
  let depth: Int
  let colour: Colour
  let isInterlaced: Bool
  /// Red, green and blue of each palette entry.
  private(set) var palette: [UInt8] = []
  /// tRNS: alphas of palette entries, or the transparent colour as 16-bit big-endian samples.
  private(set) var transparency: [UInt8] = []
  /// The parts of the zlib stream, in order.
  private(set) var data: [UnsafeRawBufferPointer] = []
  private(set) var orientation = 1
  private(set) var hasColourProfile = false
  /// Frames of an animated PNG (acTL); 1 for all others.
  private(set) var frames = 1

  /// - Throws: `truncated` where the chunks end before IEND, `corrupt` for a wrong checksum of a chunk that matters and for a wrong header.
  init(_ file: UnsafeRawBufferPointer) throws(DecodeFailure) {
    guard file.starts("IHDR", at: 12), let header = file.slice(16, 13), file.byte(32) != nil else {
      if file.count < 33 { throw DecodeFailure(.truncated, "the PNG header ends early") }
      throw DecodeFailure(.corrupt, "the PNG file does not begin with its header")
    }
    guard file.integer(8, UInt32.self, bigEndian: true) == 13, PNGFile.isIntact(file, at: 8, length: 13),
      let width = header.integer(0, UInt32.self, bigEndian: true),
      let height = header.integer(4, UInt32.self, bigEndian: true), width <= Int32.max, height <= Int32.max,
      let colour = Colour(rawValue: header[9]), colour.depths.contains(Int(header[8])), header[10] == 0,
      header[11] == 0, header[12] <= 1
    else { throw DecodeFailure(.corrupt, "the PNG header is damaged") }
    self.width = Int(width)
    self.height = Int(height)
    self.colour = colour
    depth = Int(header[8])
    isInterlaced = header[12] == 1
    try DecodingLimits.check(width: self.width, height: self.height)
    try readChunks(file)
  }

  private mutating func readChunks(_ file: UnsafeRawBufferPointer) throws(DecodeFailure) {
    var position = 33
    while true {
      guard let length = file.integer(position, UInt32.self, bigEndian: true).map({ Int($0) }), length <= Int32.max,
        let body = file.slice(position + 8, length), file.slice(position + 8 + length, 4) != nil
      else { throw DecodeFailure(.truncated, "the PNG data ends early") }
      let isIntact = PNGFile.isIntact(file, at: position, length: length)
      // The first letter of a chunk that one may not skip is a capital.
      let isCritical = (file.byte(position + 4) ?? 0) & 0x20 == 0
      if !isIntact && isCritical { throw DecodeFailure(.corrupt, "the checksum of a PNG chunk is wrong") }
      if file.starts("IEND", at: position + 4) { break }
      if isIntact { try read(file, chunk: position + 4, body) }
      position += 12 + length
    }
    if data.isEmpty { throw DecodeFailure(.corrupt, "the PNG file holds no pixels") }
    if colour == .palette && palette.isEmpty { throw DecodeFailure(.corrupt, "the PNG file lacks its palette") }
  }

  private mutating func read(
    _ file: UnsafeRawBufferPointer, chunk: Int, _ body: UnsafeRawBufferPointer
  ) throws(DecodeFailure) {
    if file.starts("IDAT", at: chunk) {
      data.append(body)
    } else if file.starts("PLTE", at: chunk) {
      guard body.count % 3 == 0, (3...768).contains(body.count) else {
        throw DecodeFailure(.corrupt, "a PNG palette of \(body.count) bytes")
      }
      palette = Array(body)
    } else if file.starts("tRNS", at: chunk), body.count <= 256 {
      transparency = Array(body)
    } else if file.starts("eXIf", at: chunk) {
      orientation = EXIFOrientation.find(inTIFF: body)
    } else if file.starts("iCCP", at: chunk) {
      hasColourProfile = true
    } else if file.starts("acTL", at: chunk), let count = body.integer(0, UInt32.self, bigEndian: true) {
      frames = max(1, Int(count))
    } else if file.byte(chunk).map({ $0 & 0x20 == 0 }) == true {
      throw DecodeFailure(.unsupportedEncoding, "a PNG chunk that may not be skipped, of a kind that is not known")
    }
  }

  private static func isIntact(_ file: UnsafeRawBufferPointer, at position: Int, length: Int) -> Bool {
    guard let checked = file.slice(position + 4, length + 4),
      let stated = file.integer(position + 8 + length, UInt32.self, bigEndian: true)
    else { return false }
    return libdeflate_crc32(0, checked.baseAddress, checked.count) == stated
  }
}
