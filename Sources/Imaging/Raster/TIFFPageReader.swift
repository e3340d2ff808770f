import CTIFF
import Records

/// Reads the samples of the open page of a TIFF file (TIFF 6.0), strip by strip or tile by tile, and says how they are looked at.
struct TIFFPageReader {
  private let file: TIFFFile
  private let page: ctiff_page
  /// Samples come from libtiff as RGB of 8 bits, whatever the file stores.
  private let isTranslated: Bool
  private let type: StoredPixels.SampleType

  private var width: Int { Int(page.width) }
  private var height: Int { Int(page.height) }
  private var samples: Int { Int(page.samples) }
  private var bits: Int { Int(page.bits) }
  private var isHalf: Bool { page.format == SAMPLEFORMAT_IEEEFP && bits == 16 }

  /// - Throws: `unsupported_encoding` for complex and other rare samples, `too_large`, `corrupt`.
  init(_ file: TIFFFile, _ source: TIFFFile.Page) throws(DecodeFailure) {
    self.file = file
    var page = source.header
    try DecodingLimits.check(width: Int(page.width), height: Int(page.height))
    let isJPEG = [COMPRESSION_JPEG, COMPRESSION_OJPEG].contains(Int32(page.compression))
    if isJPEG && page.photometric == PHOTOMETRIC_YCBCR && page.compression == COMPRESSION_JPEG && page.bits == 8 {
      ctiff_ask_for_rgb(file.handle)
      page.photometric = UInt16(PHOTOMETRIC_RGB)
    }
    isTranslated = [
      PHOTOMETRIC_YCBCR, PHOTOMETRIC_CIELAB, PHOTOMETRIC_ICCLAB, PHOTOMETRIC_ITULAB, PHOTOMETRIC_LOGL,
      PHOTOMETRIC_LOGLUV,
    ]
    .contains(Int32(page.photometric))
    self.page = page
    guard (1...64).contains(page.samples) else {
      throw DecodeFailure(.unsupportedEncoding, "TIFF pixels of \(page.samples) samples")
    }
    guard let type = TIFFPageReader.type(page) else {
      throw DecodeFailure(.unsupportedEncoding, "TIFF samples of \(page.bits) bits of that kind")
    }
    self.type = isTranslated ? .uint8 : type
    try DecodingLimits.check(
      bytes: Int(page.width) * Int(page.height), times: isTranslated ? 4 : Int(page.samples) * max(type.width, 1))
  }

  private static func type(_ page: ctiff_page) -> StoredPixels.SampleType? {
    switch (Int32(page.format), page.bits) {
    case (SAMPLEFORMAT_UINT, 1...8), (SAMPLEFORMAT_VOID, 1...8): .uint8
    case (SAMPLEFORMAT_UINT, 9...16), (SAMPLEFORMAT_VOID, 9...16): .uint16
    case (SAMPLEFORMAT_UINT, 32), (SAMPLEFORMAT_VOID, 32): .uint32
    case (SAMPLEFORMAT_UINT, 64), (SAMPLEFORMAT_VOID, 64): .uint64
    case (SAMPLEFORMAT_INT, 8): .int8
    case (SAMPLEFORMAT_INT, 16): .int16
    case (SAMPLEFORMAT_INT, 32): .int32
    case (SAMPLEFORMAT_INT, 64): .int64
    case (SAMPLEFORMAT_IEEEFP, 16), (SAMPLEFORMAT_IEEEFP, 32): .float32
    case (SAMPLEFORMAT_IEEEFP, 64): .float64
    default: nil
    }
  }

  // MARK: Samples

  /// As stored. - Complexity: O(pixels); memory: the page and one strip or tile.
  func stored() throws(DecodeFailure) -> StoredPixels {
    if isTranslated { return try translated() }
    let isPlanar = page.planar == PLANARCONFIG_SEPARATE && samples > 1
    let interleaved = isPlanar ? 1 : samples
    let pieceWidth = page.isTiled != 0 ? Int(page.tileWidth) : width
    let pieceHeight = page.isTiled != 0 ? Int(page.tileHeight) : min(Int(page.rowsPerStrip), height)
    guard pieceWidth > 0, pieceHeight > 0 else { throw DecodeFailure(.corrupt, "TIFF pieces without pixels") }
    let across = (width + pieceWidth - 1) / pieceWidth
    let down = (height + pieceHeight - 1) / pieceHeight
    guard across * down * (isPlanar ? samples : 1) <= Int(page.pieces) else {
      throw DecodeFailure(.corrupt, "the TIFF file has too few strips or tiles")
    }
    // Where the lists of pieces are short, libtiff fills them up with zeros and reads the header as pixels.
    for index in 0..<UInt32(across * down * (isPlanar ? samples : 1))
    where TIFFGetStrileOffset(file.handle, index) == 0 || TIFFGetStrileByteCount(file.handle, index) == 0 {
      throw DecodeFailure(.corrupt, "a strip or tile of the TIFF file is missing")
    }
    let rowBytes = (pieceWidth * interleaved * bits + 7) / 8
    try DecodingLimits.check(bytes: rowBytes, times: pieceHeight)
    let pieceBytes = rowBytes * pieceHeight
    let stated = page.isTiled != 0 ? TIFFTileSize(file.handle) : TIFFStripSize(file.handle)
    guard Int(stated) == pieceBytes else { throw DecodeFailure(.unsupportedEncoding, "TIFF rows of an unusual length") }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
    defer { piece.deallocate() }
    let sampleBytes = type.width
    var bytes = [UInt8](repeating: 0, count: width * height * samples * sampleBytes)
    for plane in 0..<(isPlanar ? samples : 1) {
      for row in 0..<down {
        let rows = min(pieceHeight, height - row * pieceHeight)
        for column in 0..<across {
          let index = UInt32((plane * down + row) * across + column)
          // Strips of the last row are shorter, tiles are not.
          let wanted = page.isTiled != 0 ? pieceBytes : rowBytes * rows
          let got =
            page.isTiled != 0
            ? TIFFReadEncodedTile(file.handle, index, piece.baseAddress, tmsize_t(wanted))
            : TIFFReadEncodedStrip(file.handle, index, piece.baseAddress, tmsize_t(wanted))
          guard Int(got) == wanted else { throw file.failure(index) }
          let columns = min(pieceWidth, width - column * pieceWidth)
          bytes.withUnsafeMutableBytes { target in
            for y in 0..<rows {
              let line = ((row * pieceHeight + y) * width + column * pieceWidth) * samples + plane
              copy(
                piece.baseAddress! + y * rowBytes, columns * interleaved,
                to: target.baseAddress! + line * sampleBytes, every: isPlanar ? samples : 1)
            }
          }
        }
      }
    }
    return StoredPixels(bytes: bytes, columns: width, rows: height, samples: samples, type: type)
  }

  /// `count` samples of a row to every `step`th place. libtiff hands out numbers in this machine's order; odd depths it leaves packed.
  private func copy(
    _ source: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawPointer, every step: Int
  ) {
    let size = type.width
    if isHalf {
      for i in 0..<count {
        let half = source.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
        target.storeBytes(of: HalfFloat.widened(half), toByteOffset: i * step * 4, as: Float.self)
      }
    } else if bits == 8 * size {
      if step == 1 {
        target.copyMemory(from: source, byteCount: count * size)
      } else {
        for i in 0..<count { (target + i * step * size).copyMemory(from: source + i * size, byteCount: size) }
      }
    } else {
      let packed = source.assumingMemoryBound(to: UInt8.self)
      for i in 0..<count {
        var value = 0
        var bit = i * bits
        let end = bit + bits
        while bit < end {
          let taken = min(8 - bit % 8, end - bit)
          value = value << taken | (Int(packed[bit / 8]) >> (8 - bit % 8 - taken)) & ((1 << taken) - 1)
          bit += taken
        }
        if size == 1 {
          target.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: i * step, as: UInt8.self)
        } else {
          target.storeBytes(of: UInt16(truncatingIfNeeded: value), toByteOffset: 2 * i * step, as: UInt16.self)
        }
      }
    }
  }

  /// What libtiff makes of colour spaces of its own: RGB of 8 bits. The corresponding C function is `TIFFReadRGBAImageOriented`.
  private func translated() throws(DecodeFailure) -> StoredPixels {
    var pixels = [UInt32](repeating: 0, count: width * height)
    guard
      TIFFReadRGBAImageOriented(file.handle, page.width, page.height, &pixels, Int32(ORIENTATION_TOPLEFT), 1) == 1
    else { throw file.failure(0) }
    let bytes = pixels.flatMap { [UInt8($0 & 255), UInt8($0 >> 8 & 255), UInt8($0 >> 16 & 255)] }
    return StoredPixels(bytes: bytes, columns: width, rows: height, samples: 3, type: .uint8)
  }

  // MARK: Looks

  /// `upright` as it is looked at.
  func rendered(_ upright: StoredPixels) throws(DecodeFailure) -> (Picture, Rendering) {
    if isTranslated { return (Picture(upright), .stored) }
    switch Int32(page.photometric) {
    case PHOTOMETRIC_PALETTE where samples == 1 && (type == .uint8 || type == .uint16):
      return (Picture(upright, try palette()), .stored)
    case PHOTOMETRIC_SEPARATED where samples == 4 && type == .uint8 && bits == 8:
      return (Picture(upright.inksAsColour()), .stored)
    case PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE: return try shaded(upright, colours: 1)
    case PHOTOMETRIC_RGB where samples >= 3: return try shaded(upright, colours: 3)
    default: throw DecodeFailure(.unsupportedEncoding, "a TIFF colour space that is not read")
    }
  }

  private func shaded(_ upright: StoredPixels, colours: Int) throws(DecodeFailure) -> (Picture, Rendering) {
    let extra = samples - colours
    let hasAlpha =
      extra > 0
      && (Int32(page.firstExtra) == EXTRASAMPLE_ASSOCALPHA || Int32(page.firstExtra) == EXTRASAMPLE_UNASSALPHA)
    guard extra == 0 || hasAlpha || (colours == 3 && extra == 1) else {
      throw DecodeFailure(.unsupportedEncoding, "TIFF pixels of \(samples) samples, of which \(extra) are no colours")
    }
    let isInverted = Int32(page.photometric) == PHOTOMETRIC_MINISWHITE
    let isWhole = bits == 8 || bits == 16
    if (type == .uint8 || type == .uint16) && hasAlpha && isWhole && !isInverted {
      let isPremultiplied = Int32(page.firstExtra) == EXTRASAMPLE_ASSOCALPHA
      return (upright.keeping(first: colours + 1).overBlack(isPremultiplied: isPremultiplied), .stored)
    }
    let kept = upright.keeping(first: colours)
    if type == .uint8 || type == .uint16 {
      if isWhole && !isInverted { return (Picture(kept), .stored) }
      let most = (1 << bits) - 1
      let table = (0..<1 << (8 * type.width)).map { pattern in
        let shade = Float(min(pattern, most)) / Float(most)
        return isInverted ? 1 - shade : shade
      }
      return (Picture(kept, .table(table)), .stored)
    }
    return (ValueWindow.picture(kept, .percentiles(of: kept), isInverted: isInverted), .percentiles)
  }

  /// Colours of 16 bits; where all fit in 8, as old writers had it, of 8.
  private func palette() throws(DecodeFailure) -> Tone {
    var red: UnsafeMutablePointer<UInt16>?
    var green: UnsafeMutablePointer<UInt16>?
    var blue: UnsafeMutablePointer<UInt16>?
    guard bits <= 16, ctiff_palette(file.handle, &red, &green, &blue) == 1, let red, let green, let blue else {
      throw DecodeFailure(.corrupt, "the TIFF file lacks its palette")
    }
    let entries = 1 << bits
    var isNarrow = true
    for table in [red, green, blue] { for i in 0..<entries where table[i] > 255 { isNarrow = false } }
    let scale: Float = isNarrow ? 1 / 255 : 1 / 65535
    func channel(_ table: UnsafeMutablePointer<UInt16>) -> [Float] {
      (0..<1 << (8 * type.width)).map { $0 < entries ? Float(table[$0]) * scale : 0 }
    }
    return .palette(red: channel(red), green: channel(green), blue: channel(blue))
  }
}

/// IEEE 754 binary16.
enum HalfFloat {
  static func widened(_ half: UInt16) -> Float {
    let sign = UInt32(half & 0x8000) << 16
    let exponent = UInt32(half >> 10 & 31)
    let fraction = UInt32(half & 0x3ff)
    if exponent == 31 { return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13) }
    if exponent == 0 {
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    }
    return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
