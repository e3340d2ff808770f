public import Tensors

/// How much nearer each row is to its own group than to the next (Rousseeuw 1987): (b − a) / max(a, b) in −1…1, where a is the
/// mean distance to the other rows of its group and b the least mean distance to another group. 0 for a group of one.
///
/// Exact, in 64 bits, over all rows up to `sampleLimit`; over a seeded sample of that many beyond it (and `isSample` says so).
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
    let values = Self.values(points.rows(at: measured), labels, sizes, workers)
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

  private static func values(_ points: Matrix, _ labels: [Int], _ sizes: [Int], _ workers: WorkerPool) -> [Double] {
    let (n, d, k) = (points.rows, points.columns, sizes.count)
    let step = 64
    var values = [Double](repeating: 0, count: n)
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      workers.run(jobs: (n + step - 1) / step) { job, _ in
        var sums = [Double](repeating: 0, count: k)
        points.withUnsafeBufferPointer { x in
          for i in job * step..<min((job + 1) * step, n) {
            for group in 0..<k { sums[group] = 0 }
            if d > 0 {
              let own = x.baseAddress! + i * d
              for j in 0..<n {
                sums[labels[j]] += Distances.squared(own, x.baseAddress! + j * d, count: d).squareRoot()
              }
            }
            values[i] = silhouette(own: labels[i], sums, sizes)
          }
        }
      }
    }
    return values
  }

  private static func silhouette(own: Int, _ sums: [Double], _ sizes: [Int]) -> Double {
    if sizes[own] < 2 { return 0 }
    let a = sums[own] / Double(sizes[own] - 1)
    var b = Double.infinity
    for group in sizes.indices where group != own && sizes[group] > 0 { b = min(b, sums[group] / Double(sizes[group])) }
    return max(a, b) > 0 ? (b - a) / max(a, b) : 0
  }
}
