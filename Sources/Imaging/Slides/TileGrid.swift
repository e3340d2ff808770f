import Records

/// Where the tiles of a slide lie: a grid over its bounds, in pixels of level 0.
///
/// The tile in column c of row r begins at `origin + c · stride`, rounded to a whole pixel; its footprint is `size · mpp / mpp₀`, as it comes. Only tiles
/// that lie wholly inside count, but a slide narrower than a tile has one all the same.
package struct TileGrid: Sendable {
  package let columns: Int
  package let rows: Int
  /// Pixels of level 0 on the sides of a tile.
  package let footprint: (x: Double, y: Double)
  private let stride: (x: Double, y: Double)
  private let origin: (x: Int, y: Int)

  /// More tiles than this in one slide are refused: 10 cm² of glass in steps of 5 µm.
  package static let mostTiles = 40_000_000

  /// - Throws: `too_large`.
  package init(
    _ bounds: SlideRectangle, _ resolution: SlideResolution, _ options: TileOptions
  ) throws(DecodeFailure) {
    precondition(
      options.size > 0 && options.micrometresPerPixel > 0 && (0..<options.size).contains(options.overlap),
      "tiles of \(options.size) pixels of \(options.micrometresPerPixel) µm that overlap by \(options.overlap)")
    let scale = (options.micrometresPerPixel / resolution.x, options.micrometresPerPixel / resolution.y)
    let step = Double(options.size - options.overlap)
    footprint = (Double(options.size) * scale.0, Double(options.size) * scale.1)
    stride = (step * scale.0, step * scale.1)
    origin = (bounds.x, bounds.y)
    // Half a pixel of slack: a slide of exactly so many tiles must not lose one to rounding.
    func count(_ extent: Int, _ footprint: Double, _ stride: Double) -> Double {
      max(((Double(extent) - footprint + 0.5) / stride).rounded(.down) + 1, 1)
    }
    let across = count(bounds.width, footprint.x, stride.x)
    let down = count(bounds.height, footprint.y, stride.y)
    guard across * down <= Double(TileGrid.mostTiles) else {
      throw DecodeFailure(.tooLarge, "more than \(TileGrid.mostTiles) tiles")
    }
    columns = Int(across)
    rows = Int(down)
  }

  package var count: Int { columns * rows }

  /// The upper left corner of tile `index`, counted row by row.
  package func corner(_ index: Int) -> (x: Int, y: Int) {
    (
      origin.x + Int((Double(index % columns) * stride.x).rounded()),
      origin.y + Int((Double(index / columns) * stride.y).rounded())
    )
  }
}
