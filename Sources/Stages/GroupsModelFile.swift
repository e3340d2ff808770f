import Clustering
import Foundation
import Storage
import Tensors

/// `groups.safetensors`: what a clustering step knows of its groups beyond labels, so that images that come later can be placed in them.
///
/// Metadata: `format` = `medoid-groups`, `format_version` = 1, `method` = `centers` or `density`. Of centres: `metric`; `centers` (k, d) F32, a row a group.
/// Of density (HDBSCAN): `metric`, `min_samples` as metadata; `core_distances`, `point_densities` (n), `cluster_births` F64; `point_clusters` (n),
/// `cluster_parents`, `groups` I64 (see `DensityModel`). The points themselves are those the step read.
enum GroupsModelFile {
  case centers(Matrix, Metric)
  case density(DensityModel)

  static let name = "groups.safetensors"
  private static let format = "medoid-groups"

  func write(to url: URL) throws {
    var metadata = ["format": Self.format, "format_version": "1"]
    var tensors: [SafetensorsFile.Tensor] = []
    switch self {
    case .centers(let centers, let metric):
      metadata["method"] = "centers"
      metadata["metric"] = metric.rawValue
      tensors = [.init("centers", shape: [centers.rows, centers.columns], floats: centers.storage)]
    case .density(let model):
      metadata["method"] = "density"
      metadata["metric"] = model.metric.rawValue
      metadata["min_samples"] = String(model.minSamples)
      func numbers(_ name: String, _ values: [Double]) -> SafetensorsFile.Tensor {
        .init(name, shape: [values.count], values: .doubles(values))
      }
      func indices(_ name: String, _ values: [Int32]) -> SafetensorsFile.Tensor {
        .init(name, shape: [values.count], values: .integers(values.map(Int64.init)))
      }
      tensors = [
        numbers("core_distances", model.coreDistances), numbers("point_densities", model.pointDensities),
        numbers("cluster_births", model.clusterBirths), indices("point_clusters", model.pointClusters),
        indices("cluster_parents", model.clusterParents), indices("groups", model.groups),
      ]
    }
    try SafetensorsFile.write(tensors, metadata: metadata, to: url)
  }

  /// - Parameter points: the rows the step read.
  /// - Throws: `NoGroupsModel` where there is none, or another's; `SafetensorsError`, `DensityModel.Malformed`.
  init(reading url: URL, points: Matrix) throws {
    guard FileManager.default.fileExists(atPath: url.path) else { throw NoGroupsModel() }
    let file = try SafetensorsFile(reading: url)
    guard file.metadata["format"] == Self.format, file.metadata["format_version"] == "1" else { throw NoGroupsModel() }
    guard let metric = file.metadata["metric"].flatMap(Metric.init(rawValue:)) else { throw NoGroupsModel() }
    switch file.metadata["method"] {
    case "centers":
      guard let shape = file.shape("centers"), shape.count == 2, shape[1] == points.columns else {
        throw NoGroupsModel()
      }
      self = .centers(Matrix(rows: shape[0], columns: shape[1], storage: try file.floats("centers")), metric)
    case "density":
      guard let minSamples = file.metadata["min_samples"].flatMap({ Int($0) }) else { throw NoGroupsModel() }
      func indices(_ name: String) throws -> [Int32] { try file.integers(name).map { Int32(clamping: $0) } }
      self = .density(
        try DensityModel(
          points: points, metric: metric, minSamples: minSamples, coreDistances: try file.doubles("core_distances"),
          pointClusters: try indices("point_clusters"),
          // Rows that coincide have infinite densities.
          pointDensities: try file.doubles("point_densities", nonFinite: .allow),
          clusterParents: try indices("cluster_parents"),
          clusterBirths: try file.doubles("cluster_births", nonFinite: .allow), groups: try indices("groups")))
    default: throw NoGroupsModel()
    }
  }
}

/// A clustering step's result that new images can't be placed in.
struct NoGroupsModel: Error, CustomStringConvertible {
  var description: String {
    "the groups don't say how to place new images in them: an earlier version made them, or a step that keeps no model; run the recipe again, or name another step"
  }
}
