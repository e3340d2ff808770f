public import Tensors

/// How much nearer each row is to its own group than to the next (Rousseeuw 1987): (b − a) / max(a, b) in −1…1, where a is the
/// mean distance to the other rows of its group and b the least mean distance to another group. 0 for a group of one.
///
/// Exact to about 1e-12, in 64 bits, over all rows up to `sampleLimit`; over a seeded sample of that many beyond it (and `isSample` says so).
/// Noise has no silhouette and is nobody's neighbour.
public struct Silhouette: Sendable, Equatable {
  /// Mean over the rows measured; nil when there are fewer than two groups.
  public let mean: Double?
  /// Mean by group of the partition; nil where no row of the group was measured.
  public let groups: [Double?]
  /// By row; nil for noise and for rows outside the sample.
  public let rows: [Double?]
  public let isSample: Bool

  /// A silhouette read back from storage, where the rows' own values were not kept.
  public init(mean: Double?, groups: [Double?]) {
    (self.mean, self.groups, rows, isSample) = (mean, groups, [], false)
  }

  /// - Precondition: `points` has one row a label, all finite.
  /// - Complexity: O(min(n, sampleLimit)² · d).
  public init(of points: Matrix, _ partition: Partition, sampleLimit: Int = 10_000, seed: Seed, workers: WorkerPool) {
    precondition(points.rows == partition.count, "\(points.rows) rows, \(partition.count) labels")
    let clustered = partition.labels.indices.filter { partition.labels[$0] != nil }
    isSample = clustered.count > sampleLimit
    let measured = isSample ? Self.sample(clustered, sampleLimit, seed) : clustered
    let labels = measured.map { partition.labels[$0]! }
    var sizes = [Int](repeating: 0, count: partition.groupCount)
    for label in labels { sizes[label] += 1 }
    var rows = [Double?](repeating: nil, count: points.rows)
    if sizes.filter({ $0 > 0 }).count < 2 {
      (mean, groups, self.rows) = (nil, sizes.map { _ in nil }, rows)
      return
    }
    let values = Self.values(points.rows(at: measured), [(labels, sizes)], workers)[0]
    var (sum, sums) = (0.0, [Double](repeating: 0, count: sizes.count))
    for (i, row) in measured.enumerated() {
      rows[row] = values[i]
      sum += values[i]
      sums[labels[i]] += values[i]
    }
    mean = sum / Double(measured.count)
    groups = zip(sums, sizes).map { $1 > 0 ? $0 / Double($1) : nil }
    self.rows = rows
  }

  private static func sample(_ rows: [Int], _ count: Int, _ seed: Seed) -> [Int] {
    var rows = rows
    var generator = seed.split("silhouette").generator()
    generator.shuffle(&rows)
    return rows[..<count].sorted()
  }

  /// The mean silhouettes of several partitions of the same rows, the distances computed once: what comparing numbers of groups
  /// asks for. nil where a partition has fewer than two groups. Rows that are noise in any partition are left out of all.
  /// - Complexity: O(min(n, sampleLimit)² · (d + partitions)).
  public static func means(
    of points: Matrix, _ partitions: [Partition], sampleLimit: Int = 10_000, seed: Seed, workers: WorkerPool
  ) -> [Double?] {
    precondition(partitions.allSatisfy { $0.count == points.rows }, "a partition of other rows")
    let clustered = (0..<points.rows).filter { row in partitions.allSatisfy { $0.labels[row] != nil } }
    let measured = clustered.count > sampleLimit ? sample(clustered, sampleLimit, seed) : clustered
    let labelings = partitions.map { partition in
      let labels = measured.map { partition.labels[$0]! }
      var sizes = [Int](repeating: 0, count: partition.groupCount)
      for label in labels { sizes[label] += 1 }
      return (labels, sizes)
    }
    let values = values(points.rows(at: measured), labelings, workers)
    return zip(values, labelings).map { values, labeling in
      labeling.1.filter { $0 > 0 }.count < 2 ? nil : values.reduce(0, +) / Double(values.count)
    }
  }

  /// By labelling and row.
  private static func values(
    _ points: Matrix, _ labelings: [(labels: [Int], sizes: [Int])], _ workers: WorkerPool
  ) -> [[Double]] {
    let distances = PairwiseDistances(points)
    let n = points.rows
    var values = [Double](repeating: 0, count: labelings.count * n)
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      workers.run(jobs: distances.jobs) { job, _ in
        let first = job * PairwiseDistances.rowsAtATime
        // By row of the job, labelling and group.
        var sums = labelings.map { [Double](repeating: 0, count: PairwiseDistances.rowsAtATime * $0.sizes.count) }
        distances.forEachStretch(ofJob: job) { row, start, distances in
          for (which, labeling) in labelings.enumerated() {
            let k = labeling.sizes.count
            sums[which].withUnsafeMutableBufferPointer { sums in
              labeling.labels.withUnsafeBufferPointer { labels in
                for j in distances.indices { sums[(row - first) * k + labels[start + j]] += distances[j] }
              }
            }
          }
        }
        for row in first..<min(first + PairwiseDistances.rowsAtATime, n) {
          for (which, labeling) in labelings.enumerated() {
            let k = labeling.sizes.count
            values[which * n + row] = silhouette(
              own: labeling.labels[row], sums[which][(row - first) * k..<(row - first + 1) * k], labeling.sizes)
          }
        }
      }
    }
    return labelings.indices.map { Array(values[$0 * n..<($0 + 1) * n]) }
  }

  private static func silhouette(own: Int, _ sums: ArraySlice<Double>, _ sizes: [Int]) -> Double {
    if sizes[own] < 2 { return 0 }
    let a = sums[sums.startIndex + own] / Double(sizes[own] - 1)
    var b = Double.infinity
    for group in sizes.indices where group != own && sizes[group] > 0 {
      b = min(b, sums[sums.startIndex + group] / Double(sizes[group]))
    }
    return max(a, b) > 0 ? (b - a) / max(a, b) : 0
  }
}
