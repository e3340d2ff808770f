import Tensors

extension KMeansProblem {
  /// k-means‖ (Bahmani, Moseley, Vattani, Kumar, Vassilvitskii 2012): five rounds draw each row with probability 2k times its share
  /// of the potential, independently; candidates, weighted by the rows nearest to them, are thinned out by greedy k-means++.
  ///
  /// A row's luck depends on seed, round and row only. Where no more than k candidates were drawn (few distinct rows), the
  /// start is that of k-means++ on the rows themselves.
  /// - Returns: `nClusters × columns` numbers.
  /// - Complexity: O(n · k · d) for each of the rounds, and O(k² · ln k · d).
  func parallelCenters(seed: Seed, workers: WorkerPool) throws -> [Double] {
    var generator = seed.split("first").generator()
    let nearest = NearestCandidates(rows: rows)
    var fresh = [generator.integer(below: rows)]
    var candidates: [Int] = []
    for round in 0...5 {
      if !fresh.isEmpty { try lower(nearest, by: fresh, numberedFrom: candidates.count, workers: workers) }
      candidates += fresh
      let potential = chunks.reduce(0) { $0 + nearest.squares[$1].reduce(0, +) }
      if round == 5 || potential == 0 || columns == 0 { break }
      let luck = seed.split("round").split(round)
      let scale = 2 * Double(nClusters) / potential
      fresh = (0..<rows).filter { row in
        let square = nearest.squares[row]
        return square > 0 && Double(luck.split(row).rawValue >> 11) * 0x1p-53 < scale * square
      }
    }
    if candidates.count <= nClusters { return try plusPlusCenters(seed: seed, workers: workers) }
    var weights = [Double](repeating: 0, count: candidates.count)
    for owner in nearest.owners { weights[Int(owner)] += 1 }
    let values = try values(ofRows: candidates).map { Float($0) }
    let matrix = Matrix(rows: candidates.count, columns: columns, storage: values)
    return try KMeansProblem(points: matrix, nClusters: nClusters, workers: workers)
      .plusPlusCenters(seed: seed.split("candidates"), weights: weights, workers: workers)
  }

  /// The nearest candidate of each row so far, by number, and its squared distance.
  private final class NearestCandidates: @unchecked Sendable {
    var squares: [Double]
    var owners: [Int32]

    init(rows: Int) {
      squares = [Double](repeating: .infinity, count: rows)
      owners = [Int32](repeating: 0, count: rows)
    }
  }

  private func lower(
    _ nearest: NearestCandidates, by fresh: [Int], numberedFrom first: Int, workers: WorkerPool
  ) throws {
    let values = try values(ofRows: fresh)
    let nobody = [Int32](repeating: -1, count: rows)
    let passes = (0..<workers.threads).map { _ in
      KMeansPass(KMeansQuestions(values, count: fresh.count, screen: screen), bounds: nil, aim: .nearest)
    }
    try nearest.squares.withUnsafeMutableBufferPointer { squares in
      try nearest.owners.withUnsafeMutableBufferPointer { owners in
        nonisolated(unsafe) let (squares, owners) = (squares, owners)
        try workers.runThrowing(jobs: chunks.count) { job, worker in
          if columns == 0 { return }
          try passes[worker].run(points, chunks[job], nobody) { row, x, center in
            let square = values.withUnsafeBufferPointer {
              CenterRows.distance(x, $0.baseAddress! + center * columns, count: columns)
            }
            if square < squares[row] { (squares[row], owners[row]) = (square, Int32(first + center)) }
          }
        }
      }
    }
  }
}
