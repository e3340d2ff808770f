import Clustering
import Foundation
import Tensors

/// `bench hdbscan`: the whole fit, from rows in memory to labels.
enum HDBSCANContest {
  static func serve(_ arguments: Arguments) throws {
    let (rows, columns) = (try arguments.integer("rows"), try arguments.integer("columns"))
    let data = try Data(contentsOf: URL(filePath: try arguments.text("points")))
    let numbers = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    guard numbers.count == rows * columns else { throw Usage("\(numbers.count) numbers for \(rows) × \(columns)") }
    let points = Matrix(rows: rows, columns: columns, storage: numbers)
    let hdbscan = HDBSCAN(
      minClusterSize: try arguments.integer("min-cluster-size"), minSamples: try arguments.integer("min-samples"))
    let workers = WorkerPool(threads: try arguments.integer("threads"))
    var labels: [Float] = []
    func run(_ rounds: Int) throws {
      for _ in 0..<rounds {
        labels = try hdbscan.fit(points, workers: workers).partition.labels.map { $0.map { Float($0) } ?? -1 }
      }
    }
    try LineProtocol.serve(run: run) {
      if labels.isEmpty { try run(1) }
      return labels
    }
  }
}
