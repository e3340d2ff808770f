import Clustering
import Foundation
import Records
import Storage

/// `sizes.csv`: what HDBSCAN finds at every `min_cluster_size`, from one tree.
///
///     min_cluster_size,groups,noise_share,persistence,relative_validity,ari_with_next,plateau
///
/// `plateau` is `true` on the widest range of sizes that give the same groups.
enum ClusterSizesTable {
  static let file = "sizes.csv"

  static func write(_ curve: ClusterSizeCurve, to url: URL) throws {
    try CSVWriter.write(
      to: url,
      columns: [
        "min_cluster_size", "groups", "noise_share", "persistence", "relative_validity", "ari_with_next", "plateau",
      ]
    ) { writer in
      for (place, point) in curve.points.enumerated() {
        try writer.row([
          NumberText.text(point.minClusterSize), NumberText.text(point.groupCount), NumberText.text(point.noiseShare),
          NumberText.text(point.persistenceSum), NumberText.text(point.relativeValidity),
          NumberText.text(point.agreementWithNext),
          curve.widestPlateau.map { $0.contains(place) } ?? false ? "true" : "false",
        ])
      }
    }
  }
}
