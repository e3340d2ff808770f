import Tensors

extension KMeansProblem {
  /// Greedy k-means++ (Arthur & Vassilvitskii 2007): each centre is the best, by the potential it leaves, of 2 + ⌊ln k⌋ rows
  /// drawn with probability proportional to weight times squared distance to the nearest centre so far.
  ///
  /// Rows as far from their centre as half of what separates it from the candidate, or nearer, are not looked at (triangle
  /// inequality); of the others, 64 bits compute those that a 32-bit product doesn't show to be farther. Neither changes a choice.
  /// - Parameter weights: one a row, not negative; nil for ones.
  /// - Returns: `nClusters × columns` numbers.
  /// - Complexity: O(n · k · ln k · d) at worst; points in memory are held twice while it runs.
  func plusPlusCenters(seed: Seed, weights: [Double]? = nil, workers: WorkerPool) throws -> [Double] {
    var generator = seed.generator()
    let trials = 2 + naturalLogarithmFloor(nClusters)
    let search = PlusPlusSearch(self, weights: weights, workers: workers)
    try search.take([generator.integer(below: rows)])
    var sums = [Double](repeating: 0, count: rows)
    for _ in 1..<max(nClusters, 1) {
      var sum = 0.0
      for i in 0..<rows {
        sum += search.potential(i)
        sums[i] = sum
      }
      try search.take((0..<trials).map { _ in firstIndex(in: sums, reaching: generator.uniform() * search.potential) })
    }
    return search.centers
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

/// The centres that k-means++ chose so far, and how far rows are from the nearest of them.
private final class PlusPlusSearch: @unchecked Sendable {
  private static let blockRows = 256

  /// What a candidate would change in a chunk: nearer rows, in order, and the potential of all.
  private struct Chunk: Sendable {
    var nearer: [[(row: Int, square: Double)]]
    var potentials: [Double]
  }

  private let problem: KMeansProblem
  private let weights: [Double]?
  private let workers: WorkerPool
  /// Rows in stored form, where the points are in memory.
  private var stored: [Float] = []
  private var nearest: [Double]
  /// The centre each row is nearest to, by its place in `centers`.
  private var owners: [Int32]
  private(set) var centers: [Double] = []
  private(set) var potential = 0.0

  init(_ problem: KMeansProblem, weights: [Double]?, workers: WorkerPool) {
    self.problem = problem
    self.weights = weights
    self.workers = workers
    nearest = [Double](repeating: .infinity, count: problem.rows)
    owners = [Int32](repeating: 0, count: problem.rows)
    guard let points = problem.points as? Matrix, problem.columns > 0 else { return }
    let width = problem.screen.width
    stored = [Float](repeating: 0, count: problem.rows * width)
    stored.withUnsafeMutableBufferPointer { stored in
      nonisolated(unsafe) let base = stored.baseAddress!
      workers.run(jobs: problem.chunks.count) { job, _ in
        points.withUnsafeBufferPointer { x in
          for row in problem.chunks[job] {
            _ = problem.screen.store(x.baseAddress! + row * problem.columns, into: base + row * width)
          }
        }
      }
    }
  }

  func potential(_ row: Int) -> Double { weights.map { $0[row] * nearest[row] } ?? nearest[row] }

  /// Takes the best of some rows as the next centre, the first of equals.
  func take(_ candidates: [Int]) throws {
    let d = problem.columns
    let values = try problem.values(ofRows: candidates)
    let questions = KMeansQuestions(values, count: candidates.count, screen: problem.screen)
    let chosen = d == 0 ? 0 : centers.count / d
    // A quarter of the squared distances between candidates and centres, less what rounding may have added.
    var separations = [Double](repeating: 0, count: candidates.count * chosen)
    for (trial, _) in candidates.enumerated() {
      for center in 0..<chosen {
        var square = 0.0
        for c in 0..<d {
          let difference = values[trial * d + c] - centers[center * d + c]
          square += difference * difference
        }
        separations[trial * chosen + center] = square * 0.2499999
      }
    }
    let outcomes = try workers.map(jobs: problem.chunks.count) { [separations] job, _ in
      try self.look(self.problem.chunks[job], values, questions, separations)
    }
    let potentials = candidates.indices.map { trial in outcomes.reduce(0.0) { $0 + $1.potentials[trial] } }
    var best = 0
    for trial in 1..<candidates.count where potentials[trial] < potentials[best] { best = trial }
    for outcome in outcomes {
      for change in outcome.nearer[best] {
        nearest[change.row] = change.square
        owners[change.row] = Int32(chosen)
      }
    }
    potential = potentials[best]
    centers += values[best * d..<(best + 1) * d]
  }

  private func look(
    _ chunk: Range<Int>, _ values: [Double], _ questions: KMeansQuestions, _ separations: [Double]
  ) throws -> Chunk {
    let (t, d, width) = (questions.count, problem.columns, problem.screen.width)
    var result = Chunk(nearer: [[(Int, Double)]](repeating: [], count: t), potentials: [Double](repeating: 0, count: t))
    if d == 0 {
      for row in chunk { for trial in 0..<t { result.nearer[trial].append((row, 0)) } }
      return result
    }
    let chosen = centers.count / d
    let everything = (0..<t).map { UInt32($0) }
    let block = UnsafeMutablePointer<Float>.allocate(capacity: Self.blockRows * (width + t))
    defer { block.deallocate() }
    let proposed = block + Self.blockRows * width
    var asking: [Int] = []
    for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: Self.blockRows) {
      let rows = start..<min(start + Self.blockRows, chunk.upperBound)
      asking.removeAll(keepingCapacity: true)
      for row in rows {
        var mayBeNearer = chosen == 0
        for trial in 0..<t where !mayBeNearer {
          mayBeNearer = separations[trial * chosen + Int(owners[row])] < nearest[row]
        }
        if mayBeNearer { asking.append(row) }
      }
      try problem.points.withRows(rows) { x in
        stored.withUnsafeBufferPointer { stored in
          let isWhole = asking.count == rows.count && !stored.isEmpty
          if !isWhole {
            for (place, row) in asking.enumerated() {
              let target = block + place * width
              if stored.isEmpty {
                _ = problem.screen.store(x.baseAddress! + (row - start) * d, into: target)
              } else {
                target.update(from: stored.baseAddress! + row * width, count: width)
              }
            }
          }
          let from = isWhole ? stored.baseAddress! + start * width : UnsafePointer(block)
          if asking.count >= 32 {
            BLAS.multiply(from, questions.storage, transposeB: true, into: proposed, m: asking.count, n: t, k: width)
          } else {
            for place in asking.indices {
              CenterRows.products(
                from + place * width, questions.storage, columns: d, which: everything, count: t,
                into: proposed + place * t)
            }
          }
          var place = 0
          for row in rows {
            let known = nearest[row]
            let weight = weights?[row] ?? 1
            if place == asking.count || asking[place] != row {
              for trial in 0..<t { result.potentials[trial] += weight * known }
              continue
            }
            let square = Double(from[place * width + d + 1])
            let limit =
              known * problem.screen.squaredScale * (1 + 1e-9) + Double(questions.error(ofSquaredNorm: square))
            for trial in 0..<t {
              var value = known
              if Double(proposed[place * t + trial]) <= limit {
                let exact = values.withUnsafeBufferPointer {
                  CenterRows.distance(x.baseAddress! + (row - start) * d, $0.baseAddress! + trial * d, count: d)
                }
                if exact < known {
                  value = exact
                  result.nearer[trial].append((row, exact))
                }
              }
              result.potentials[trial] += weight * value
            }
            place += 1
          }
        }
      }
    }
    return result
  }
}
