import Clustering
import Foundation
import Tensors

/// Exemplars, memberships and predictions from their definitions, for small sets: every cluster a list of the clusters above it,
/// every distance computed anew. Takes the condensed tree and the fit's parameters, and nothing else, from the library.
struct NaiveDensityModel {
  private let fitted: HDBSCAN.Fitted
  private let points: Matrix
  private let tree: CondensedTree
  private let minSamples: Int

  init(_ fitted: HDBSCAN.Fitted, _ points: Matrix) {
    self.fitted = fitted
    self.points = fitted.parameters.metric.embedded(points)
    tree = fitted.condensedTree
    minSamples = fitted.parameters.minSamples ?? fitted.parameters.minClusterSize
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Double {
    let square = zip(a, b).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    return fitted.parameters.metric == .cosine ? square / 2 : square.squareRoot()
  }

  private func row(of child: Int) -> CondensedTree.Row { tree.rows.first { $0.child == child }! }

  /// The cluster and all above it, lowest first.
  private func path(_ cluster: Int) -> [Int] {
    cluster == tree.root ? [cluster] : [cluster] + path(row(of: cluster).parent)
  }

  private func death(_ cluster: Int) -> Double { tree.rows.filter { $0.parent == cluster }.map(\.lambda).max() ?? 0 }

  private func highest(_ cluster: Int) -> Double {
    tree.clusters.filter { path($0).contains(cluster) }.map(death).max()!
  }

  private func isLeaf(_ cluster: Int) -> Bool { !tree.rows.contains { $0.parent == cluster && $0.child >= tree.root } }

  var exemplars: [[Int]] {
    fitted.clusters.map { cluster in
      let leaves = tree.clusters.filter { isLeaf($0) && path($0).contains(cluster) }
      return leaves.flatMap { leaf in
        tree.rows.filter { $0.parent == leaf && $0.lambda == death(leaf) }.map(\.child)
      }.sorted()
    }
  }

  private func joins(_ point: CondensedTree.Row) -> [Double] {
    let own = path(point.parent)
    return fitted.clusters.map { cluster in
      let other = path(cluster)
      if own.contains(cluster) || other.contains(point.parent) { return point.lambda }
      // The branch of the group just below the first cluster they share.
      let branch = other.last { !own.contains($0) }!
      return row(of: branch).lambda
    }
  }

  /// By row, then by group.
  var memberships: [Double] {
    let exemplars = exemplars
    if exemplars.isEmpty { return [] }
    return (0..<points.rows).flatMap { index -> [Double] in
      let place = row(of: index)
      let joins = joins(place)
      let near = exemplars.map { rows in rows.map { distance(points.row(index), points.row($0)) }.min()! }
      let isOn = near.contains(0)
      let byDistance = near.map { isOn ? ($0 == 0 ? 1 : 0) : 1 / $0 }
      let byDensity = joins.map { exp(exp(-(death(place.parent) + 1e-8) / $0)) }
      let product = zip(byDistance, byDensity).map { $0 * $1 }
      let sum = product.reduce(0, +)
      let first = joins.indices.filter { joins[$0] == joins.max()! }
      let best = first.min { near[$0] < near[$1] }!
      let chance = joins[best] / max(death(fitted.clusters[best]), place.lambda)
      return product.map { $0 / sum * chance }
    }
  }

  func predictions(_ new: Matrix) -> [DensityPrediction] {
    let n = points.rows
    let core = (0..<n).map { row in
      (0..<n).map { distance(points.row(row), points.row($0)) }.sorted()[min(minSamples, n) - 1]
    }
    let new = fitted.parameters.metric.embedded(new)
    return (0..<new.rows).map { question in
      let distances = (0..<n).map { distance(new.row(question), points.row($0)) }
      let nearest = (0..<n).sorted { distances[$0] != distances[$1] ? distances[$0] < distances[$1] : $0 < $1 }
        .prefix(2 * minSamples)
      let own = distances[nearest[min(minSamples, nearest.count - 1)]]
      let reach = nearest.map { max(own, core[$0], distances[$0]) }
      let neighbor = nearest[reach.indices.first { reach[$0] == reach.min()! }!]
      let lambda = 1 / reach.min()!
      let place = row(of: neighbor)
      var cluster = place.parent
      if place.lambda > lambda {
        cluster = path(cluster).first { $0 == tree.root || row(of: $0).lambda < lambda }!
      }
      let top = highest(place.parent)
      let score = max(0, (top - lambda) / top)
      guard let group = fitted.clusters.firstIndex(where: path(cluster).contains) else {
        return DensityPrediction(group: nil, probability: 0, outlierScore: score, neighbor: neighbor)
      }
      let most = death(fitted.clusters[group])
      return DensityPrediction(
        group: group, probability: min(lambda, most) / most, outlierScore: score, neighbor: neighbor)
    }
  }
}
