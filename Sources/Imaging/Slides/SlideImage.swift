import Records

/// A picture too large to be read at once: several levels of one scene, read region by region.
///
/// Conformers know one kind of file and nothing of tiles. Used from one thread; deterministic: a region's pixels don't depend on what was read before.
package protocol SlideImage: AnyObject {
  /// Level 0 first: the largest, whose pixels all coordinates count.
  var levels: [SlideLevel] { get }
  /// Micrometres a pixel of level 0 as the file states it; nil where it says nothing that can be believed.
  var resolution: SlideResolution? { get }
  /// Where the slide was scanned, in pixels of level 0.
  var bounds: SlideRectangle { get }
  /// The colour of what was not scanned.
  var background: (red: UInt8, green: UInt8, blue: UInt8) { get }
  /// Acquisition and identifiers; kind `.slide`, size that of level 0.
  var facts: ImageFacts { get }

  /// Pixels `[y, x, RGB]` of a rectangle of level `level`, in that level's own pixels; beyond the edge there is `background`.
  /// - Precondition: the rectangle is not empty and within `SlideReading.regionLimit`.
  func region(level: Int, _ rectangle: SlideRectangle) throws(DecodeFailure) -> [UInt8]
}

extension SlideImage {
  package var width: Int { levels[0].width }
  package var height: Int { levels[0].height }
}

/// One level of a pyramid.
package struct SlideLevel: Sendable, Hashable {
  package var width: Int
  package var height: Int
  /// Pixels of level 0 for one pixel of this level, along a row and down a column.
  package var downsample: (x: Double, y: Double) { (downsampleX, downsampleY) }
  private var downsampleX: Double
  private var downsampleY: Double

  /// A level of that size below one of `base` size.
  ///
  /// Scanners halve sides and drop what is left over, so the quotient of sides is not the step between pixels: a whole number within one pixel's
  /// rounding of it is taken instead, if there is one.
  package init(width: Int, height: Int, base: (width: Int, height: Int)) {
    func step(_ whole: Int, _ part: Int) -> Double {
      let nearest = (Double(whole) / Double(part)).rounded()
      let stated = Double(whole) / nearest
      return abs(stated - Double(part)) <= 1 ? nearest : Double(whole) / Double(part)
    }
    self.width = width
    self.height = height
    downsampleX = step(base.width, width)
    downsampleY = step(base.height, height)
    // One of two sides rounded off more than a pixel (padding to whole tiles): the scene has one scale.
    if downsampleX != downsampleY && abs(downsampleX - downsampleY) < 0.02 * downsampleX {
      let whole = [downsampleX, downsampleY].first { $0 == $0.rounded() }
      if let whole { (downsampleX, downsampleY) = (whole, whole) }
    }
  }
}

/// A rectangle of whole pixels; it may reach beyond its picture.
package struct SlideRectangle: Sendable, Hashable {
  package var x, y, width, height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

/// Micrometres a pixel, along a row and down a column.
package struct SlideResolution: Sendable, Hashable {
  package var x: Double
  package var y: Double

  /// nil for what no microscope makes: 0.02 µm or less, or more than `most`. TIFF files without a resolution state 72 dots an inch (353 µm).
  package init?(x: Double, y: Double, most: Double = 100) {
    guard x.isFinite, y.isFinite, x > 0.02, y > 0.02, x <= most, y <= most, x / y < 4, y / x < 4 else { return nil }
    self.x = x
    self.y = y
  }
}
