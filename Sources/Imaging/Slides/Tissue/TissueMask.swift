/// Where on a slide there is tissue, at the resolution of its thumbnail.
///
/// Saturation of the smoothed thumbnail above Otsu's threshold; marker ink and the black beyond the scan left out; specks removed and holes filled.
/// Otsu parts whatever it is given, noise too: a threshold between two classes that are not glass and tissue is replaced by `floor`.
package struct TissueMask: Sendable {
  package let width: Int
  package let height: Int
  /// `[y, x]`.
  package let isTissue: [Bool]
  /// Marker ink, which is never tissue.
  package let isInk: [Bool]
  /// The saturation, 0…1, above which a colour is tissue.
  package let threshold: Float
  /// Pixels of level 0 for one cell.
  package let downsample: (x: Double, y: Double)
  /// Median over tissue of the sum of the three optical densities; nil without tissue.
  package let typicalDensity: Float?

  /// Least saturation of tissue.
  static let floor: Float = 0.05
  /// Saturations above this are equally far from glass: a few vivid colours don't draw the threshold up.
  private static let ceiling: Float = 0.3
  /// Darker than this is no tissue but a scanner's black.
  private static let black: Float = 0.12
  /// µm²: specks smaller than this are removed, holes up to that one are filled.
  private static let leastSpeck = 2500.0
  private static let largestHole = 50_000.0

  private let tissue: CellSums

  /// - Complexity: O(cells). Deterministic.
  package init(_ thumbnail: SlideThumbnail) {
    let (width, height) = (thumbnail.width, thumbnail.height)
    let smooth = TissueMask.smoothed(thumbnail)
    var saturations = [Float](repeating: 0, count: width * height)
    var isInk = [Bool](repeating: false, count: width * height)
    var isBlack = isInk
    var histogram = [Int](repeating: 0, count: 256)
    for i in saturations.indices {
      let sharp = HSVColour(
        thumbnail.colours[3 * i], thumbnail.colours[3 * i + 1], thumbnail.colours[3 * i + 2])
      let colour = HSVColour(smooth[3 * i], smooth[3 * i + 1], smooth[3 * i + 2])
      isInk[i] = PenInk.isInk(sharp, unevenness: thumbnail.unevenness[i])
      isBlack[i] = sharp.value < TissueMask.black
      saturations[i] = colour.saturation
      if !isInk[i] && !isBlack[i] {
        histogram[Int(min(colour.saturation, TissueMask.ceiling) / TissueMask.ceiling * 255)] += 1
      }
    }
    let threshold = TissueMask.threshold(histogram)
    var isTissue = saturations.indices.map { saturations[$0] > threshold && !isInk[$0] && !isBlack[$0] }
    let cell = thumbnail.micrometresPerPixel.x * thumbnail.micrometresPerPixel.y
    TissueMask.removeSpecks(&isTissue, width, height, below: Int(TissueMask.leastSpeck / cell))
    let before = isTissue
    TissueMask.fillHoles(&isTissue, width, height, upTo: Int(TissueMask.largestHole / cell))
    for i in isTissue.indices where !before[i] && (isInk[i] || isBlack[i]) { isTissue[i] = false }
    // What cannot be read may be tissue: its tiles are to fail by name, not to be missing.
    for i in isTissue.indices where thumbnail.isUnreadable[i] { isTissue[i] = true }
    var densities: [Float] = []
    for i in isTissue.indices where before[i] {
      densities.append(
        OpticalDensity.sum(thumbnail.colours[3 * i], thumbnail.colours[3 * i + 1], thumbnail.colours[3 * i + 2]))
    }
    densities.sort()
    typicalDensity = densities.isEmpty ? nil : densities[densities.count / 2]
    self.width = width
    self.height = height
    self.threshold = threshold
    self.isTissue = isTissue
    self.isInk = isInk
    downsample = thumbnail.downsample
    tissue = CellSums(isTissue, width: width, height: height)
  }

  /// The share of a rectangle of level 0 that is tissue; what lies beyond the slide is none.
  package func share(x: Int, y: Int, footprint: (x: Double, y: Double)) -> Double {
    tissue.share(
      left: Double(x) / downsample.x, top: Double(y) / downsample.y,
      right: (Double(x) + footprint.x) / downsample.x, bottom: (Double(y) + footprint.y) / downsample.y)
  }

  /// Otsu's threshold where it parts glass from tissue: the lower class has little colour, or is as even as only glass is.
  static func threshold(_ histogram: [Int]) -> Float {
    guard let otsu = OtsuThreshold(histogram) else { return floor }
    let bin = Double(ceiling) / 255
    let isGlass = otsu.lowerMean * bin < 0.08 || (otsu.lowerMean * bin < 0.16 && otsu.lowerDeviation * bin < 0.012)
    let isApart = (otsu.upperMean - otsu.lowerMean) * bin > 0.05
    return isGlass && isApart ? max(floor, Float(otsu.bin + 1) / 255 * ceiling) : floor
  }

  /// Binomial weights 1 4 6 4 1 along rows and columns, edges repeated.
  private static func smoothed(_ thumbnail: SlideThumbnail) -> [Float] {
    let (width, height) = (thumbnail.width, thumbnail.height)
    let weights: [Float] = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16]
    func pass(_ source: [Float], along count: Int, step: Int) -> [Float] {
      var target = [Float](repeating: 0, count: source.count)
      let others = width * height / count
      let otherStep = step == 1 ? width : 1
      for line in 0..<others {
        for place in 0..<count {
          for k in -2...2 {
            let from = 3 * (line * otherStep + min(max(place + k, 0), count - 1) * step)
            let to = 3 * (line * otherStep + place * step)
            for channel in 0..<3 { target[to + channel] += weights[k + 2] * source[from + channel] }
          }
        }
      }
      return target
    }
    return pass(pass(thumbnail.colours, along: width, step: 1), along: height, step: width)
  }

  private static func removeSpecks(_ cells: inout [Bool], _ width: Int, _ height: Int, below least: Int) {
    let regions = ConnectedRegions(cells, width: width, height: height, isDiagonal: true)
    for i in cells.indices where cells[i] && regions.sizes[Int(regions.labels[i])] < least { cells[i] = false }
  }

  private static func fillHoles(_ cells: inout [Bool], _ width: Int, _ height: Int, upTo most: Int) {
    let regions = ConnectedRegions(cells.map { !$0 }, width: width, height: height, isDiagonal: false)
    for i in cells.indices where !cells[i] {
      let region = Int(regions.labels[i])
      if !regions.touchesEdge[region] && regions.sizes[region] <= most { cells[i] = true }
    }
  }
}

/// Sums over all rectangles of a grid of cells, edges between cells included.
struct CellSums: Sendable {
  private let width: Int
  private let height: Int
  /// `[height + 1, width + 1]`: cells above and to the left.
  private let sums: [Int32]

  init(_ cells: [Bool], width: Int, height: Int) {
    var sums = [Int32](repeating: 0, count: (width + 1) * (height + 1))
    for y in 0..<height {
      var row: Int32 = 0
      for x in 0..<width {
        if cells[y * width + x] { row += 1 }
        sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row
      }
    }
    self.width = width
    self.height = height
    self.sums = sums
  }

  /// The share of true cells in a rectangle, cut cells by the part that lies in it, what lies beyond the grid as false.
  func share(left: Double, top: Double, right: Double, bottom: Double) -> Double {
    let area = (right - left) * (bottom - top)
    if area <= 0 { return 0 }
    return max(0, sum(right, bottom) - sum(left, bottom) - sum(right, top) + sum(left, top)) / area
  }

  /// The sum above and to the left of a point: bilinear between the corners of its cell, which is exact.
  private func sum(_ x: Double, _ y: Double) -> Double {
    let (x, y) = (min(max(x, 0), Double(width)), min(max(y, 0), Double(height)))
    let (column, row) = (min(Int(x), width - 1), min(Int(y), height - 1))
    let (right, down) = (x - Double(column), y - Double(row))
    func at(_ row: Int, _ column: Int) -> Double { Double(sums[row * (width + 1) + column]) }
    return (at(row, column) * (1 - right) + at(row, column + 1) * right) * (1 - down)
      + (at(row + 1, column) * (1 - right) + at(row + 1, column + 1) * right) * down
  }
}
