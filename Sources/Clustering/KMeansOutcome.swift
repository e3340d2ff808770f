import Tensors

extension KMeansProblem {
  /// Inertia, and strengths where wanted, of labels and centres that are decided.
  func outcome(
    _ labels: [Int32], _ centers: [Double], _ iterations: Int, bounds: KMeansBounds?, strengths: Bool,
    workers: WorkerPool
  ) throws -> Outcome {
    let distances = try squaredDistances(labels, centers, workers: workers)
    let inertia = chunks.reduce(0) { $0 + distances[$1].reduce(0, +) }
    return Outcome(
      labels: labels, centers: centers, inertia: inertia, iterations: iterations,
      strengths: strengths
        ? try self.strengths(labels, centers, distances, bounds: bounds, workers: workers) : [])
  }

  /// Squared distances of the rows to the centres of their labels.
  func squaredDistances(_ labels: [Int32], _ centers: [Double], workers: WorkerPool) throws -> [Double] {
    var distances = [Double](repeating: 0, count: rows)
    try distances.withUnsafeMutableBufferPointer { distances in
      try centers.withUnsafeBufferPointer { centers in
        nonisolated(unsafe) let (distances, centers) = (distances, centers)
        try workers.runThrowing(jobs: chunks.count) { job, _ in
          try points.forEachRow(in: chunks[job]) { row, values in
            distances[row] = CenterRows.distance(
              values, centers.baseAddress! + Int(labels[row]) * columns, count: columns)
          }
        }
      }
    }
    return distances
  }

  /// For each row 1 − (distance to its centre) / (distance to the nearest other centre), in 0…1; 1 where there is no other.
  /// - Parameter distances: squared, of the rows to their own centres.
  func strengths(
    _ labels: [Int32], _ centers: [Double], _ distances: [Double], bounds: KMeansBounds?, workers: WorkerPool
  ) throws -> [Float] {
    var strengths = [Float](repeating: 1, count: rows)
    if nClusters == 1 || columns == 0 { return strengths }
    let questions = KMeansQuestions(centers, count: nClusters, screen: screen)
    let passes = (0..<workers.threads).map { _ in KMeansPass(questions, bounds: bounds, aim: .rival) }
    try strengths.withUnsafeMutableBufferPointer { strengths in
      try labels.withUnsafeBufferPointer { labels in
        try centers.withUnsafeBufferPointer { centers in
          nonisolated(unsafe) let (strengths, labels, centers) = (strengths, labels, centers)
          try workers.runThrowing(jobs: chunks.count) { job, worker in
            try passes[worker].run(points, chunks[job], labels.baseAddress!) { row, values, rival in
              let a = distances[row]
              let b = CenterRows.distance(values, centers.baseAddress! + rival * columns, count: columns)
              strengths[row] = b > a ? Float(1 - (a / b).squareRoot()) : 0
            }
          }
        }
      }
    }
    return strengths
  }
}
