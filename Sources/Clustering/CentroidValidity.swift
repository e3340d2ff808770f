public import Tensors

/// Measures of a partition that need the groups' means only: cheap beside the silhouette, and blind to shape.
///
/// Definitions and corner cases are scikit-learn's. Noise is left out.
public struct CentroidValidity: Sendable, Equatable {
  /// Sum of squared distances of rows to the means of their groups.
  public let inertia: Double
  /// Variance between groups over variance within, each by its degrees of freedom (Caliński & Harabasz 1974); larger is better.
  /// 1 where the groups have no spread; nil unless there are at least two groups and fewer groups than rows.
  public let calinskiHarabasz: Double?
  /// Mean over groups of the worst (Sᵢ + Sⱼ) / Mᵢⱼ, S the mean distance to the own mean, M the distance between means
  /// (Davies & Bouldin 1979); smaller is better. nil for the same partitions.
  public let daviesBouldin: Double?
  /// Mean of (b − a) / max(a, b), a and b the distances to the own and the nearest other mean (Hruschka 2004), in 0…1 for
  /// k-means; nil with fewer than two groups.
  public let simplifiedSilhouette: Double?

  /// - Precondition: `points` has one row a label, all finite. - Complexity: O(n · k · d).
  public init(of points: Matrix, _ partition: Partition) {
    precondition(points.rows == partition.count, "\(points.rows) rows, \(partition.count) labels")
    let (d, k) = (points.columns, partition.groupCount)
    let clustered = partition.count - partition.noiseCount
    let means = GroupMeans(of: points, partition)
    var within = [Double](repeating: 0, count: k)
    var (inertia, simplified) = (0.0, 0.0)
    points.withUnsafeBufferPointer { x in
      means.storage.withUnsafeBufferPointer { centers in
        for (row, label) in partition.labels.enumerated() {
          guard let label, d > 0 else { continue }
          let from = x.baseAddress! + row * d
          let square = Distances.squared(from, centers.baseAddress! + label * d, count: d)
          let a = square.squareRoot()
          inertia += square
          within[label] += a
          var next = Double.infinity
          for other in 0..<k where other != label {
            next = min(next, Distances.squared(from, centers.baseAddress! + other * d, count: d))
          }
          let b = next.squareRoot()
          if k > 1 && max(a, b) > 0 { simplified += (b - a) / max(a, b) }
        }
      }
    }
    self.inertia = inertia
    simplifiedSilhouette = k > 1 ? simplified / Double(clustered) : nil
    if k < 2 || k >= clustered {
      (calinskiHarabasz, daviesBouldin) = (nil, nil)
      return
    }
    let between = means.between
    calinskiHarabasz =
      inertia == 0 ? 1 : between / Double(k - 1) / (inertia / Double(clustered - k))
    for group in 0..<k { within[group] /= Double(partition.sizes[group]) }
    daviesBouldin = means.daviesBouldin(within)
  }
}

/// The means of the groups of a partition, in 64 bits, in the order of the groups.
struct GroupMeans: Sendable {
  /// `groups × columns` numbers.
  let storage: [Double]
  /// Sum over groups of size times the squared distance of its mean to the mean of all.
  let between: Double
  private let columns: Int

  init(of points: Matrix, _ partition: Partition) {
    let (d, k) = (points.columns, partition.groupCount)
    var sums = [Double](repeating: 0, count: k * d)
    points.withUnsafeBufferPointer { x in
      for (row, label) in partition.labels.enumerated() {
        guard let label else { continue }
        for c in 0..<d { sums[label * d + c] += Double(x[row * d + c]) }
      }
    }
    let clustered = Double(max(partition.sizes.reduce(0, +), 1))
    var between = 0.0
    for c in 0..<d {
      var total = 0.0
      for group in 0..<k { total += sums[group * d + c] }
      for group in 0..<k {
        let size = Double(partition.sizes[group])
        sums[group * d + c] /= size
        let difference = sums[group * d + c] - total / clustered
        between += size * difference * difference
      }
    }
    (storage, self.between, columns) = (sums, between, d)
  }

  /// The means in 32 bits.
  var matrix: Matrix {
    Matrix(rows: columns == 0 ? 0 : storage.count / columns, columns: columns, storage: storage.map { Float($0) })
  }

  /// - Parameter within: mean distance of each group's rows to its mean.
  func daviesBouldin(_ within: [Double]) -> Double {
    let (k, d) = (within.count, columns)
    var sum = 0.0
    for i in 0..<k {
      var worst = 0.0
      for j in 0..<k where j != i {
        var square = 0.0
        for c in 0..<d {
          let difference = storage[i * d + c] - storage[j * d + c]
          square += difference * difference
        }
        // Equal means are infinitely bad, unless no group has any spread.
        let spread = within[i] + within[j]
        worst = max(worst, square > 0 ? spread / square.squareRoot() : (spread > 0 ? .infinity : 0))
      }
      sum += worst
    }
    return sum / Double(k)
  }
}
