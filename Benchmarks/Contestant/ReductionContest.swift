import Foundation
import Reduction
import Tensors

/// `bench pca`: a fit, or the projection of all rows by one that was made before, on as many threads as asked.
enum ReductionContest {
  static func serve(_ arguments: Arguments) throws {
    let (rows, columns) = (try arguments.integer("rows"), try arguments.integer("columns"))
    let count = try arguments.integer("components")
    let solvers: [String: PCA.Solver] = [
      "auto": .auto, "covariance": .covariance, "covariance64": .covariance64, "svd": .svd,
      "randomized": .randomized(seed: Seed(7)),
    ]
    guard let solver = solvers[try arguments.text("solver")] else { throw Usage("--solver: no such one") }
    BLAS.useOneThread()
    let x = try matrix(try arguments.text("data"), rows: rows, columns: columns)
    let workers = WorkerPool(threads: try arguments.integer("threads"))
    let pca = PCA(nComponents: .count(count), solver: solver)
    var fitted = try pca.fit(x, workers: workers)
    var points = Matrix(rows: 0, columns: 0)
    let work = try arguments.text("work")
    try LineProtocol.serve { rounds in
      for _ in 0..<rounds {
        if work == "fit" {
          fitted = try pca.fit(x, workers: workers)
        } else {
          points = try fitted.transform(x, workers: workers)
        }
      }
    } answer: {
      if work == "fit" { return fitted.components.map { Float($0) } }
      if points.rows == 0 { points = try fitted.transform(x, workers: workers) }
      return Array(points.storage.prefix(1000 * count))
    }
  }

  /// Little-endian 32-bit rows from a file.
  private static func matrix(_ path: String, rows: Int, columns: Int) throws -> Matrix {
    let data = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    guard data.count == 4 * rows * columns else { throw Usage("\(path): not \(rows) × \(columns) numbers") }
    let storage = [Float](unsafeUninitializedCapacity: rows * columns) { target, written in
      written = data.copyBytes(to: target) / 4
    }
    return Matrix(rows: rows, columns: columns, storage: storage)
  }
}
