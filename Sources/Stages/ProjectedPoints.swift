import Foundation
import Pipeline
import Records
import Reduction
import Storage
import Tensors

/// Vectors on their way along principal axes into `points.h5`, block by block: neither need fit in memory.
struct ProjectedPoints {
  let embeddings: Embeddings
  let axes: PointsFile.PrincipalAxes
  let fitted: PCA.Fitted

  /// The vectors as the axes want them.
  static func rows(of embeddings: Embeddings, isNormalized: Bool) -> any RowSource {
    isNormalized ? L2NormalizedRows(embeddings.vectors) : embeddings.vectors
  }

  /// Writes coordinates, axes, the reconstruction error of each row, and a map of the first two coordinates (the second is 0 where there is
  /// one only).
  func write(to url: URL, workers: WorkerPool, _ context: StageContext) throws {
    let rows = ProjectedPoints.rows(of: embeddings, isNormalized: axes.isNormalized)
    let count = fitted.count
    try PointsFile.write(
      ids: embeddings.ids, paths: embeddings.paths, columns: count, principalAxes: axes,
      provenance: embeddings.provenance, to: url
    ) { writer in
      var map = Matrix(rows: rows.rows, columns: 2)
      var errors: [Double] = []
      errors.reserveCapacity(rows.rows)
      try fitted.project(rows, workers: workers, measuringErrors: true) { block in
        try context.checkCancellation()
        try writer.append(block.coordinates)
        errors.append(contentsOf: block.errors)
        for (place, row) in block.rows.enumerated() {
          map[row, 0] = block.coordinates[place * count]
          if count > 1 { map[row, 1] = block.coordinates[place * count + 1] }
        }
        context.report(StageProgress(done: block.rows.upperBound, total: rows.rows, unit: "rows"))
      }
      return PointsFile.Companions(map: map, reconstructionErrors: errors)
    }
  }

  /// Bytes that writing takes at most, besides the axes.
  static func memory(rows: Int, columns: Int, count: Int, threads: Int) -> Int {
    let block = 384 * (4 * count + 8 + 40 * columns + 8 * columns)
    // A map, an error, an id and a path of a row.
    return 8 * threads * block + rows * (2 * 4 + 8 + ProjectedPoints.bytesOfNames)
  }

  /// What an id and a path take in memory, about.
  private static let bytesOfNames = 160
}
