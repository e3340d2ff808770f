/// The hierarchy without its chaff (McInnes & Healy 2017): a cluster lives until it splits into two of at least
/// `minimumClusterSize` points; smaller pieces are points falling out of it.
///
/// Density is λ = 1 / distance; points that coincide fall out at λ = ∞. Points are 0..<n, clusters n, n + 1, …: the root is n,
/// and every cluster's number is higher than its parent's. Rows are in breadth-first order, as hdbscan's `condensed_tree_` has them.
public struct CondensedTree: Sendable, Equatable {
  /// `child` (a point, or a cluster of `size` points) leaves `parent` at density `lambda`.
  public struct Row: Sendable, Equatable {
    public let parent: Int
    public let child: Int
    public let lambda: Double
    public let size: Int
  }

  public let pointCount: Int
  public let clusterCount: Int
  public let rows: [Row]

  public var root: Int { pointCount }
  /// Numbers of all clusters, ascending: parents before children.
  public var clusters: Range<Int> { pointCount..<pointCount + clusterCount }

  /// - Precondition: `minimumClusterSize >= 2`. - Complexity: O(n).
  public init(_ hierarchy: SingleLinkage, minimumClusterSize: Int) {
    precondition(minimumClusterSize >= 2, "clusters of \(minimumClusterSize)")
    let n = hierarchy.pointCount
    var rows: [Row] = []
    rows.reserveCapacity(n + n / minimumClusterSize)
    var next = n + 1
    // Nodes that still hold together, each with the cluster it is.
    var queue: [(node: Int, cluster: Int)] = n > 1 ? [(hierarchy.root, n)] : []
    var at = 0
    while at < queue.count {
      let (node, cluster) = queue[at]
      at += 1
      guard let merge = hierarchy.merge(node) else { continue }
      let lambda = merge.distance > 0 ? 1 / merge.distance : .infinity
      let sides = [merge.left, merge.right]
      let stays = sides.map { hierarchy.size($0) >= minimumClusterSize }
      for (side, isLarge) in zip(sides, stays) {
        if !isLarge {
          for point in hierarchy.points(below: side) {
            rows.append(Row(parent: cluster, child: point, lambda: lambda, size: 1))
          }
        } else if stays[0] && stays[1] {
          rows.append(Row(parent: cluster, child: next, lambda: lambda, size: hierarchy.size(side)))
          queue.append((side, next))
          next += 1
        } else {
          queue.append((side, cluster))
        }
      }
    }
    if n == 1 { rows.append(Row(parent: n, child: 0, lambda: .infinity, size: 1)) }
    pointCount = n
    clusterCount = next - n
    self.rows = rows
    checkInvariants()
  }

  /// The two clusters each cluster splits into, or none: index `cluster − pointCount`.
  public var children: [[Int]] {
    var children = [[Int]](repeating: [], count: clusterCount)
    for row in rows where row.child >= pointCount { children[row.parent - pointCount].append(row.child) }
    return children
  }

  /// The density at which each cluster appears; 0 for the root.
  public var births: [Double] {
    var births = [Double](repeating: 0, count: clusterCount)
    for row in rows where row.child >= pointCount { births[row.child - pointCount] = row.lambda }
    return births
  }

  /// The highest density at which anything leaves each cluster.
  public var deaths: [Double] {
    var deaths = [Double](repeating: 0, count: clusterCount)
    for row in rows { deaths[row.parent - pointCount] = max(deaths[row.parent - pointCount], row.lambda) }
    return deaths
  }

  /// Excess of mass of each cluster: Σ (λ − birth) · size over its rows. Infinite where points coincide.
  public var stabilities: [Double] {
    let births = births
    var stabilities = [Double](repeating: 0, count: clusterCount)
    for row in rows {
      let birth = births[row.parent - pointCount]
      // ∞ − ∞: a cluster born of coincident points lives no time at all.
      if row.lambda != birth { stabilities[row.parent - pointCount] += (row.lambda - birth) * Double(row.size) }
    }
    return stabilities
  }

  /// Points below each cluster.
  public var sizes: [Int] {
    var sizes = [Int](repeating: 0, count: clusterCount)
    sizes[0] = pointCount
    for row in rows where row.child >= pointCount { sizes[row.child - pointCount] = row.size }
    return sizes
  }

  /// GLOSH outlier scores of the points in 0…1 (Campello et al. 2015): (λmax − λ) / λmax, where λ is the density at which the
  /// point leaves and λmax the highest below the cluster it leaves. 1 where λmax alone is infinite, 0 where both are.
  public var outlierScores: [Double] {
    var highest = deaths
    for row in rows.reversed() where row.child >= pointCount {
      highest[row.parent - pointCount] = max(highest[row.parent - pointCount], highest[row.child - pointCount])
    }
    var scores = [Double](repeating: 0, count: pointCount)
    for row in rows where row.child < pointCount {
      let most = highest[row.parent - pointCount]
      if most == 0 || row.lambda.isInfinite { continue }
      scores[row.child] = most.isInfinite ? 1 : (most - row.lambda) / most
    }
    return scores
  }

  /// What is wrong with the tree, nil when nothing is.
  package var brokenInvariant: String? {
    var seen = [Bool](repeating: false, count: pointCount + clusterCount)
    for row in rows {
      if row.parent < pointCount || row.parent >= pointCount + clusterCount { return "parent \(row.parent)" }
      if row.child >= pointCount && row.child <= row.parent { return "\(row.child) is older than \(row.parent)" }
      if seen[row.child] { return "\(row.child) has two parents" }
      if !(row.lambda >= 0) { return "density \(row.lambda)" }
      seen[row.child] = true
    }
    if let missing = seen.indices.first(where: { $0 != root && !seen[$0] }) { return "\(missing) has no parent" }
    var held = [Int](repeating: 0, count: clusterCount)
    for row in rows { held[row.parent - pointCount] += row.size }
    if held != sizes { return "clusters hold \(held), not \(sizes)" }
    return nil
  }

  private func checkInvariants() {
    #if DEBUG
      if let broken = brokenInvariant { preconditionFailure(broken) }
    #endif
  }
}
