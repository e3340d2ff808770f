/// A condensed tree seen from its points, with the clusters that are groups: what memberships and predictions are read from.
///
/// Clusters count from the root, which is 0; a parent's number is lower than its children's.
struct DensityHierarchy: Sendable, Equatable {
  /// The cluster each point leaves, and the density at which it does.
  let pointClusters: [Int32]
  let pointDensities: [Double]
  /// The cluster each cluster splits off from, the root from itself, and the density at which it does.
  let clusterParents: [Int32]
  let clusterBirths: [Double]
  /// The cluster that each group is.
  let groups: [Int32]

  /// The group each cluster belongs to: its own, or that of the nearest cluster above which is one.
  let owners: [Int?]
  /// The highest density at which anything leaves each cluster itself.
  let deaths: [Double]
  /// The same at and below each cluster.
  let highest: [Double]

  /// - Precondition: the arrays fit each other (see `DensityModel.Malformed`).
  init(
    pointClusters: [Int32], pointDensities: [Double], clusterParents: [Int32], clusterBirths: [Double], groups: [Int32]
  ) {
    self.pointClusters = pointClusters
    self.pointDensities = pointDensities
    self.clusterParents = clusterParents
    self.clusterBirths = clusterBirths
    self.groups = groups
    var owners = [Int?](repeating: nil, count: clusterParents.count)
    for (group, cluster) in groups.enumerated() { owners[Int(cluster)] = group }
    var deaths = [Double](repeating: 0, count: clusterParents.count)
    for (cluster, density) in zip(pointClusters, pointDensities) {
      deaths[Int(cluster)] = max(deaths[Int(cluster)], density)
    }
    for cluster in clusterParents.indices.dropFirst() {
      let parent = Int(clusterParents[cluster])
      owners[cluster] = owners[cluster] ?? owners[parent]
      deaths[parent] = max(deaths[parent], clusterBirths[cluster])
    }
    var highest = deaths
    for cluster in clusterParents.indices.dropFirst().reversed() {
      let parent = Int(clusterParents[cluster])
      highest[parent] = max(highest[parent], highest[cluster])
    }
    self.owners = owners
    self.deaths = deaths
    self.highest = highest
  }

  init(_ fitted: HDBSCAN.Fitted) {
    let tree = fitted.condensedTree
    let n = tree.pointCount
    var pointClusters = [Int32](repeating: 0, count: n)
    var pointDensities = [Double](repeating: 0, count: n)
    var clusterParents = [Int32](repeating: 0, count: tree.clusterCount)
    for row in tree.rows {
      if row.child < n {
        pointClusters[row.child] = Int32(row.parent - n)
        pointDensities[row.child] = row.lambda
      } else {
        clusterParents[row.child - n] = Int32(row.parent - n)
      }
    }
    self.init(
      pointClusters: pointClusters, pointDensities: pointDensities, clusterParents: clusterParents,
      clusterBirths: tree.births, groups: fitted.clusters.map { Int32($0 - n) })
  }

  /// The densest points of each group, ascending: those that leave a leaf below its cluster at the leaf's highest density.
  var exemplars: [[Int]] {
    var isLeaf = [Bool](repeating: true, count: clusterParents.count)
    for parent in clusterParents.dropFirst() { isLeaf[Int(parent)] = false }
    var exemplars = [[Int]](repeating: [], count: groups.count)
    for point in pointClusters.indices {
      let cluster = Int(pointClusters[point])
      if let group = owners[cluster], isLeaf[cluster], pointDensities[point] == deaths[cluster] {
        exemplars[group].append(point)
      }
    }
    return exemplars
  }

  /// The density at which what lies in `cluster` and each group come together: where their branches join, or nil where one lies
  /// in the other, for which a point's own density stands.
  func mergeDensities(of cluster: Int) -> [Double?] {
    groups.map { group in
      var (here, there) = (cluster, Int(group))
      var last = cluster
      var (movedHere, movedThere) = (false, false)
      while here != there {
        if here > there {
          (last, movedHere) = (here, true)
          here = Int(clusterParents[here])
        } else {
          (last, movedThere) = (there, true)
          there = Int(clusterParents[there])
        }
      }
      return movedHere && movedThere ? clusterBirths[last] : nil
    }
  }

  /// a / b of two densities of which a is not the higher; densities of coincident points are infinite.
  static func share(_ a: Double, of b: Double) -> Double {
    if b == 0 || a.isInfinite { return 1 }
    return b.isInfinite ? 0 : a / b
  }
}
