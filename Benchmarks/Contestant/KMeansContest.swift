import Clustering
import Foundation
import Tensors

/// `bench kmeans`: Lloyd's iteration from given centres, a fixed number of times; the answer is the centres, in the order they started in.
enum KMeansContest {
  static func serve(_ arguments: Arguments) throws {
    BLAS.useOneThread()
    let (rows, columns) = (try arguments.integer("rows"), try arguments.integer("columns"))
    let clusters = try arguments.integer("clusters")
    let points = try matrix(try arguments.text("points"), rows, columns)
    let start = try matrix(try arguments.text("start"), clusters, columns)
    let kMeans = KMeans(nClusters: clusters, maxIterations: try arguments.integer("iterations"), tolerance: 0)
    let pool = WorkerPool(threads: try arguments.integer("threads"))
    var last: KMeans.Fitted?
    func run(_ rounds: Int) throws {
      for _ in 0..<rounds { last = try kMeans.fit(points, from: start, workers: pool) }
    }
    try LineProtocol.serve(run: run) {
      if last == nil { try run(1) }
      var centers = start
      for (group, raw) in last!.partition.rawNumbers.enumerated() {
        for c in 0..<columns { centers[raw, c] = last!.centers[group, c] }
      }
      return centers.storage
    }
  }

  /// Rows of raw little-endian numbers.
  private static func matrix(_ path: String, _ rows: Int, _ columns: Int) throws -> Matrix {
    let bytes = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    if bytes.count != 4 * rows * columns { throw Usage("\(path): not \(rows) × \(columns) numbers") }
    return Matrix(
      rows: rows, columns: columns, storage: bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) })
  }
}
