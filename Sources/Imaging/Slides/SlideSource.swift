import Records

/// The tiles of a slide, row by row: each of exactly `TileOptions.micrometresPerPixel`, with enough tissue, scored and, if asked, normalised.
package final class SlideSource: PictureSource {
  package let facts: ImageFacts
  /// Of the tiles that are read, in the order of the grid.
  private let chosen: [Int]
  private let slide: any SlideImage
  private let resolution: KnownResolution
  private let options: TileOptions
  private let grid: TileGrid
  private let mask: TissueMask
  private let normalizer: StainNormalizer?

  /// Micrometres on a side of the thumbnail's pixels, at most: finer for small tiles.
  private static let thumbnail = 8.0
  /// Tiles that stains are estimated from.
  private static let sampledTiles = 24

  /// - Throws: `missing_mpp`, `no_tissue`, `too_large`, and what the slide throws.
  package init(_ slide: any SlideImage, _ options: ReadingOptions) throws(DecodeFailure) {
    let resolution = try KnownResolution(stated: slide.resolution, options)
    let tiles = options.tiles
    let grid = try TileGrid(slide.bounds, resolution.value, tiles)
    let finest = Double(tiles.size) * tiles.micrometresPerPixel / 8
    let mask = TissueMask(
      try SlideThumbnail(slide, resolution.value, micrometres: min(SlideSource.thumbnail, finest)))
    let withTissue = (0..<grid.count).filter { index in
      let corner = grid.corner(index)
      let share = mask.share(x: corner.x, y: corner.y, footprint: grid.footprint)
      // Half a thousandth for what the sums round off; and no tile without any tissue, whatever was asked.
      return share > 0 && share >= tiles.minimumTissue - 0.0005
    }
    guard !withTissue.isEmpty else { throw DecodeFailure(.noTissue, "no tile of the slide has enough tissue") }
    self.slide = slide
    self.resolution = resolution
    self.options = tiles
    self.grid = grid
    self.mask = mask
    chosen = EvenSpread.choose(tiles.limit, of: withTissue)
    var facts = slide.facts
    facts.micrometresPerPixel = (resolution.value.x * resolution.value.y).squareRoot()
    self.facts = facts
    guard tiles.stain != .none else {
      normalizer = nil
      return
    }
    // From all tiles with tissue, so that a limit does not change the colours.
    var sample: [UInt8] = []
    let step = max(tiles.size / 56, 1)
    for index in EvenSpread.choose(SlideSource.sampledTiles, of: withTissue) {
      // A tile that cannot be read says so when its turn comes.
      guard let pixels = try? SlideSource.pixels(index, slide, grid, tiles) else { continue }
      let tissue = TileTissue(
        pixels, size: tiles.size, micrometresPerPixel: tiles.micrometresPerPixel, threshold: mask.threshold)
      for y in stride(from: 0, to: tiles.size, by: step) {
        for x in stride(from: 0, to: tiles.size, by: step) where tissue.isTissue[y * tiles.size + x] {
          let start = 3 * (y * tiles.size + x)
          sample += pixels[start..<start + 3]
        }
      }
    }
    normalizer = StainNormalizer(tiles.stain, sample)
  }

  package var count: Int { chosen.count }

  /// - Precondition: `index` is in 0..<count.
  package func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture {
    precondition(chosen.indices.contains(index), "tile \(index) of \(chosen.count)")
    let size = options.size
    let pixels = try SlideSource.pixels(chosen[index], slide, grid, options)
    let quality = TileQuality(
      pixels, size: size, micrometresPerPixel: options.micrometresPerPixel, mask: mask,
      minimumTissue: options.minimumTissue)
    let corner = grid.corner(chosen[index])
    var facts = slide.facts
    facts.width = size
    facts.height = size
    facts.item = "\(corner.x)_\(corner.y)"
    facts.micrometresPerPixel = options.micrometresPerPixel
    facts.tile = TilePlace(
      x: corner.x, y: corner.y, levelZeroSize: Int(grid.footprint.x.rounded()), slideWidth: slide.width,
      slideHeight: slide.height, slideMicrometresPerPixel: resolution.value.x,
      resolutionSource: resolution.source.rawValue)
    facts.scores = quality.scores
    facts.flags = quality.flags
    // Pixels made up between those that were scanned show no detail.
    if min(grid.footprint.x, grid.footprint.y) < 0.9 * Double(size) { facts.flags.append("upsampled") }
    let stored = StoredPixels(bytes: pixels, columns: size, rows: size, samples: 3, type: .uint8)
    var shown = stored
    if let normalizer {
      facts.stain = normalizer.numbers
      shown.bytes = normalizer(pixels)
    } else if options.stain != .none {
      facts.flags.append("stain_not_estimated")
    }
    facts.flags.sort()
    return SourcePicture(stored: stored, picture: Picture(shown), facts: facts)
  }

  private static func pixels(
    _ index: Int, _ slide: any SlideImage, _ grid: TileGrid, _ options: TileOptions
  ) throws(DecodeFailure) -> [UInt8] {
    let corner = grid.corner(index)
    return try SlideReading.tile(
      of: slide, x: corner.x, y: corner.y, footprint: grid.footprint, size: options.size)
  }
}
