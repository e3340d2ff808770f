import Clustering
import Foundation
import Tensors

/// `bench hdbscan`: the whole fit, from rows in memory to labels. The answer is the labels of other, fewer rows.
enum HDBSCANContest {
  static func serve(_ arguments: Arguments) throws {
    let columns = try arguments.integer("columns")
    let points = try matrix(at: try arguments.text("points"), columns: columns)
    let checked = try matrix(at: try arguments.text("checked"), columns: columns)
    let hdbscan = HDBSCAN(
      minClusterSize: try arguments.integer("min-cluster-size"), minSamples: try arguments.integer("min-samples"))
    let workers = WorkerPool(threads: try arguments.integer("threads"))
    func labels(_ points: Matrix) throws -> [Float] {
      try hdbscan.fit(points, workers: workers).partition.labels.map { $0.map { Float($0) } ?? -1 }
    }
    try LineProtocol.serve {
      for _ in 0..<$0 { _ = try labels(points) }
    } answer: {
      try labels(checked)
    }
  }

  private static func matrix(at path: String, columns: Int) throws -> Matrix {
    let numbers = try Data(contentsOf: URL(filePath: path)).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    guard numbers.count % columns == 0 else { throw Usage("\(path): \(numbers.count) numbers in \(columns) columns") }
    return Matrix(rows: numbers.count / columns, columns: columns, storage: numbers)
  }
}
