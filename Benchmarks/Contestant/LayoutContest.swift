import Foundation
import Reduction
import Tensors

/// `bench umap`: rows of 32-bit floats from a file to a map of two dimensions, the exact neighbours included.
enum LayoutContest {
  static func serve(_ arguments: Arguments) throws {
    let (rows, columns) = (try arguments.integer("rows"), try arguments.integer("columns"))
    let data = try Data(contentsOf: URL(filePath: try arguments.text("points")))
    guard data.count == 4 * rows * columns else {
      throw Usage("--points: \(data.count) bytes for \(rows) × \(columns) numbers")
    }
    BLAS.useOneThread()
    let points = Matrix(
      rows: rows, columns: columns, storage: data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) })
    let workers = WorkerPool(threads: try arguments.integer("threads"))
    var map: [Float] = []
    func run(_ rounds: Int) throws {
      for _ in 0..<rounds {
        map = try UMAP().fit(points, seed: Seed(7), workers: workers).embedding.storage
      }
    }
    // What the peers compile on their first call, ours has compiled; all the same it is asked once, as they are, for the answer.
    try LineProtocol.serve(run: run) {
      if map.isEmpty { try run(1) }
      return map
    }
  }
}
