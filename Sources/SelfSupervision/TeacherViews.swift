import Kernels
import Tensors
import VisionModels

/// The teacher's class features of both global crops of a step's images, and how well they tell the images apart: two measures that need no
/// label and that collapse shows in at once.
///
/// At most `limit` images of a batch are looked at, the first; their order is drawn anew in every epoch.
package final class TeacherViews: @unchecked Sendable {
  package static let limit = 256

  private let width: Int
  /// [2, images at most, width], crop-major.
  private let features: FloatBuffer
  private let most: Int

  package init(batch: Int, width: Int) {
    self.width = width
    most = min(batch, TeacherViews.limit)
    features = FloatBuffer(2 * most * width)
  }

  static func bytes(batch: Int, width: Int) -> Int {
    let rows = 2 * min(batch, limit)
    return 4 * rows * (3 * width + rows)
  }

  /// Keeps what is wanted of a few images. - Parameter classFeatures: [2, positions, width], crop-major.
  package func take(_ classFeatures: UnsafePointer<Float>, _ positions: Range<Int>) {
    let count = min(positions.upperBound, most) - positions.lowerBound
    if count <= 0 { return }
    for crop in 0..<2 {
      (features.pointer + (crop * most + positions.lowerBound) * width).update(
        from: classFeatures + crop * positions.count * width, count: count * width)
    }
  }

  package struct Measures: Hashable, Sendable {
    /// In how many directions the features differ: the participation ratio (tr C)² / tr C² of their covariance C, each feature vector at length 1.
    /// Between 1 and the least of width and vectors less one; 0 where the features are all alike.
    package var effectiveRank: Double
    /// The share of images whose second crop is nearer to their first one, by the cosine about the mean, than that of any other image.
    package var retrieval: Double
  }

  /// - Parameter batch: images in this step, all of them taken.
  /// - Complexity: O(images² · width), one product of matrices. The same bytes at any number of threads.
  package func measure(batch: Int) -> Measures {
    let images = min(batch, most)
    let rows = 2 * images
    let units = centredUnits(images)
    let products = FloatBuffer(rows * rows)
    let packed = PackedMatrix(inputs: width, outputs: rows, precision: .f32, forTraining: false)
    for piece in 0..<packed.pieces { packed.pack(units.pointer, piece: piece) }
    product(
      UnsafeMutableRawPointer(units.pointer), stride: width, rows: rows, columns: rows, depth: width,
      right: packed.forward, .f32, .sums(into: products.pointer, stride: rows))
    var trace = 0.0
    for row in 0..<rows { trace += Double(products.pointer[row * rows + row]) }
    // Below this there is only rounding left, and rounding points everywhere.
    let isAlike = trace < 1e-9 * Double(rows)
    let squares = sum_of_squares(products.pointer, rows * rows)
    return Measures(
      effectiveRank: isAlike ? 0 : trace * trace / squares, retrieval: isAlike ? 0 : retrieval(products, images))
  }

  /// Feature vectors at length 1, less their mean: [2, images, width].
  private func centredUnits(_ images: Int) -> FloatBuffer {
    let rows = 2 * images
    let units = FloatBuffer(rows * width)
    let mean = FloatBuffer(width)
    for row in 0..<rows {
      let unit = units.pointer + row * width
      _ = dino_unit(features.pointer + (row / images * most + row % images) * width, width, unit)
      axpby(mean.pointer, unit, width, 1 / Float(rows), 1)
    }
    for row in 0..<rows { axpby(units.pointer + row * width, mean.pointer, width, -1, 1) }
    return units
  }

  private func retrieval(_ products: FloatBuffer, _ images: Int) -> Double {
    let rows = 2 * images
    let scales = (images..<rows).map { 1 / max(products.pointer[$0 * rows + $0], .leastNormalMagnitude).squareRoot() }
    var found = 0
    for image in 0..<images {
      let row = products.pointer + image * rows + images
      let own = row[image] * scales[image]
      var isNearest = true
      for other in 0..<images where other != image && row[other] * scales[other] >= own { isNearest = false }
      found += isNearest ? 1 : 0
    }
    return Double(found) / Double(images)
  }
}

/// Which prototypes win, that is, are the teacher's largest output for a crop: in a step, and since the epoch began.
package struct PrototypeUse: Sendable {
  /// One bit a prototype.
  package internal(set) var words: [Int]

  package init(output: Int) { words = [Int](repeating: 0, count: (output + Int.bitWidth - 1) / Int.bitWidth) }

  package mutating func beginEpoch() { words = [Int](repeating: 0, count: words.count) }

  /// - Parameter winners: the prototype that won each crop of a step.
  /// - Returns: the share of them that the most frequent one won.
  package mutating func count(_ winners: [Int]) -> Double {
    var (longest, run, last) = (0, 0, -1)
    for winner in winners.sorted() {
      run = winner == last ? run + 1 : 1
      (longest, last) = (max(longest, run), winner)
      words[winner / Int.bitWidth] |= 1 << (winner % Int.bitWidth)
    }
    return winners.isEmpty ? 0 : Double(longest) / Double(winners.count)
  }

  /// How many have won since the epoch began.
  package var used: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
