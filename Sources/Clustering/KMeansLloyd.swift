import Tensors

extension KMeansProblem {
  /// Lloyd's iteration from the centres given, with scikit-learn's stopping rules.
  func lloyd(from start: [Double], maxIterations: Int, tolerance: Double, workers: WorkerPool) -> Outcome {
    let d = points.columns
    var centers = start
    var labels = [Int32](repeating: -1, count: points.rows)
    var iterations = 0
    var settled = false
    while iterations < maxIterations && !settled {
      iterations += 1
      let previous = labels
      var sums = assign(centers, &labels, summing: true, workers: workers)
      relocateEmptyGroups(&sums, labels, centers)
      let moved = sums.means(columns: d)
      var shift = 0.0
      for i in centers.indices { shift += (moved[i] - centers[i]) * (moved[i] - centers[i]) }
      centers = moved
      settled = labels == previous
      if !settled && shift <= tolerance * meanVariance { break }
    }
    // Stopped before the labels settled: they belong to the centres before the last move.
    if !settled { _ = assign(centers, &labels, summing: false, workers: workers) }
    return Outcome(
      labels: labels, centers: centers, inertia: inertia(labels, centers), iterations: iterations)
  }

  /// Sums and counts of the rows of each group.
  struct GroupSums {
    var sums: [Double]
    var counts: [Int]

    /// Means; a group that is still empty is put where the largest group is.
    func means(columns d: Int) -> [Double] {
      var means = sums
      var largest = 0
      for group in counts.indices where counts[group] > counts[largest] { largest = group }
      for group in counts.indices {
        let source = counts[group] > 0 ? group : largest
        for c in 0..<d { means[group * d + c] = sums[source * d + c] / Double(max(counts[source], 1)) }
      }
      return means
    }
  }

  /// Gives each row the label of its nearest centre, and sums the rows of each label. A 32-bit product rules out the centres
  /// that are surely farther; where more than one is left, 64 bits decide.
  private func assign(
    _ centers: [Double], _ labels: inout [Int32], summing: Bool, workers: WorkerPool
  ) -> GroupSums {
    let (d, k) = (points.columns, nClusters)
    let questions = Questions(centers, count: k, screen: screen)
    var sums = [Double](repeating: 0, count: summing ? chunks.count * k * d : 0)
    var counts = [Int](repeating: 0, count: chunks.count * k)
    labels.withUnsafeMutableBufferPointer { labels in
      sums.withUnsafeMutableBufferPointer { sums in
        counts.withUnsafeMutableBufferPointer { counts in
          nonisolated(unsafe) let (labels, sums, counts) = (labels, sums, counts)
          workers.run(jobs: chunks.count) { job, _ in
            points.withUnsafeBufferPointer { x in
              forEachProposal(in: chunks[job], questions) { row, proposed in
                let own = nearest(row, proposed, questions, x, centers)
                labels[row] = Int32(own)
                counts[job * k + own] += 1
                if !summing || d == 0 { return }
                let (sum, from) = (sums.baseAddress! + (job * k + own) * d, x.baseAddress! + row * d)
                for c in 0..<d { sum[c] += Double(from[c]) }
              }
            }
          }
        }
      }
    }
    var total = GroupSums(
      sums: [Double](repeating: 0, count: summing ? k * d : 0), counts: [Int](repeating: 0, count: k))
    for job in chunks.indices {
      for i in total.sums.indices { total.sums[i] += sums[job * k * d + i] }
      for i in 0..<k { total.counts[i] += counts[job * k + i] }
    }
    return total
  }

  /// The nearest centre of a row by 64-bit distances, the lowest of equals.
  private func nearest(
    _ row: Int, _ proposed: UnsafePointer<Float>, _ questions: Questions, _ x: UnsafeBufferPointer<Float>,
    _ centers: [Double]
  ) -> Int {
    let k = nClusters
    var best = 0
    for j in 1..<max(k, 1) where proposed[j] < proposed[best] { best = j }
    let margin = 2 * screen.error(packed.norms[row], questions.largestNorm)
    let threshold = Float(Double(proposed[best]) + margin).nextUp
    var rivals = 0
    for j in 0..<k where proposed[j] <= threshold { rivals += 1 }
    if rivals == 1 || points.columns == 0 { return best }
    let d = points.columns
    return centers.withUnsafeBufferPointer { centers in
      var (winner, least) = (best, Double.infinity)
      for j in 0..<k where proposed[j] <= threshold {
        let distance = Distances.squared(x.baseAddress! + row * d, centers.baseAddress! + j * d, count: d)
        if distance < least { (winner, least) = (j, distance) }
      }
      return winner
    }
  }

  /// Moves each empty group to a row: the farthest from its centre first, ties to the lower row. Labels stay as they are.
  private func relocateEmptyGroups(_ groups: inout GroupSums, _ labels: [Int32], _ centers: [Double]) {
    let empty = groups.counts.indices.filter { groups.counts[$0] == 0 }
    if empty.isEmpty { return }
    let d = points.columns
    let distances = squaredDistances(labels, centers)
    let farthest = distances.indices.sorted {
      distances[$0] != distances[$1] ? distances[$0] > distances[$1] : $0 < $1
    }
    // More groups than distinct rows: nowhere to move to.
    if distances[farthest[0]] == 0 { return }
    for (group, row) in zip(empty, farthest) {
      let old = Int(labels[row])
      for c in 0..<d {
        groups.sums[old * d + c] -= Double(points[row, c])
        groups.sums[group * d + c] = Double(points[row, c])
      }
      groups.counts[group] = 1
      groups.counts[old] -= 1
    }
  }

  private func inertia(_ labels: [Int32], _ centers: [Double]) -> Double {
    let distances = squaredDistances(labels, centers)
    return chunks.reduce(0) { $0 + distances[$1].reduce(0, +) }
  }

  private func squaredDistances(_ labels: [Int32], _ centers: [Double]) -> [Double] {
    let d = points.columns
    if d == 0 { return [Double](repeating: 0, count: points.rows) }
    return points.withUnsafeBufferPointer { x in
      centers.withUnsafeBufferPointer { c in
        labels.indices.map {
          Distances.squared(x.baseAddress! + $0 * d, c.baseAddress! + Int(labels[$0]) * d, count: d)
        }
      }
    }
  }
}
