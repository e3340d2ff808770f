/// Where the tiles of one slide lie, in the terms of TRIDENT's `<slide>_patches.h5`, which CLAM and others read.
public struct SlideCoordinates: Sendable, Hashable {
  /// The slide's name, without folder and extension.
  public var name: String
  /// Upper left corners of the tiles in pixels of level 0.
  public var corners: [Corner]
  /// Pixels on a side of a tile, and of its footprint in level 0.
  public var tileSize: Int
  public var levelZeroSize: Int
  /// Pixels of a tile that its neighbour shows too.
  public var overlap: Int
  /// Pixels of level 0.
  public var width: Int
  public var height: Int
  /// Micrometres a pixel of level 0 and of a tile.
  public var slideMicrometresPerPixel: Double
  public var micrometresPerPixel: Double

  public struct Corner: Sendable, Hashable {
    public var x: Int
    public var y: Int

    public init(x: Int, y: Int) {
      self.x = x
      self.y = y
    }
  }

  /// - Precondition: sizes and resolutions are positive, the overlap is less than a tile.
  public init(
    name: String, corners: [Corner], tileSize: Int, levelZeroSize: Int, overlap: Int = 0, width: Int, height: Int,
    slideMicrometresPerPixel: Double, micrometresPerPixel: Double
  ) {
    precondition(
      tileSize > 0 && levelZeroSize > 0 && (0..<tileSize).contains(overlap) && width > 0 && height > 0,
      "tiles of \(tileSize) pixels that overlap by \(overlap) in \(width) × \(height)")
    precondition(
      slideMicrometresPerPixel > 0 && micrometresPerPixel > 0,
      "\(slideMicrometresPerPixel) and \(micrometresPerPixel) µm a pixel")
    self.name = name
    self.corners = corners
    self.tileSize = tileSize
    self.levelZeroSize = levelZeroSize
    self.overlap = overlap
    self.width = width
    self.height = height
    self.slideMicrometresPerPixel = slideMicrometresPerPixel
    self.micrometresPerPixel = micrometresPerPixel
  }

  /// A resolution as the field names it: 10 µm over the size of a pixel, to the nearest whole number, at least 1 (0.25 µm is 40×).
  public static func magnification(_ micrometresPerPixel: Double) -> Int {
    max(Int((10 / micrometresPerPixel).rounded()), 1)
  }
}
