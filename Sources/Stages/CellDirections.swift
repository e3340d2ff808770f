import Reduction
import Storage
import Tensors
import VisionModels

/// What the cells of `pool: layout` are written in: the directions in which the archive's own cells differ most. A cell has as many numbers as the network is
/// wide, an image 64 cells; without this a vector would be tens of thousands of numbers long.
struct CellDirections: Sendable {
  private let fitted: PCA.Fitted
  private static let most = 32
  /// Images that are asked, evenly spread.
  private static let sample = 200

  /// Directions, and length of an image's vector.
  var count: Int { fitted.count }
  var width: Int { VisionTransformer.layoutCells * VisionTransformer.layoutCells * count }

  /// - Parameter layer: see `VisionTransformer.features`.
  init(of images: ImagesFile, _ file: ModelFile, layer: Int?, precision: Precision, workers: WorkerPool) throws {
    let wanted = min(images.count, CellDirections.sample)
    let vectors = extractFeatures(
      of: try images.stack(of: (0..<wanted).map { $0 * images.count / wanted }), model: file.model,
      parameters: file.parameters, precision: precision, standardization: file.standardization, layer: layer,
      pool: .layout, on: workers)
    try self.init(of: vectors, workers: workers)
  }

  /// - Parameter vectors: rows of `pool: layout` to take the directions from.
  init(of vectors: Matrix, workers: WorkerPool) throws {
    fitted = try PCA(nComponents: .atMost(CellDirections.most)).fit(CellDirections.cells(vectors), workers: workers)
  }

  /// [images, 64 · network's width] to [images, width], on the calling thread.
  func projected(_ vectors: Matrix) throws -> Matrix {
    let cells = try fitted.transform(CellDirections.cells(vectors), workers: WorkerPool(threads: 1))
    return Matrix(rows: vectors.rows, columns: width, storage: cells.storage)
  }

  private static func cells(_ vectors: Matrix) -> Matrix {
    let cells = VisionTransformer.layoutCells * VisionTransformer.layoutCells
    return Matrix(rows: vectors.rows * cells, columns: vectors.columns / cells, storage: vectors.storage)
  }
}
