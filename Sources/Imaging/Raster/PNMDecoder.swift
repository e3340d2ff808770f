import Foundation
import Records

/// Portable anymaps (netpbm: pbm, pgm and ppm, plain P1…P3 and raw P4…P6): the first picture of the file.
///
/// Stored samples are those of the file, 8 bits up to a greatest value of 255 and 16 beyond, bitmaps as 0 (black) and 1 (white), which is Pillow's way and the
/// opposite of the file's. Shades are over the greatest value.
enum PNMDecoder {
  static func read(_ path: String) throws(DecodeFailure) -> SourcePicture {
    let file = try FileBytes(path)
    return try withExtendedLifetime(file) { () throws(DecodeFailure) in try decode(file.bytes) }
  }

  private static func decode(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) -> SourcePicture {
    guard bytes.count > 2, bytes[0] == 0x50, (0x31...0x36).contains(bytes[1]) else {
      throw DecodeFailure(.corrupt, "no anymap")
    }
    let kind = Int(bytes[1]) - 0x30
    let isPlain = kind <= 3
    let isBitmap = kind == 1 || kind == 4
    let samples = kind == 3 || kind == 6 ? 3 : 1
    var scanner = Scanner(bytes, position: 2)
    let width = try scanner.number()
    let height = try scanner.number()
    let most = isBitmap ? 1 : try scanner.number()
    try DecodingLimits.check(width: width, height: height)
    guard (1...65_535).contains(most) else { throw DecodeFailure(.corrupt, "an anymap of greatest value \(most)") }
    let type = most > 255 ? StoredPixels.SampleType.uint16 : .uint8
    let count = width * height * samples
    try DecodingLimits.check(bytes: count, times: type.width)
    // Every number of a plain file takes a character at least: no memory is asked for what cannot come.
    guard !isPlain || count <= bytes.count - scanner.position else { throw early }
    let stored: [UInt8]
    if isPlain {
      stored = try plain(&scanner, count, isBitmap, type)
    } else {
      // Exactly one blank stands before the samples.
      stored = try raw(bytes, from: scanner.position + 1, width, height, samples, isBitmap, type)
    }
    let raster = StoredPixels(bytes: stored, columns: width, rows: height, samples: samples, type: type)
    let isUnit = most == 255 || most == 65_535
    let tone =
      isUnit ? Tone.unit : .over(most, type)
    let bits = Int.bitWidth - most.leadingZeroBitCount
    let facts = ImageFacts(kind: .pnm, width: width, height: height, frames: 1, bits: bits, samples: samples)
    return SourcePicture(stored: raster, picture: Picture(raster, tone), facts: facts)
  }

  private static let early = DecodeFailure(.truncated, "the anymap ends before its last sample")

  private static func plain(
    _ scanner: inout Scanner, _ count: Int, _ isBitmap: Bool, _ type: StoredPixels.SampleType
  ) throws(DecodeFailure) -> [UInt8] {
    var stored = [UInt8]()
    stored.reserveCapacity(count * type.width)
    for _ in 0..<count {
      let value = isBitmap ? 1 - (try scanner.digit()) : min(try scanner.number(), 65_535)
      stored.append(type == .uint8 ? UInt8(min(value, 255)) : UInt8(value & 255))
      if type == .uint16 { stored.append(UInt8(value >> 8)) }
    }
    return stored
  }

  private static func raw(
    _ bytes: UnsafeRawBufferPointer, from start: Int, _ width: Int, _ height: Int, _ samples: Int, _ isBitmap: Bool,
    _ type: StoredPixels.SampleType
  ) throws(DecodeFailure) -> [UInt8] {
    let rowBytes = isBitmap ? (width + 7) / 8 : width * samples * type.width
    guard let body = bytes.slice(start, rowBytes * height) else { throw early }
    if isBitmap {
      return [UInt8](unsafeUninitializedCapacity: width * height) { target, count in
        for y in 0..<height {
          for x in 0..<width { target[y * width + x] = 1 - (body[y * rowBytes + x / 8] >> (7 - UInt8(x % 8)) & 1) }
        }
        count = width * height
      }
    }
    var stored = Array(body)
    if type == .uint16 { stored.withUnsafeMutableBytes { StoredNumbers.reverseBytes($0, width: 2) } }
    return stored
  }

  /// Numbers between blanks, and comments from "#" to the end of the line.
  private struct Scanner {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int

    init(_ bytes: UnsafeRawBufferPointer, position: Int) {
      self.bytes = bytes
      self.position = position
    }

    private mutating func skipBlanks() {
      while let byte = bytes.byte(position) {
        if byte == 0x23 {
          while let next = bytes.byte(position), next != 0x0a, next != 0x0d { position += 1 }
        } else if byte == 0x20 || (0x09...0x0d).contains(byte) {
          position += 1
        } else {
          return
        }
      }
    }

    mutating func number() throws(DecodeFailure) -> Int {
      skipBlanks()
      let start = position
      var value = 0
      while let byte = bytes.byte(position), (0x30...0x39).contains(byte), position - start < 10 {
        value = value * 10 + Int(byte - 0x30)
        position += 1
      }
      if position == start {
        throw bytes.byte(position) == nil
          ? PNMDecoder.early : DecodeFailure(.corrupt, "an anymap without a number where one belongs")
      }
      return value
    }

    /// One digit, which need not be followed by a blank.
    mutating func digit() throws(DecodeFailure) -> Int {
      skipBlanks()
      guard let byte = bytes.byte(position) else { throw PNMDecoder.early }
      guard byte == 0x30 || byte == 0x31 else { throw DecodeFailure(.corrupt, "a bitmap of other digits than 0 and 1") }
      position += 1
      return Int(byte - 0x30)
    }
  }
}
