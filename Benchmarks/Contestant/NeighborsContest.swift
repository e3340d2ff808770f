import Foundation
import Tensors

/// `bench knn`: the nearest other rows of every row of a file of numbers, all of them (`--search exact`) or most (`approximate`).
enum NeighborsContest {
  /// - Throws: `Usage` where the file does not hold `rows × columns` 32-bit numbers.
  static func serve(_ arguments: Arguments) throws {
    let (rows, columns) = (try arguments.integer("rows"), try arguments.integer("columns"))
    let count = try arguments.integer("neighbors")
    let points = try matrix(try arguments.text("points"), rows: rows, columns: columns)
    let workers = WorkerPool(threads: try arguments.integer("threads"))
    let search = try arguments.text("search")
    guard ["exact", "approximate"].contains(search) else { throw Usage("--search \(search): exact or approximate") }
    BLAS.useOneThread()
    // The recall that ours states is beside the contest: peers don't.
    let effort = ApproximateNeighbors.Effort(sampled: 0)
    var found = [Int32]()
    func run(_ rounds: Int) {
      for _ in 0..<rounds {
        found =
          search == "exact"
          ? Neighbors(of: points, count: count, workers: workers).indices
          : ApproximateNeighbors(of: points, count: count, seed: Seed(7), effort: effort, workers: workers).neighbors
            .indices
      }
    }
    try LineProtocol.serve(run: run) {
      if found.isEmpty { run(1) }
      // Indices as whole numbers in 32-bit floats: exact below 2²⁴.
      return found.map { Float($0) }
    }
  }

  private static func matrix(_ path: String, rows: Int, columns: Int) throws -> Matrix {
    let data = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    guard data.count == 4 * rows * columns else { throw Usage("\(path): \(data.count) bytes for \(rows) × \(columns)") }
    let numbers = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      count = data.copyBytes(to: buffer) / 4
    }
    return Matrix(rows: rows, columns: columns, storage: numbers)
  }
}
