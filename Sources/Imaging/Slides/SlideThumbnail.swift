import Records

/// A whole slide made small: the mean colour of each square of a level, and how uneven it is.
///
/// What decisions on the slide as a whole are made from: where tissue is, and how dense it is.
package struct SlideThumbnail: Sendable {
  package let width: Int
  package let height: Int
  /// `[y, x, RGB]` of 0…255.
  package let colours: [Float]
  /// Pixels of level 0 for one of these, along a row and down a column.
  package let downsample: (x: Double, y: Double)
  /// Micrometres on the sides of one of these.
  package let micrometresPerPixel: (x: Double, y: Double)

  /// Pixels of a thumbnail at most.
  private static let limit = 16_000_000
  /// Sides of the pieces in which a level is read.
  private static let piece = 2048

  package init(
    width: Int, height: Int, colours: [Float], downsample: (x: Double, y: Double),
    micrometresPerPixel: (x: Double, y: Double)
  ) {
    precondition(colours.count == 3 * width * height, "\(colours.count) numbers for \(width) × \(height) colours")
    self.width = width
    self.height = height
    self.colours = colours
    self.downsample = downsample
    self.micrometresPerPixel = micrometresPerPixel
  }

  /// Reads the coarsest level of at most `micrometres` a pixel and averages whole squares of it to about that.
  /// - Complexity: O(pixels of that level); memory that of the thumbnail and one piece. Deterministic.
  package init(_ slide: any SlideImage, _ resolution: SlideResolution, micrometres: Double) throws(DecodeFailure) {
    let index = SlideReading.level(of: slide, for: (micrometres / resolution.x, micrometres / resolution.y))
    let level = slide.levels[index]
    let pixel = max(resolution.x * level.downsample.x, resolution.y * level.downsample.y)
    var step = max(Int((micrometres / pixel + 0.01).rounded(.down)), 1)
    while ((level.width - 1) / step + 1) * ((level.height - 1) / step + 1) > SlideThumbnail.limit { step += 1 }
    let (width, height) = ((level.width - 1) / step + 1, (level.height - 1) / step + 1)
    let piece = max(SlideThumbnail.piece / step, 1) * step
    var sums = [Float](repeating: 0, count: 3 * width * height)
    var readable = 0
    var failure: DecodeFailure?
    for top in stride(from: 0, to: level.height, by: piece) {
      for left in stride(from: 0, to: level.width, by: piece) {
        let part = SlideRectangle(
          x: left, y: top, width: min(piece, level.width - left), height: min(piece, level.height - top))
        // A region that cannot be decoded is no tissue; the tiles beside it can still be read.
        let pixels: [UInt8]
        do throws(DecodeFailure) {
          pixels = try slide.region(level: index, part)
          readable += 1
        } catch {
          failure = error
          pixels = [UInt8](repeating: 255, count: 3 * part.width * part.height)
        }
        for y in 0..<part.height {
          let row = (top + y) / step * width
          for x in 0..<part.width {
            let target = 3 * (row + (left + x) / step)
            let source = 3 * (y * part.width + x)
            sums[target] += Float(pixels[source])
            sums[target + 1] += Float(pixels[source + 1])
            sums[target + 2] += Float(pixels[source + 2])
          }
        }
      }
    }
    if let failure, readable == 0 { throw failure }
    for y in 0..<height {
      let rows = min(step, level.height - y * step)
      for x in 0..<width {
        let count = Float(rows * min(step, level.width - x * step))
        for channel in 0..<3 { sums[3 * (y * width + x) + channel] /= count }
      }
    }
    self.init(
      width: width, height: height, colours: sums,
      downsample: (level.downsample.x * Double(step), level.downsample.y * Double(step)),
      micrometresPerPixel: (
        resolution.x * level.downsample.x * Double(step), resolution.y * level.downsample.y * Double(step)
      ))
  }
}
