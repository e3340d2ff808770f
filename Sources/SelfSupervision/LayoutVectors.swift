import Kernels
public import Reduction
public import Tensors
public import VisionModels

/// The vectors of `VisionTransformer.Pool.layout` as they are compared and kept: what is where, and beside it what the whole is.
///
/// A network gives its class token, the mean of its patches and 64 cells, each as long as it is wide: tens of thousands of numbers. Here a cell has
/// the coordinates along the directions in which cells of the archive differ most, brought to length one, so that bright ones do not outweigh
/// the rest. Class token and mean are one part of a vector, the cells the other. Each part is brought to length one, centred, and scaled, so that
/// over the archive a fifth of the variance is the first part's. The same bytes at any number of threads.
public struct LayoutVectors: Sendable {
  /// The directions of cells.
  public let directions: PCA.Fitted
  /// Class token and mean.
  public let whole: Part
  public let cells: Part

  static let most = 32
  /// Deviation of the first part where that of the cells is 1: a fifth of the variance. Tried in `Documentation/Training.md`.
  static let wholeDeviation: Float = 0.5

  /// Length of a vector.
  public var width: Int { whole.mean.count + cells.mean.count }
  /// Coordinates of a cell.
  public var directionCount: Int { directions.count }

  private static let cellCount = VisionTransformer.layoutCells * VisionTransformer.layoutCells

  /// Bytes that fitting takes at most: the vectors of a sample, their cells, and the centred parts.
  public static func memory(of model: VisionTransformer, images: Int) -> Int {
    3 * 4 * images * model.featureWidth(.layout)
  }

  /// - Parameter vectors: of a sample, as the network gives them.
  /// - Throws: what `PCA` does.
  public init(fitting vectors: Matrix, workers: WorkerPool) throws {
    let split = LayoutVectors.split(vectors)
    directions = try PCA(nComponents: .atMost(LayoutVectors.most)).fit(split.cells, workers: workers)
    let rows = try LayoutVectors.rows(split.cells, along: directions, workers)
    whole = Part(fitting: split.whole, deviation: LayoutVectors.wholeDeviation)
    cells = Part(fitting: rows, deviation: 1)
  }

  /// A fit taken up again, for images that come later.
  public init(directions: PCA.Fitted, whole: Part, cells: Part) {
    self.directions = directions
    self.whole = whole
    self.cells = cells
  }

  /// Of images as the network gives them, [images, `featureWidth(.layout)`], the vectors, [images, `width`].
  public func callAsFunction(_ vectors: Matrix, workers: WorkerPool) throws -> Matrix {
    let split = LayoutVectors.split(vectors)
    let parts = [
      whole.scaled(split.whole), cells.scaled(try LayoutVectors.rows(split.cells, along: directions, workers)),
    ]
    var joined: [Float] = []
    joined.reserveCapacity(vectors.rows * width)
    for row in 0..<vectors.rows { for part in parts { joined += part.row(row) } }
    return Matrix(rows: vectors.rows, columns: width, storage: joined)
  }

  /// Class token and mean of each image; every cell of every image as a row.
  private static func split(_ vectors: Matrix) -> (whole: Matrix, cells: Matrix) {
    let width = vectors.columns / (2 + cellCount)
    var (whole, cells): ([Float], [Float]) = ([], [])
    whole.reserveCapacity(vectors.rows * 2 * width)
    cells.reserveCapacity(vectors.rows * cellCount * width)
    for row in 0..<vectors.rows {
      let start = row * vectors.columns
      whole += vectors.storage[start..<start + 2 * width]
      cells += vectors.storage[start + 2 * width..<start + vectors.columns]
    }
    return (
      Matrix(rows: vectors.rows, columns: 2 * width, storage: whole),
      Matrix(rows: vectors.rows * cellCount, columns: width, storage: cells)
    )
  }

  /// The coordinates of an image's cells in one row, each cell at length one.
  private static func rows(_ cells: Matrix, along directions: PCA.Fitted, _ workers: WorkerPool) throws -> Matrix {
    let coordinates = units(try directions.transform(cells, workers: workers))
    return Matrix(
      rows: cells.rows / cellCount, columns: cellCount * directions.count, storage: coordinates.storage)
  }

  /// Rows of length one about the mean of a sample, scaled to its deviation.
  public struct Part: Sendable, Equatable {
    public let mean: [Float]
    public let scale: Float

    public init(mean: [Float], scale: Float) {
      self.mean = mean
      self.scale = scale
    }

    fileprivate init(fitting rows: Matrix, deviation: Float) {
      var (sums, squares) = ([Double](repeating: 0, count: rows.columns), 0.0)
      let units = LayoutVectors.units(rows)
      for row in 0..<rows.rows {
        for (column, value) in units.row(row).enumerated() {
          sums[column] += Double(value)
          squares += Double(value) * Double(value)
        }
      }
      let count = Double(max(rows.rows, 1))
      let mean = sums.map { $0 / count }
      // Of rows that are all alike nothing but rounding would be left to scale up.
      let variance = squares / count - mean.reduce(0) { $0 + $1 * $1 }
      self.mean = mean.map(Float.init)
      scale = variance > 1e-9 ? deviation / Float(variance.squareRoot()) : 0
    }

    fileprivate func scaled(_ rows: Matrix) -> Matrix {
      var rows = LayoutVectors.units(rows)
      let columns = rows.columns
      rows.changeRows { axpby($0, mean, columns, -scale, scale) }
      return rows
    }
  }

  private static func units(_ rows: Matrix) -> Matrix {
    var rows = rows
    let columns = rows.columns
    rows.changeRows { _ = dino_unit($0, columns, $0) }
    return rows
  }
}
