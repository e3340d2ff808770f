import Pipeline

/// What steps hand to one another. The files of each kind and their formats are in `Documentation/Formats.md`.
extension ArtifactKind {
  /// `images.h5` (decoded pixels at training size), `manifest.csv`, `rejected.csv`.
  static let images = ArtifactKind("images", version: 1)
  /// `model.safetensors` (backbone, timm's names), `training.csv`.
  static let model = ArtifactKind("model", version: 1)
  /// `embeddings.h5`.
  static let embeddings = ArtifactKind("embeddings", version: 1)
  /// `points.h5`.
  static let points = ArtifactKind("points", version: 2)
  /// `labels.csv`, `clusters.csv`, `groups.json`; what places later images, `groups.safetensors`, if the step keeps it.
  static let groups = ArtifactKind("groups", version: 2)
  /// `assigned.csv`, `assigned-groups.csv`.
  static let assignment = ArtifactKind("assignment", version: 1)
  /// `lineage.csv`, `lineage-groups.csv`, `lineage-events.csv`.
  static let lineage = ArtifactKind("lineage", version: 1)
  /// `report/` and `metrics.json`.
  static let report = ArtifactKind("report", version: 1)
}
