import Records

/// A picture in memory as a slide of one level: plain TIFF files and other large rasters.
package final class RasterSlide: SlideImage {
  package let levels: [SlideLevel]
  package let resolution: SlideResolution?
  package let bounds: SlideRectangle
  package let background: (red: UInt8, green: UInt8, blue: UInt8) = (255, 255, 255)
  package let facts: ImageFacts
  private let pixels: [UInt8]

  /// Grey becomes three equal channels, shades are rounded to 8 bits.
  package init(_ picture: Picture, facts: ImageFacts, resolution: SlideResolution?) {
    let plane = picture.width * picture.height
    var pixels = [UInt8](repeating: 0, count: 3 * plane)
    var shades = [Float](repeating: 0, count: picture.width)
    for channel in 0..<3 {
      for y in 0..<picture.height {
        shades.withUnsafeMutableBufferPointer {
          picture.shades(row: y, channel: picture.channels == 3 ? channel : 0, into: $0.baseAddress!)
        }
        let row = y * picture.width
        for x in 0..<picture.width { pixels[3 * (row + x) + channel] = UInt8(min(max(shades[x], 0), 1) * 255 + 0.5) }
      }
    }
    self.pixels = pixels
    self.resolution = resolution
    levels = [
      SlideLevel(width: picture.width, height: picture.height, base: (picture.width, picture.height))
    ]
    bounds = SlideRectangle(x: 0, y: 0, width: picture.width, height: picture.height)
    var facts = facts
    facts.kind = .slide
    facts.width = picture.width
    facts.height = picture.height
    facts.bits = 8
    facts.samples = 3
    self.facts = facts
  }

  package func region(level: Int, _ rectangle: SlideRectangle) -> [UInt8] {
    var result = [UInt8](repeating: 255, count: 3 * rectangle.width * rectangle.height)
    let columns = max(rectangle.x, 0)..<max(0, rectangle.x, min(rectangle.x + rectangle.width, width))
    for y in max(rectangle.y, 0)..<max(0, rectangle.y, min(rectangle.y + rectangle.height, height)) {
      if columns.isEmpty { break }
      let source = 3 * (y * width + columns.lowerBound)
      let target = 3 * ((y - rectangle.y) * rectangle.width + columns.lowerBound - rectangle.x)
      result.replaceSubrange(
        target..<target + 3 * columns.count, with: pixels[source..<source + 3 * columns.count])
    }
    return result
  }
}
