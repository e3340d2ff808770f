import CDeflate
import Kernels
import Records

/// PNG by a parser of our own, libdeflate and `png_rows`: every colour type and depth, interlaced or not; of an animation the first frame.
///
/// Stored samples are those of Pillow's and OpenCV's arrays: 16 bits in this machine's order, grey of 2 and 4 bits spread over 0…255, grey of one
/// bit as 0 and 1, palette indices as they are (one beyond the palette is black), alpha kept as a second or fourth sample. As looked at: alpha over black, the transparent colour of
/// tRNS black, turned as eXIf says; profiles and gamma ignored. The final checksum of the zlib stream is checked, as are those of all chunks.
enum PNGDecoder {
  static func read(_ path: String) throws(DecodeFailure) -> SourcePicture {
    let file = try FileBytes(path)
    return try withExtendedLifetime(file) { () throws(DecodeFailure) in try decode(file.bytes) }
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) -> SourcePicture {
    let file = try PNGFile(bytes)
    let stored = try PNGDecoder.samples(of: file)
    let picture = PNGDecoder.picture(stored, file)
    var facts = ImageFacts(
      kind: .png, width: picture.width, height: picture.height, frames: file.frames, bits: file.depth,
      samples: stored.samples)
    facts.orientation = file.orientation
    facts.hasColourProfile = file.hasColourProfile
    return SourcePicture(stored: stored, picture: picture, facts: facts)
  }

  private static func picture(_ stored: StoredPixels, _ file: PNGFile) -> Picture {
    let upright = stored.turned(by: file.orientation)
    switch file.colour {
    case .palette: return Picture(upright, palette(file))
    case .greyAlpha, .rgbAlpha: return upright.overBlack()
    case .grey where file.depth == 1:
      let isBlackTransparent = file.transparency.count == 2
      // Transparent white is black too: then the whole picture is.
      let white: Float = isBlackTransparent && file.transparency[1] == 1 ? 0 : 1
      return Picture(upright, .table((0..<256).map { $0 == 0 ? 0 : white }))
    case .grey, .rgb:
      guard file.transparency.count == 2 * stored.samples else { return Picture(upright) }
      return Picture(blackening(upright, file))
    }
  }

  private static func palette(_ file: PNGFile) -> Tone {
    func channel(_ offset: Int) -> [Float] {
      (0..<256).map { index in
        guard 3 * index + offset < file.palette.count else { return 0 }
        let alpha = index < file.transparency.count ? Float(file.transparency[index]) / 255 : 1
        return Float(file.palette[3 * index + offset]) / 255 * alpha
      }
    }
    return .palette(red: channel(0), green: channel(1), blue: channel(2))
  }

  /// Pixels of exactly the transparent colour become black.
  private static func blackening(_ picture: StoredPixels, _ file: PNGFile) -> StoredPixels {
    let key = (0..<picture.samples).map { Int(file.transparency[2 * $0]) << 8 | Int(file.transparency[2 * $0 + 1]) }
    let spread = file.depth < 8 ? 255 / ((1 << file.depth) - 1) : 1
    let pattern = key.flatMap { value -> [UInt8] in
      let sample = value &* spread
      return picture.type == .uint8
        ? [UInt8(truncatingIfNeeded: sample)] : [UInt8(sample & 255), UInt8(sample >> 8 & 255)]
    }
    var result = picture
    let size = pattern.count
    result.bytes.withUnsafeMutableBufferPointer { bytes in
      for pixel in 0..<picture.rows * picture.columns {
        let start = pixel * size
        var isKey = true
        for k in 0..<size where bytes[start + k] != pattern[k] {
          isKey = false
          break
        }
        if isKey { for k in 0..<size { bytes[start + k] = 0 } }
      }
    }
    return result
  }
}

// MARK: - Samples

extension PNGDecoder {
  /// One of the seven pictures of an interlaced file, or the only one of another.
  private struct Pass {
    let columns, rows, rowBytes: Int
    /// Where its pixels go: first column and row, and steps.
    let place: (x: Int, y: Int, dx: Int, dy: Int)

    var filteredBytes: Int { columns == 0 ? 0 : rows * (rowBytes + 1) }
  }

  private static func passes(_ file: PNGFile) -> [Pass] {
    let places =
      file.isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
    return places.map { (x, y, dx, dy) in
      let columns = max(0, (file.width - x + dx - 1) / dx)
      let rows = max(0, (file.height - y + dy - 1) / dy)
      let rowBytes = (columns * file.colour.samples * file.depth + 7) / 8
      return Pass(columns: columns, rows: rows, rowBytes: rowBytes, place: (x, y, dx, dy))
    }
  }

  private static func samples(of file: PNGFile) throws(DecodeFailure) -> StoredPixels {
    let type = file.depth == 16 ? StoredPixels.SampleType.uint16 : .uint8
    let samples = file.colour.samples
    try DecodingLimits.check(bytes: file.width * file.height, times: samples * type.width)
    let passes = passes(file)
    let filtered = passes.reduce(0) { $0 + $1.filteredBytes }
    let compressed = file.data.reduce(0) { $0 + $1.count }
    // Deflate makes at most 1,032 bytes of one: no memory is asked for what cannot come.
    guard filtered / 1032 <= compressed else { throw DecodeFailure(.truncated, "too little PNG data for the picture") }
    var failure: DecodeFailure?
    let isInPlace = !file.isInterlaced && file.depth >= 8
    let total = file.width * file.height * samples * type.width
    var inflated = [UInt8](unsafeUninitializedCapacity: filtered + Int(png_rows_padding)) { target, count in
      do throws(DecodeFailure) {
        try inflate(
          file, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[..<filtered]))
        for i in filtered..<target.count { target[i] = 0 }
        if isInPlace { try unpack(passes[0], file, target.baseAddress!, target.baseAddress!) }
        count = isInPlace ? total : filtered + Int(png_rows_padding)
      } catch { failure = error }
    }
    if let failure { throw failure }
    if !isInPlace {
      let packed = inflated.withUnsafeMutableBufferPointer { source in
        [UInt8](unsafeUninitializedCapacity: total) { target, count in
          do throws(DecodeFailure) {
            try place(passes, file, source.baseAddress!, target.baseAddress!)
            count = total
          } catch { failure = error }
        }
      }
      if let failure { throw failure }
      inflated = packed
    }
    return StoredPixels(bytes: inflated, columns: file.width, rows: file.height, samples: samples, type: type)
  }

  private static func unpack(
    _ pass: Pass, _ file: PNGFile, _ filtered: UnsafeMutablePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>
  ) throws(DecodeFailure) {
    let spread = file.colour == .grey && file.depth < 8 && file.depth > 1 ? 255 / ((1 << file.depth) - 1) : 1
    let pixelBytes = max(1, file.colour.samples * file.depth / 8)
    let code = png_rows(
      filtered, pass.rows, pass.rowBytes, pixelBytes, pass.columns * file.colour.samples, Int32(file.depth),
      Int32(spread), out)
    if code != 0 { throw DecodeFailure(.corrupt, "a PNG filter that does not exist") }
  }

  /// Every pass to its place.
  private static func place(
    _ passes: [Pass], _ file: PNGFile, _ filtered: UnsafeMutablePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>
  ) throws(DecodeFailure) {
    if !file.isInterlaced { return try unpack(passes[0], file, filtered, target) }
    let size = file.colour.samples * (file.depth == 16 ? 2 : 1)
    let scratch = UnsafeMutablePointer<UInt8>.allocate(
      capacity: (passes.map { $0.rows * $0.columns }.max() ?? 0) * size + 1)
    defer { scratch.deallocate() }
    var offset = 0
    for pass in passes where pass.filteredBytes > 0 {
      try unpack(pass, file, filtered + offset, scratch)
      offset += pass.filteredBytes
      for y in 0..<pass.rows {
        let line = ((pass.place.y + y * pass.place.dy) * file.width + pass.place.x) * size
        for x in 0..<pass.columns {
          let (from, to) = ((y * pass.columns + x) * size, line + x * pass.place.dx * size)
          for k in 0..<size { target[to + k] = scratch[from + k] }
        }
      }
    }
  }

  /// The whole zlib stream at once: libdeflate knows no other way.
  private static func inflate(
    _ file: PNGFile, into target: UnsafeMutableRawBufferPointer
  ) throws(DecodeFailure) {
    var joined: UnsafeMutableRawBufferPointer?
    defer { joined?.deallocate() }
    var stream = file.data[0]
    if file.data.count > 1 {
      let all = UnsafeMutableRawBufferPointer.allocate(byteCount: file.data.reduce(0) { $0 + $1.count }, alignment: 16)
      joined = all
      var end = 0
      for part in file.data where !part.isEmpty {
        (all.baseAddress! + end).copyMemory(from: part.baseAddress!, byteCount: part.count)
        end += part.count
      }
      stream = UnsafeRawBufferPointer(all)
    }
    guard let decompressor = libdeflate_alloc_decompressor() else {
      throw DecodeFailure(.unreadable, "no memory for an inflater")
    }
    defer { libdeflate_free_decompressor(decompressor) }
    var count = 0
    switch libdeflate_zlib_decompress(
      decompressor, stream.baseAddress, stream.count, target.baseAddress, target.count, &count)
    {
    case LIBDEFLATE_SUCCESS where count == target.count: return
    case LIBDEFLATE_SUCCESS, LIBDEFLATE_SHORT_OUTPUT: throw DecodeFailure(.truncated, "the PNG pixels end early")
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      // More than the picture needs, which some writers leave there: what is needed is taken.
      let inflater = try InflateStream(.zlib)
      guard try inflater.inflate(stream, into: target) == target.count else {
        throw DecodeFailure(.corrupt, "the PNG pixels cannot be inflated")
      }
    default: throw DecodeFailure(.corrupt, "the PNG pixels cannot be inflated")
    }
  }
}
