public import Tensors
import VisionModels

/// Whether an archive's images are laid out alike: whether it matters which way up they are.
///
/// Chest films, slices of heads, scans of a kidney show the same thing in the same place; tissue has no up and no down. Of each image, seen as 8 × 8 cells
/// of grey less their mean and at length one, the nearest other image is looked up, once as the others are, and once with all others turned by a quarter, a
/// half and three quarters. Where images have a layout, turned ones are much farther away.
public struct ImageLayout: Hashable, Sendable {
  /// Mean distance to the nearest other image over that to the nearest other turned one: near 1 where nothing has a place.
  public let ratio: Double

  /// Sets of chest films, head, abdominal and mixed slices, and breast ultrasound lie at 0.2 to 0.57; stained tissue and round fundus photographs at
  /// 0.87 to 0.98.
  public static let limit = 0.75

  public var isShared: Bool { ratio < ImageLayout.limit }

  /// Cells along a side; a smaller image has as many as pixels.
  private static let mostCells = 8

  /// - Parameter images: square, of any number; fewer than two, or images that are all blank, have no layout.
  /// - Complexity: O(pixels + images²). The same at any number of threads.
  public init(of images: PixelStack, workers: WorkerPool) {
    let plain = ImageLayout.cells(of: images, workers: workers)
    guard images.count > 1 else {
      ratio = 1
      return
    }
    let near = ImageLayout.nearest(plain, among: plain, workers)
    let turned = (1...3).map { turns in
      ImageLayout.nearest(ImageLayout.turned(plain, by: turns), among: plain, workers)
    }
    let far = turned.reduce(0, +) / Double(turned.count)
    ratio = far > 0 ? near / far : 1
  }

  /// Of each row the distance to the nearest row of another image, their mean.
  private static func nearest(_ rows: Matrix, among others: Matrix, _ workers: WorkerPool) -> Double {
    let found = Neighbors(of: rows, among: others, count: 2, workers: workers)
    let distances = (0..<rows.rows).map { row in
      found.index(row, 0) == row ? found.distance(row, 1) : found.distance(row, 0)
    }
    return distances.reduce(0, +) / Double(distances.count)
  }

  private static func turned(_ rows: Matrix, by turns: Int) -> Matrix {
    let cells = Int(Double(rows.columns).squareRoot())
    func source(_ place: Int) -> Int {
      var (y, x) = (place / cells, place % cells)
      for _ in 0..<turns { (y, x) = (x, cells - 1 - y) }
      return y * cells + x
    }
    let order = (0..<cells * cells).map(source)
    return Matrix(
      rows: rows.rows, columns: rows.columns,
      storage: (0..<rows.rows).flatMap { row in
        let values = rows.row(row)
        return order.map { values[$0] }
      })
  }

  /// Grey cells of each image, less their mean, at length one; zero where an image is blank.
  private static func cells(of images: PixelStack, workers: WorkerPool) -> Matrix {
    let side = images.height
    let cells = min(mostCells, side)
    let count = cells * cells
    let rows = FloatBuffer(images.count * count)
    workers.run(jobs: images.count) { image, _ in
      let pixels = [Float](unsafeUninitializedCapacity: 3 * side * side) { buffer, size in
        images.read(image, into: buffer.baseAddress!)
        size = 3 * side * side
      }
      var sums = [Double](repeating: 0, count: count)
      var sizes = [Double](repeating: 0, count: count)
      for y in 0..<side {
        for x in 0..<side {
          let cell = y * cells / side * cells + x * cells / side
          let place = y * side + x
          sums[cell] += Double(pixels[place] + pixels[side * side + place] + pixels[2 * side * side + place])
          sizes[cell] += 1
        }
      }
      let means = zip(sums, sizes).map { $0 / $1 }
      let middle = means.reduce(0, +) / Double(count)
      let centred = means.map { $0 - middle }
      let length = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for (cell, value) in centred.enumerated() where length > 1e-6 {
        rows.pointer[image * count + cell] = Float(value / length)
      }
    }
    return Matrix(rows: images.count, columns: count, storage: rows.values)
  }
}
