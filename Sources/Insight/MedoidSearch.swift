package import Tensors

/// The middle of one group: its medoid (the member that all others are nearest to), its mean, and how far its members lie
/// from both.
///
/// The medoid is exact, the least sum of Euclidean distances to the other members, in groups of up to `exactLimit` rows. In
/// larger ones it is the member nearest to the mean, which costs O(n·d) instead of O(n²·d); `isExact` says which it was.
/// Ties go to the lowest row. Sums run in row order, in 64 bits: the same answer on any number of threads.
package struct GroupMiddle: Sendable {
  /// Groups larger than this have an approximate medoid.
  package static let exactLimit = 3000

  package let medoid: Int
  package let isExact: Bool
  package let mean: [Double]
  /// Mean distance of the members to `mean`.
  package let spread: Double
  /// From the medoid to each member, in the order of `members`.
  package let distances: [Double]

  /// - Precondition: `members` is not empty and ascends.
  package init(of members: [Int], in points: Matrix, exactLimit: Int = GroupMiddle.exactLimit) {
    precondition(!members.isEmpty, "a group of no rows")
    let columns = points.columns
    var mean = [Double](repeating: 0, count: columns)
    var fromMean = [Double](repeating: 0, count: members.count)
    var distances = fromMean
    var medoid = 0
    let isExact = members.count <= exactLimit
    points.withUnsafeBufferPointer { storage in
      guard let base = storage.baseAddress else { return }
      for row in members { for column in 0..<columns { mean[column] += Double(base[row * columns + column]) } }
      for column in 0..<columns { mean[column] /= Double(members.count) }
      for (index, row) in members.enumerated() {
        fromMean[index] = GroupMiddle.distance(base + row * columns, to: mean)
      }
      medoid = isExact ? GroupMiddle.leastSum(members, base, columns) : GroupMiddle.least(fromMean)
      let middle = base + members[medoid] * columns
      for (index, row) in members.enumerated() { distances[index] = between(base + row * columns, middle, columns) }
    }
    self.medoid = members[medoid]
    self.isExact = isExact
    self.mean = mean
    self.spread = fromMean.reduce(0, +) / Double(members.count)
    self.distances = distances
  }

  /// Every pair once; each member's sum still grows in the order of the others' rows.
  private static func leastSum(_ members: [Int], _ base: UnsafePointer<Float>, _ columns: Int) -> Int {
    var sums = [Double](repeating: 0, count: members.count)
    sums.withUnsafeMutableBufferPointer { sums in
      members.withUnsafeBufferPointer { members in
        for first in 0..<members.count {
          let row = base + members[first] * columns
          for second in first + 1..<max(members.count, first + 1) {
            let length = between(row, base + members[second] * columns, columns)
            sums[first] += length
            sums[second] += length
          }
        }
      }
    }
    return least(sums)
  }

  private static func least(_ values: [Double]) -> Int {
    var best = 0
    for index in values.indices where values[index] < values[best] { best = index }
    return best
  }

  /// From a row to a mean kept in 64 bits.
  private static func distance(_ row: UnsafePointer<Float>, to mean: [Double]) -> Double {
    var sum = 0.0
    for column in mean.indices {
      let difference = Double(row[column]) - mean[column]
      sum += difference * difference
    }
    return sum.squareRoot()
  }
}

/// Euclidean distance of two rows of `count` numbers, in 64 bits.
@inline(__always)
func between(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double {
  Distances.squared(a, b, count: count).squareRoot()
}
