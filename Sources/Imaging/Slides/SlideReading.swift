import Records

/// Reading a part of a slide at any scale: the best level, then an antialiased filter to exactly the size wanted.
enum SlideReading {
  /// Pixels of one region at most: as ARGB words and RGB bytes together half a gigabyte.
  static let regionLimit = 64_000_000
  /// A level this much coarser than wanted is still taken: levels are cut a little off their nominal scale.
  private static let slack = 1.001

  /// The coarsest level that is not coarser than `downsample` along either axis.
  static func level(of slide: any SlideImage, for downsample: (x: Double, y: Double)) -> Int {
    var best = 0
    for (index, level) in slide.levels.enumerated()
    where level.downsample.x <= downsample.x * slack && level.downsample.y <= downsample.y * slack
      && level.downsample.x >= slide.levels[best].downsample.x
    {
      best = index
    }
    return best
  }

  /// Level 0 as one picture. - Throws: `too_large`, and what the slide throws. - Complexity: O(pixels), in strips.
  static func whole(_ slide: any SlideImage) throws(DecodeFailure) -> SourcePicture {
    try DecodingLimits.check(width: slide.width, height: slide.height)
    let strip = max(regionLimit / 16 / slide.width, 1)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * slide.width * slide.height)
    for y in Swift.stride(from: 0, to: slide.height, by: strip) {
      let height = min(strip, slide.height - y)
      bytes += try slide.region(level: 0, SlideRectangle(x: 0, y: y, width: slide.width, height: height))
    }
    let stored = StoredPixels(bytes: bytes, columns: slide.width, rows: slide.height, samples: 3, type: .uint8)
    return SourcePicture(stored: stored, picture: Picture(stored), facts: slide.facts)
  }

  /// The RGB bytes of a tile of `size` × `size` pixels whose upper left corner lies at (`x`, `y`) of level 0.
  ///
  /// Triangle filter over a box of exactly `footprint` (`Resampling`); where level and tile have one scale, the level's pixels are passed on unchanged.
  static func tile(
    of slide: any SlideImage, x: Int, y: Int, footprint: (x: Double, y: Double), size: Int
  ) throws(DecodeFailure) -> [UInt8] {
    let wanted = (x: footprint.x / Double(size), y: footprint.y / Double(size))
    let index = level(of: slide, for: wanted)
    let level = slide.levels[index]
    let left = Double(x) / level.downsample.x
    let top = Double(y) / level.downsample.y
    let right = left + footprint.x / level.downsample.x
    let bottom = top + footprint.y / level.downsample.y
    let (firstX, lastX) = extent(left, right, scale: wanted.x / level.downsample.x, limit: level.width)
    let (firstY, lastY) = extent(top, bottom, scale: wanted.y / level.downsample.y, limit: level.height)
    let (width, height) = (lastX - firstX, lastY - firstY)
    guard width <= regionLimit, height <= regionLimit, width * height <= regionLimit else {
      throw DecodeFailure(.tooLarge, "a tile covers \(width) × \(height) pixels of the best level there is")
    }
    let region = try slide.region(
      level: index, SlideRectangle(x: firstX, y: firstY, width: width, height: height))
    let box = Resampling.Box(
      top: top - Double(firstY), left: left - Double(firstX), bottom: bottom - Double(firstY),
      right: right - Double(firstX))
    var pixels = [UInt8](repeating: 0, count: 3 * size * size)
    region.withUnsafeBufferPointer { region in
      for channel in 0..<3 {
        let plane = Resampling.resize(height: height, width: width, box: box, toHeight: size, width: size) {
          y, target in
          for x in 0..<width { target[x] = Float(region[3 * (y * width + x) + channel]) / 255 }
        }
        for i in 0..<size * size { pixels[3 * i + channel] = UInt8(plane[i] * 255 + 0.5) }
      }
    }
    return pixels
  }

  /// The pixels of a level that a filter over `low..<high` looks at. The background beyond the slide counts only where the tile itself lies over
  /// it by more than levels are rounded off: edges of a slide get no rim of white.
  private static func extent(_ low: Double, _ high: Double, scale: Double, limit: Int) -> (first: Int, last: Int) {
    // The filter reaches one reduced pixel beyond the box; its last centre must find a pixel of the slide within its reach.
    let reach = max(scale, 1).rounded(.up)
    let overhang = min(0.99, 0.49 + scale / 2)
    let first = max((low - reach).rounded(.down), min(0, (low + overhang).rounded(.down)))
    let last = min((high + reach).rounded(.up), max(Double(limit), (high - overhang).rounded(.up)))
    return (Int(first), Int(last))
  }
}
