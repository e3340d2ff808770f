public import Tensors

/// Density-based cluster validity, DBCV (Moulavi et al. 2014): whether groups are denser inside than the gaps between them,
/// in −1…1. Noise lowers the whole. The only internal measure here that does not favour balls.
///
/// As in hdbscan's `validity_index`, but for what follows: the all-points core distance is scaled by the nearest row's, so that it
/// holds in any dimension; a group of one row has no score, one of coincident rows has one, where hdbscan fails or says NaN; edges
/// count as equally long when they are (core distances to 41 bits), not within 1e-5.
public struct DensityValidity: Sendable, Equatable {
  /// Σ (group size / all rows) · group score; nil when there are fewer than two groups of two rows.
  public let score: Double?
  /// By group of the partition; nil for groups of one row, and for all where the score is nil.
  public let groups: [Double?]

  /// - Precondition: `points` has one row a label, all finite.
  /// - Complexity: O(n² · d) time, O(n · d) memory. Deterministic: equal bytes at any thread count.
  public init(of points: Matrix, _ partition: Partition, workers: WorkerPool) {
    precondition(points.rows == partition.count, "\(points.rows) rows, \(partition.count) labels")
    let members = partition.members
    let measured = members.indices.filter { members[$0].count >= 2 }
    if measured.count < 2 {
      (score, groups) = (nil, members.map { _ in nil })
      return
    }
    let rows = measured.map { points.rows(at: members[$0]) }
    let cores = AllPointsCore.distances(within: rows, workers: workers)
    let inside = rows.indices.map { (rows[$0], cores[$0]) }
    // Nothing in here throws; `map` may.
    let trees = try! workers.map(jobs: inside.count) { job, _ in
      InnerTree(of: inside[job].0, coreDistances: inside[job].1)
    }
    let gaps = DensitySeparation.nearest(rows, cores, inner: trees.map(\.nodes), workers: workers)
    var groups = [Double?](repeating: nil, count: members.count)
    var score = 0.0
    for (i, group) in measured.enumerated() {
      let (gap, sparse) = (gaps[i], trees[i].longest)
      let value = max(gap, sparse) > 0 ? (gap - sparse) / max(gap, sparse) : 0
      groups[group] = value
      score += Double(members[group].count) / Double(points.rows) * value
    }
    self.score = score
    self.groups = groups
  }
}

/// How dense a group is around each of its rows (Moulavi et al. 2014, definition 1):
/// ((1 / (n − 1)) Σ (1 / distance)^d)^(−1/d) over the other rows of the group, coincident ones skipped; 0 if all coincide.
enum AllPointsCore {
  private static let questionBlock = 64
  private static let rowBlock = 1024

  /// By group, then by row. - Complexity: O(Σ n² · d) in 64 bits.
  static func distances(within groups: [Matrix], workers: WorkerPool) -> [[Double]] {
    var blocks: [(group: Int, rows: Range<Int>)] = []
    for (group, points) in groups.enumerated() {
      for start in stride(from: 0, to: points.rows, by: questionBlock) {
        blocks.append((group, start..<min(start + questionBlock, points.rows)))
      }
    }
    // Nothing in here throws; `map` may.
    let found = try! workers.map(jobs: blocks.count) { [blocks] job, _ in
      distances(of: blocks[job].rows, within: groups[blocks[job].group])
    }
    var cores = groups.map { [Double](repeating: 0, count: $0.rows) }
    for (block, distances) in zip(blocks, found) { cores[block.group].replaceSubrange(block.rows, with: distances) }
    return cores
  }

  /// To 41 bits (Veltkamp's splitting), so that core distances which are equal on paper are equal here: they decide which edges a
  /// tree has, and the last bits of a sum hang on its order.
  private static func rounded(_ x: Double) -> Double {
    let scaled = x * 4097
    return scaled - (scaled - x)
  }

  private static func distances(of rows: Range<Int>, within points: Matrix) -> [Double] {
    let (n, d) = (points.rows, points.columns)
    if d == 0 { return rows.map { _ in 0 } }
    var questions = [Double](repeating: 0, count: 4 * d)
    var squares = [Double](repeating: 0, count: 4 * rowBlock)
    var cores: [Double] = []
    cores.reserveCapacity(rows.count)
    points.withUnsafeBufferPointer { x in
      let x = x.baseAddress!
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: 4) {
        let asked = min(4, rows.upperBound - first)
        for i in 0..<asked * d { questions[i] = Double(x[first * d + i]) }
        // The least square so far, and the sum of (least / square)^(d / 2).
        var least = [Double](repeating: .infinity, count: asked)
        var sums = [Double](repeating: 0, count: asked)
        for start in stride(from: 0, to: n, by: rowBlock) {
          let count = min(rowBlock, n - start)
          Distances.squared(
            questions, asked: asked, x + start * d, count: count, columns: d, into: &squares, stride: rowBlock)
          squares.withUnsafeBufferPointer { squares in
            for q in 0..<asked {
              let line = squares.baseAddress! + q * rowBlock
              let nearest = Distances.nearest(line, count: count)
              if nearest < least[q] {
                // The first block's sum is 0, and its old scale infinite.
                if least[q].isFinite { sums[q] *= power(nearest / least[q], Double(d) / 2) }
                least[q] = nearest
              }
              if least[q].isFinite {
                sums[q] += Distances.inversePowers(line, count: count, nearest: least[q], power: d)
              }
            }
          }
        }
        for q in 0..<asked {
          let core = least[q].squareRoot() * power(sums[q] / Double(n - 1), -1 / Double(d))
          cores.append(least[q].isFinite ? rounded(core) : 0)
        }
      }
    }
    return cores
  }
}
