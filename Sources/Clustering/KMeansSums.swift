import Tensors

/// Sums and counts of the rows of each group, by chunk, of which a pass renews only those whose members changed.
///
/// A sum runs over a chunk's rows in order and totals over chunks in order, whatever was renewed when: the bytes are those of
/// summing everything anew. Memory: chunks · k · d numbers of 64 bits.
final class KMeansSums: @unchecked Sendable {
  private let problem: KMeansProblem
  private let sums: UnsafeMutablePointer<Double>
  private var counts: [Int]
  /// A flag a chunk and group: members changed.
  private let changed: UnsafeMutablePointer<UInt8>

  init(_ problem: KMeansProblem) {
    self.problem = problem
    let groups = problem.chunks.count * problem.nClusters
    sums = .allocate(capacity: max(groups * problem.columns, 1))
    sums.initialize(repeating: 0, count: groups * problem.columns)
    counts = [Int](repeating: 0, count: groups)
    changed = .allocate(capacity: max(groups, 1))
    changed.initialize(repeating: 0, count: groups)
  }

  deinit {
    sums.deallocate()
    changed.deallocate()
  }

  /// Notes that a row of a chunk left one group (−1 for none) for another.
  func move(inChunk chunk: Int, from old: Int, to new: Int) {
    if old >= 0 { changed[chunk * problem.nClusters + old] = 1 }
    changed[chunk * problem.nClusters + new] = 1
  }

  /// Sums anew the groups of a chunk that changed. Returns whether any had.
  func renew(_ chunk: Int, _ labels: UnsafePointer<Int32>, _ counts: UnsafeMutablePointer<Int>) throws {
    let (k, d) = (problem.nClusters, problem.columns)
    let (changed, sums) = (changed + chunk * k, sums + chunk * k * d)
    let counts = counts + chunk * k
    var any = false
    for group in 0..<k where changed[group] != 0 {
      (sums + group * d).update(repeating: 0, count: d)
      counts[group] = 0
      any = true
    }
    if !any { return }
    for row in problem.chunks[chunk] where changed[Int(labels[row])] != 0 { counts[Int(labels[row])] += 1 }
    try problem.points.forEachRow(in: problem.chunks[chunk]) { row, values in
      let group = Int(labels[row])
      if changed[group] != 0 { CenterRows.add(values, count: d, into: sums + group * d) }
    }
    changed.update(repeating: 0, count: k)
  }

  /// Runs `body` with the counts, for `renew`.
  func withCounts(_ body: (UnsafeMutablePointer<Int>) throws -> Void) rethrows {
    try counts.withUnsafeMutableBufferPointer { try body($0.baseAddress!) }
  }

  /// Totals over the chunks.
  func total(_ workers: WorkerPool) -> GroupSums {
    let (k, d, chunks) = (problem.nClusters, problem.columns, problem.chunks.count)
    var total = GroupSums(
      sums: [Double](repeating: 0, count: k * d), counts: [Int](repeating: 0, count: k))
    for chunk in 0..<chunks { for group in 0..<k { total.counts[group] += counts[chunk * k + group] } }
    let size = 1 << 14
    total.sums.withUnsafeMutableBufferPointer { totals in
      nonisolated(unsafe) let totals = totals
      workers.run(jobs: (k * d + size - 1) / size) { job, _ in
        for chunk in 0..<chunks {
          let from = self.sums + chunk * k * d
          for i in job * size..<min((job + 1) * size, k * d) { totals[i] += from[i] }
        }
      }
    }
    return total
  }
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

  /// Directions of the sums, for rows of length one; a sum of zero, or of no rows, leaves the old direction.
  func directions(_ old: [Double], columns d: Int) -> [Double] {
    var directions = old
    for group in counts.indices where counts[group] > 0 {
      var square = 0.0
      for c in 0..<d { square += sums[group * d + c] * sums[group * d + c] }
      if square == 0 { continue }
      for c in 0..<d { directions[group * d + c] = sums[group * d + c] / square.squareRoot() }
    }
    return directions
  }
}
