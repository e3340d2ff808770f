import Tensors

extension KMeansProblem {
  /// Greedy k-means++ (Arthur & Vassilvitskii 2007): each centre is the best, by the potential it leaves, of 2 + ⌊ln k⌋ rows
  /// drawn with probability proportional to the squared distance to the nearest centre so far.
  /// - Returns: `nClusters × columns` numbers.
  /// - Complexity: O(n · k · ln k · d).
  func plusPlusCenters(seed: Seed, workers: WorkerPool) -> [Double] {
    let (n, d) = (points.rows, points.columns)
    var generator = seed.generator()
    let trials = 2 + naturalLogarithmFloor(nClusters)
    var chosen = [generator.integer(below: n)]
    var nearest = [Double](repeating: .infinity, count: n)
    var potential = 0.0
    func take(_ rows: [Int]) -> (best: Int, nearest: [Double], potential: Double) {
      let outcomes = lowered(nearest, by: rows, workers: workers)
      var best = 0
      for trial in 1..<rows.count where outcomes[trial].potential < outcomes[best].potential { best = trial }
      return (rows[best], outcomes[best].nearest, outcomes[best].potential)
    }
    (_, nearest, potential) = take(chosen)
    while chosen.count < nClusters {
      var sums = nearest
      for i in 1..<max(n, 1) { sums[i] += sums[i - 1] }
      let candidates = (0..<trials).map { _ in firstIndex(in: sums, reaching: generator.uniform() * potential) }
      let taken = take(candidates)
      (nearest, potential) = (taken.nearest, taken.potential)
      chosen.append(taken.best)
    }
    var centers: [Double] = []
    centers.reserveCapacity(nClusters * d)
    for row in chosen { centers += points.row(row).map { Double($0) } }
    return centers
  }

  /// For each candidate row: the distances `nearest` lowered by it, and their sum. Rows that the candidate is surely no nearer
  /// to are not computed in 64 bits.
  private func lowered(
    _ nearest: [Double], by candidates: [Int], workers: WorkerPool
  ) -> [(nearest: [Double], potential: Double)] {
    let (n, d) = (points.rows, points.columns)
    let t = candidates.count
    let rows = candidates.flatMap { points.row($0).map { Double($0) } }
    let questions = Questions(rows, count: t, screen: screen)
    var lowered = [Double](repeating: 0, count: t * n)
    var sums = [Double](repeating: 0, count: chunks.count * t)
    lowered.withUnsafeMutableBufferPointer { lowered in
      sums.withUnsafeMutableBufferPointer { sums in
        nonisolated(unsafe) let (lowered, sums) = (lowered.baseAddress!, sums.baseAddress!)
        workers.run(jobs: chunks.count) { job, _ in
          points.withUnsafeBufferPointer { x in
            rows.withUnsafeBufferPointer { rows in
              forEachProposal(in: chunks[job], questions) { row, proposed in
                let known = nearest[row]
                let threshold =
                  known * screen.squaredScale + screen.error(packed.norms[row], questions.largestNorm)
                for trial in 0..<t {
                  var value = known
                  if Double(proposed[trial]) <= threshold, d > 0 {
                    value = min(
                      known,
                      Distances.squared(x.baseAddress! + row * d, rows.baseAddress! + trial * d, count: d))
                  } else if d == 0 {
                    value = 0
                  }
                  lowered[trial * n + row] = value
                  sums[job * t + trial] += value
                }
              }
            }
          }
        }
      }
    }
    return (0..<t).map { trial in
      var potential = 0.0
      for job in chunks.indices { potential += sums[job * t + trial] }
      return (Array(lowered[trial * n..<(trial + 1) * n]), potential)
    }
  }

  /// The first index whose running sum reaches `target`, the last index if rounding lets none.
  private func firstIndex(in sums: [Double], reaching target: Double) -> Int {
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] >= target { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func naturalLogarithmFloor(_ k: Int) -> Int {
    var (power, floor) = (2.718281828459045, 0)
    while power <= Double(k) {
      power *= 2.718281828459045
      floor += 1
    }
    return floor
  }
}
