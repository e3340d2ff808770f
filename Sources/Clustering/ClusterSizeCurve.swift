import Foundation
public import Tensors

/// What HDBSCAN finds at every `minClusterSize`, from one spanning tree: how many groups, how firm, and over which sizes they stay.
///
///     let fitted = try HDBSCAN(minClusterSize: 15, minSamples: 10).fit(points, workers: pool)
///     let curve = ClusterSizeCurve(of: fitted, sizes: ClusterSizeCurve.sizes(forRows: points.rows), workers: pool)
///
/// Core distances, hence the tree, are those of the fit's `minSamples` throughout, and so are its other parameters.
public struct ClusterSizeCurve: Sendable, Equatable {
  /// The grouping at one size.
  public struct Point: Sendable, Equatable {
    public let minClusterSize: Int
    public let groupCount: Int
    /// Share of the rows in no group.
    public let noiseShare: Double
    /// Sums over the groups of what `HDBSCAN.Fitted` says of each. Stability is infinite where rows coincide.
    public let persistenceSum: Double
    public let stabilitySum: Double
    /// `RelativeValidity` of the grouping; nil where there is no group.
    public let relativeValidity: Double?
    /// Adjusted Rand index with the grouping at the next size, noise counting as a group; nil at the last.
    public let agreementWithNext: Double?

    public init(
      minClusterSize: Int, groupCount: Int, noiseShare: Double, persistenceSum: Double, stabilitySum: Double,
      relativeValidity: Double?, agreementWithNext: Double?
    ) {
      self.minClusterSize = minClusterSize
      self.groupCount = groupCount
      self.noiseShare = noiseShare
      self.persistenceSum = persistenceSum
      self.stabilitySum = stabilitySum
      self.relativeValidity = relativeValidity
      self.agreementWithNext = agreementWithNext
    }
  }

  /// By rising size.
  public let points: [Point]
  /// The places in `points` of the widest range of sizes over which the grouping stays: any two groupings within agree by an
  /// adjusted Rand index of `sameness` or more, and there are groups. Width is the ratio of the ends; of equals the first.
  /// nil where no two neighbours agree.
  public let widestPlateau: ClosedRange<Int>?

  /// The agreement from which on two groupings count as the same.
  public static let sameness = 0.95

  /// The sizes at the ends of the widest plateau.
  public var plateauSizes: ClosedRange<Int>? {
    widestPlateau.map { points[$0.lowerBound].minClusterSize...points[$0.upperBound].minClusterSize }
  }

  /// A curve read back from storage.
  public init(points: [Point], widestPlateau: ClosedRange<Int>?) {
    self.points = points
    self.widestPlateau = widestPlateau
  }

  /// - Parameter sizes: ascending, each at least 2.
  /// - Complexity: O(n log n) a size, and O(n) for each pair of sizes within a plateau.
  public init(of fitted: HDBSCAN.Fitted, sizes: [Int], workers: WorkerPool) {
    precondition(sizes.allSatisfy { $0 >= 2 }, "sizes \(sizes)")
    precondition(zip(sizes, sizes.dropFirst()).allSatisfy { $0 < $1 }, "sizes out of order: \(sizes)")
    let linkage = SingleLinkage(fitted.spanningTree)
    // Nothing in here throws; `map` may.
    let groupings = try! workers.map(jobs: sizes.count) { job, _ in
      Grouping(fitted.spanningTree, linkage, fitted.parameters, minClusterSize: sizes[job])
    }
    var agreements = Agreements(groupings.map(\.labels))
    points = groupings.indices.map { place in
      groupings[place].point(agreementWithNext: place + 1 < sizes.count ? agreements.between(place, place + 1) : nil)
    }
    widestPlateau = Self.widestPlateau(points) { agreements.between($0, $1) }
  }

  /// `count` sizes or fewer from `least` to a quarter of the rows, each the same multiple of the one before, rounded.
  public static func sizes(forRows rows: Int, from least: Int = 5, count: Int = 16) -> [Int] {
    precondition(least >= 2 && count >= 2, "\(count) sizes from \(least)")
    let most = Double(max(rows / 4, least))
    let steps = (0..<count).map { step in
      Int((Double(least) * pow(most / Double(least), Double(step) / Double(count - 1))).rounded())
    }
    return steps.enumerated().filter { $0.offset == 0 || $0.element > steps[$0.offset - 1] }.map(\.element)
  }

  private static func widestPlateau(
    _ points: [Point], agreement: (Int, Int) -> Double
  ) -> ClosedRange<Int>? {
    var widest: ClosedRange<Int>?
    var best = 1.0
    var first = 0
    for last in points.indices {
      // The longest range that ends here: it starts no earlier than the one before did.
      var place = last - 1
      while place >= first && points[place].groupCount > 0 && agreement(place, last) >= sameness { place -= 1 }
      first = points[last].groupCount > 0 ? place + 1 : last + 1
      if first < last {
        let width = Double(points[last].minClusterSize) / Double(points[first].minClusterSize)
        if width > best { (widest, best) = (first...last, width) }
      }
    }
    return widest
  }
}

/// One size's grouping.
private struct Grouping: Sendable {
  let labels: PackedLabels
  private let minClusterSize: Int
  private let persistenceSum: Double
  private let stabilitySum: Double
  private let relativeValidity: Double?

  init(_ spanning: SpanningTree, _ linkage: SingleLinkage, _ parameters: HDBSCAN, minClusterSize: Int) {
    let tree = CondensedTree(linkage, minimumClusterSize: minClusterSize)
    let selection = ClusterSelection(
      tree, method: parameters.selectionMethod, epsilon: parameters.clusterSelectionEpsilon,
      allowSingleCluster: parameters.allowSingleCluster, maxClusterSize: parameters.maxClusterSize)
    let count = selection.clusters.count
    let stabilities = tree.stabilities
    labels = PackedLabels(selection.labels, groupCount: count)
    self.minClusterSize = minClusterSize
    persistenceSum = selection.persistences.reduce(0, +)
    stabilitySum = selection.clusters.reduce(0) { $0 + stabilities[$1 - tree.pointCount] }
    relativeValidity = count > 0 ? RelativeValidity(spanning, labels: selection.labels, groupCount: count).score : nil
  }

  func point(agreementWithNext: Double?) -> ClusterSizeCurve.Point {
    ClusterSizeCurve.Point(
      minClusterSize: minClusterSize, groupCount: labels.sizes.count - 1,
      noiseShare: Double(labels.sizes.last!) / Double(labels.labels.count), persistenceSum: persistenceSum,
      stabilitySum: stabilitySum, relativeValidity: relativeValidity, agreementWithNext: agreementWithNext)
  }
}

/// Agreement of any two groupings, computed when first asked for.
private struct Agreements {
  private let labels: [PackedLabels]
  private var known: [Double?]

  init(_ labels: [PackedLabels]) {
    self.labels = labels
    known = [Double?](repeating: nil, count: labels.count * labels.count)
  }

  mutating func between(_ a: Int, _ b: Int) -> Double {
    let place = a * labels.count + b
    if let known = known[place] { return known }
    let agreement = labels[a].adjustedRand(labels[b])
    known[place] = agreement
    return agreement
  }
}
