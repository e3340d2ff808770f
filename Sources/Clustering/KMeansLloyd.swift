import Tensors

extension KMeansProblem {
  /// How groups become centres.
  enum Centers: Sendable {
    /// Means.
    case means
    /// Means brought to length one (spherical k-means).
    case directions
  }

  /// Lloyd's iteration from the centres given, with scikit-learn's stopping rules.
  /// - Throws: what the medium of the points throws.
  func lloyd(
    from start: [Double], as kind: Centers = .means, maxIterations: Int, tolerance: Double, strengths: Bool,
    workers: WorkerPool
  ) throws -> Outcome {
    var centers = start
    var labels = [Int32](repeating: -1, count: rows)
    // One pass more than iterations; bounds pay from the third on.
    let bounds = nClusters > 1 && columns > 0 && maxIterations > 1 ? KMeansBounds(self) : nil
    let sums = KMeansSums(self)
    var iterations = 0
    var settled = false
    while iterations < maxIterations && !settled {
      iterations += 1
      // The first move is a long one: it would leave nothing of bounds.
      let changed = try assign(
        centers, &labels, bounds: iterations > 1 ? bounds : nil, sums: sums, workers: workers)
      if iterations > 1 { bounds?.areFilled = true }
      var groups = sums.total(workers)
      try relocateEmptyGroups(&groups, labels, centers, workers: workers)
      let moved = kind == .means ? groups.means(columns: columns) : groups.directions(centers, columns: columns)
      let distances = movement(from: centers, to: moved)
      bounds?.move(by: distances.map { ($0 * screen.squaredScale).squareRoot() }, workers: workers)
      centers = moved
      settled = changed == 0
      if !settled && distances.reduce(0, +) <= tolerance * meanVariance { break }
    }
    // Stopped before the labels settled: they belong to the centres before the last move.
    if !settled { _ = try assign(centers, &labels, bounds: bounds, sums: nil, workers: workers) }
    if !settled && iterations == 1 { bounds?.areFilled = true }
    return try outcome(labels, centers, iterations, bounds: bounds, strengths: strengths, workers: workers)
  }

  /// Gives each row the label of its nearest centre; returns how many labels changed.
  func assign(
    _ centers: [Double], _ labels: inout [Int32], bounds: KMeansBounds?, sums: KMeansSums?, workers: WorkerPool
  ) throws -> Int {
    let questions = KMeansQuestions(centers, count: nClusters, screen: screen)
    let passes = (0..<workers.threads).map { _ in KMeansPass(questions, bounds: bounds, aim: .nearest) }
    var changes = [Int](repeating: 0, count: chunks.count)
    try labels.withUnsafeMutableBufferPointer { labels in
      try changes.withUnsafeMutableBufferPointer { changes in
        nonisolated(unsafe) let (labels, changes) = (labels.baseAddress!, changes)
        func work(_ counts: UnsafeMutablePointer<Int>?) throws {
          nonisolated(unsafe) let counts = counts
          try workers.runThrowing(jobs: chunks.count) { job, worker in
            func give(_ row: Int, _ center: Int) {
              let old = Int(labels[row])
              if old == center { return }
              labels[row] = Int32(center)
              changes[job] += 1
              sums?.move(inChunk: job, from: old, to: center)
            }
            if columns == 0 || nClusters == 1 {
              for row in chunks[job] { give(row, 0) }
            } else {
              try passes[worker].run(points, chunks[job], labels) { row, _, center in give(row, center) }
            }
            if let counts, let sums { try sums.renew(job, labels, counts) }
          }
        }
        if let sums { try sums.withCounts { try work($0) } } else { try work(nil) }
      }
    }
    return changes.reduce(0, +)
  }

  /// Squared distances that the centres moved.
  private func movement(from old: [Double], to new: [Double]) -> [Double] {
    (0..<nClusters).map { group in
      var square = 0.0
      for i in group * columns..<(group + 1) * columns { square += (new[i] - old[i]) * (new[i] - old[i]) }
      return square
    }
  }

  /// Moves each empty group to a row: the farthest from its centre first, ties to the lower row. Labels stay as they are.
  private func relocateEmptyGroups(
    _ groups: inout GroupSums, _ labels: [Int32], _ centers: [Double], workers: WorkerPool
  ) throws {
    let empty = groups.counts.indices.filter { groups.counts[$0] == 0 }
    if empty.isEmpty { return }
    let distances = try squaredDistances(labels, centers, workers: workers)
    let farthest = distances.indices.sorted {
      distances[$0] != distances[$1] ? distances[$0] > distances[$1] : $0 < $1
    }
    // More groups than distinct rows: nowhere to move to.
    if distances[farthest[0]] == 0 { return }
    let d = columns
    for (group, row) in zip(empty, farthest) {
      let old = Int(labels[row])
      let values = try values(ofRows: [row])
      for c in 0..<d {
        groups.sums[old * d + c] -= values[c]
        groups.sums[group * d + c] = values[c]
      }
      groups.counts[group] = 1
      groups.counts[old] -= 1
    }
  }
}
