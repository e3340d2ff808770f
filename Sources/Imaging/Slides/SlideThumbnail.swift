import Records

/// A whole slide made small: the mean colour of each square of a level, and how uneven it is.
///
/// What decisions on the slide as a whole are made from: where tissue is, and how dense it is.
package struct SlideThumbnail: Sendable {
  package let width: Int
  package let height: Int
  /// `[y, x, RGB]` of 0…255.
  package let colours: [Float]
  /// Standard deviation of grey, 0…1: within each square, or over the eight around it where a square is hardly more than a pixel.
  package let unevenness: [Float]
  /// Squares of which a part cannot be decoded.
  package let isUnreadable: [Bool]
  /// Pixels of level 0 for one of these, along a row and down a column.
  package let downsample: (x: Double, y: Double)
  /// Micrometres on the sides of one of these.
  package let micrometresPerPixel: (x: Double, y: Double)

  /// Pixels of a thumbnail at most.
  private static let limit = 16_000_000
  /// Pixels that are read for one at most: a slide without smaller levels may be 32 × 16 mm at 0.5 µm.
  private static let readLimit = 2_000_000_000
  /// Sides of the pieces in which a level is read, and of those that are given up as unreadable.
  private static let piece = 2048
  private static let leastPiece = 256
  /// Parts that cannot be decoded until the slide is given up: each costs as much as opening it.
  private static let failureLimit = 1000
  /// Squares of fewer pixels on a side say nothing of their unevenness.
  private static let leastStep = 4

  /// - Precondition: three numbers a pixel.
  package init(
    width: Int, height: Int, colours: [Float], downsample: (x: Double, y: Double),
    micrometresPerPixel: (x: Double, y: Double)
  ) {
    precondition(colours.count == 3 * width * height, "\(colours.count) numbers for \(width) × \(height) colours")
    self.width = width
    self.height = height
    self.colours = colours
    unevenness = SlideThumbnail.unevenness(colours, width: width, height: height)
    isUnreadable = [Bool](repeating: false, count: width * height)
    self.downsample = downsample
    self.micrometresPerPixel = micrometresPerPixel
  }

  /// Reads the coarsest level of at most `micrometres` a pixel and averages whole squares of it to about that.
  ///
  /// - Throws: `too_large` where that level is; what the slide throws if none of it can be read.
  /// - Complexity: O(pixels of that level); memory that of the thumbnail and one piece. Deterministic.
  package init(_ slide: any SlideImage, _ resolution: SlideResolution, micrometres: Double) throws(DecodeFailure) {
    let index = SlideReading.level(of: slide, for: (micrometres / resolution.x, micrometres / resolution.y))
    let level = slide.levels[index]
    guard level.width <= SlideThumbnail.readLimit / level.height else {
      throw DecodeFailure(.tooLarge, "the slide has no level that is small enough to look for tissue on")
    }
    let pixel = max(resolution.x * level.downsample.x, resolution.y * level.downsample.y)
    var step = max(Int((micrometres / pixel + 0.01).rounded(.down)), 1)
    while ((level.width - 1) / step + 1) * ((level.height - 1) / step + 1) > SlideThumbnail.limit { step += 1 }
    var sums = SquareSums(level, step: step)
    var failures: [DecodeFailure] = []
    let piece = max(SlideThumbnail.piece / step, 1) * step
    for top in stride(from: 0, to: level.height, by: piece) {
      for left in stride(from: 0, to: level.width, by: piece) {
        let part = SlideRectangle(
          x: left, y: top, width: min(piece, level.width - left), height: min(piece, level.height - top))
        SlideThumbnail.read(part, slide, index, &sums, &failures)
      }
    }
    if let failure = failures.first,
      failures.count >= SlideThumbnail.failureLimit || !sums.isUnreadable.contains(false)
    {
      throw failure
    }
    let (width, height) = (sums.width, sums.height)
    let (colours, deviations) = sums.finish()
    self.width = width
    self.height = height
    self.colours = colours
    unevenness =
      step >= SlideThumbnail.leastStep
      ? deviations : SlideThumbnail.unevenness(colours, width: width, height: height)
    isUnreadable = sums.isUnreadable
    downsample = (level.downsample.x * Double(step), level.downsample.y * Double(step))
    micrometresPerPixel = (resolution.x * downsample.x, resolution.y * downsample.y)
  }

  /// Adds a part of a level; one that cannot be decoded is tried in quarters, until what cannot be read is small.
  private static func read(
    _ part: SlideRectangle, _ slide: any SlideImage, _ level: Int, _ sums: inout SquareSums,
    _ failures: inout [DecodeFailure]
  ) {
    if failures.count >= failureLimit { return }
    do throws(DecodeFailure) {
      sums.add(try slide.region(level: level, part), part)
    } catch {
      failures.append(error)
      if part.width <= leastPiece && part.height <= leastPiece {
        sums.giveUp(part)
        return
      }
      let (width, height) = ((part.width + 1) / 2, (part.height + 1) / 2)
      for (x, y) in [(0, 0), (width, 0), (0, height), (width, height)] where x < part.width && y < part.height {
        let quarter = SlideRectangle(
          x: part.x + x, y: part.y + y, width: min(width, part.width - x), height: min(height, part.height - y))
        read(quarter, slide, level, &sums, &failures)
      }
    }
  }

  /// Deviation of grey over each pixel and its neighbours.
  private static func unevenness(_ colours: [Float], width: Int, height: Int) -> [Float] {
    var greys = [Float](repeating: 0, count: width * height)
    for i in greys.indices {
      let (red, green, blue): (Float, Float, Float) = (colours[3 * i], colours[3 * i + 1], colours[3 * i + 2])
      let grey: Float = 0.299 * red + 0.587 * green + 0.114 * blue
      greys[i] = grey / 255
    }
    var result = [Float](repeating: 0, count: greys.count)
    for y in 0..<height {
      for x in 0..<width {
        var (count, sum, squares): (Float, Float, Float) = (0, 0, 0)
        for row in max(y - 1, 0)...min(y + 1, height - 1) {
          for column in max(x - 1, 0)...min(x + 1, width - 1) {
            let grey = greys[row * width + column]
            count += 1
            sum += grey
            squares += grey * grey
          }
        }
        let mean: Float = sum / count
        let variance: Float = squares / count - mean * mean
        result[y * width + x] = variance > 0 ? variance.squareRoot() : 0
      }
    }
    return result
  }
}

/// Sums over the squares of a level, filled piece by piece.
private struct SquareSums {
  let width: Int
  let height: Int
  private(set) var isUnreadable: [Bool]
  private let step: Int
  private var colours: [Float]
  private var squares: [Float]
  private var counts: [Int32]

  init(_ level: SlideLevel, step: Int) {
    width = (level.width - 1) / step + 1
    height = (level.height - 1) / step + 1
    self.step = step
    colours = [Float](repeating: 0, count: 3 * width * height)
    squares = [Float](repeating: 0, count: width * height)
    counts = [Int32](repeating: 0, count: width * height)
    isUnreadable = [Bool](repeating: false, count: width * height)
  }

  mutating func add(_ pixels: [UInt8], _ part: SlideRectangle) {
    pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<part.height {
        let row = (part.y + y) / step * width
        var x = 0
        while x < part.width {
          let cell = row + (part.x + x) / step
          let end = min(part.width, (part.x + x) / step * step + step - part.x)
          var (red, green, blue, square): (Int, Int, Int, Int) = (0, 0, 0, 0)
          counts[cell] += Int32(end - x)
          var source = 3 * (y * part.width + x)
          while x < end {
            let (r, g, b) = (Int(pixels[source]), Int(pixels[source + 1]), Int(pixels[source + 2]))
            red += r
            green += g
            blue += b
            // Grey in 1000/1024 of a level, whole.
            let grey = (299 * r + 587 * g + 114 * b) >> 10
            square += grey * grey
            source += 3
            x += 1
          }
          colours[3 * cell] += Float(red)
          colours[3 * cell + 1] += Float(green)
          colours[3 * cell + 2] += Float(blue)
          squares[cell] += Float(square)
        }
      }
    }
  }

  mutating func giveUp(_ part: SlideRectangle) {
    for row in part.y / step...(part.y + part.height - 1) / step {
      for column in part.x / step...(part.x + part.width - 1) / step { isUnreadable[row * width + column] = true }
    }
  }

  /// Mean colours, and deviations of grey in 0…1; squares without a pixel are white.
  consuming func finish() -> (colours: [Float], deviations: [Float]) {
    var deviations = [Float](repeating: 0, count: counts.count)
    for cell in counts.indices {
      let count = Float(counts[cell])
      if count == 0 {
        for channel in 0..<3 { colours[3 * cell + channel] = 255 }
        continue
      }
      for channel in 0..<3 { colours[3 * cell + channel] /= count }
      let (red, green, blue): (Float, Float, Float) = (colours[3 * cell], colours[3 * cell + 1], colours[3 * cell + 2])
      let weighted: Float = 299 * red + 587 * green + 114 * blue
      let grey: Float = weighted / 1024
      let variance: Float = squares[cell] / count - grey * grey
      deviations[cell] = variance > 0 ? variance.squareRoot() / 255 : 0
    }
    return (colours, deviations)
  }
}
