import Records

/// BMP, JPEG 2000 and JPEG XL through libvips: the only picture, or the first.
///
/// Stored samples are those of libvips: palettes of BMP resolved, alpha kept as the last sample, colour spaces that are none of RGB's turned into sRGB. Orientation is
/// undone, transparency laid over black, profiles of RGB pictures ignored; samples of neither 8 nor 16 unsigned bits are stretched between
/// their 0.5th and 99.5th percentiles.
enum VipsDecoder {
  static func decode(_ path: String, _ format: FileFormat) throws(DecodeFailure) -> SourcePicture {
    let loader =
      switch format {
      case .jpeg2000: "jp2kload"
      case .jpegxl: "jxlload"
      default: "magickload"
      }
    return try VipsImageHandle.reading { isStrict throws(DecodeFailure) in
      let image = try VipsImageHandle(path, loader, allPages: false, isStrict: isStrict)
      try DecodingLimits.check(width: image.width, height: image.height)
      let colours = try image.inRGB()
      var stored = try colours.samples(top: 0, rows: colours.height)
      var (picture, rendering) = try colours.rendered(stored)
      let bits = format == .jpeg2000 ? try codeStreamBits(path) : nil
      if let bits, stored.type == .uint16, stored.samples == 1 || stored.samples == 3, narrow(&stored, to: bits) {
        let most = (1 << bits) - 1
        picture = Picture(
          stored.turned(by: image.orientation), .table((0..<65_536).map { Float(min($0, most)) / Float(most) }))
      }
      var facts = image.facts(format, frames: 1)
      facts.samples = stored.samples
      if let bits { facts.bits = bits }
      facts.rendering = rendering
      return SourcePicture(stored: stored, picture: picture, facts: facts)
    }
  }

  /// Bits a sample of a JPEG 2000 file, from its SIZ marker (ISO/IEC 15444-1, A.5.1); nil where it is not among the first bytes, or varies.
  private static func codeStreamBits(_ path: String) throws(DecodeFailure) -> Int? {
    let stream = try FileStream(path)
    var start = [UInt8](repeating: 0, count: 8192)
    var failure: DecodeFailure?
    start.withUnsafeMutableBytes { raw in
      do throws(DecodeFailure) { _ = try stream.read(into: raw) } catch { failure = error }
    }
    if let failure { throw failure }
    let marker: [UInt8] = [0xff, 0x4f, 0xff, 0x51]
    guard let place = (0..<start.count - 64).first(where: { start[$0...].starts(with: marker) }) else { return nil }
    let components = Int(start[place + 40]) << 8 | Int(start[place + 41])
    let precisions = (0..<min(components, 4)).map { start[place + 42 + 3 * $0] }
    guard let first = precisions.first, precisions.allSatisfy({ $0 == first }), first & 0x80 == 0 else { return nil }
    return Int(first & 0x7f) + 1
  }

  /// libvips spreads 9…15 bits over 16 by a shift; this undoes it. False, and nothing done, where that cannot have been.
  private static func narrow(_ stored: inout StoredPixels, to bits: Int) -> Bool {
    guard (9...15).contains(bits) else { return false }
    let shift = UInt16(16 - bits)
    return stored.bytes.withUnsafeMutableBytes { raw in
      let words = raw.bindMemory(to: UInt16.self)
      for word in words where word & ((1 << shift) - 1) != 0 { return false }
      for i in words.indices { words[i] >>= shift }
      return true
    }
  }
}
