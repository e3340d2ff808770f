public import Tensors

/// Feature vectors with the images they belong to: row `i` of `vectors` is the image `ids[i]`. All later artefacts keep this order.
public struct Embeddings: Sendable {
  public let ids: [ImageID]
  /// Where each image lay, relative to the input root; empty where nobody said.
  public let paths: [String]
  public let vectors: any RowSource
  public let provenance: Provenance

  /// - Precondition: one id a row; one path a row, or none at all.
  public init(ids: [ImageID], paths: [String] = [], vectors: any RowSource, provenance: Provenance) {
    precondition(ids.count == vectors.rows, "\(ids.count) ids for \(vectors.rows) rows")
    precondition(paths.isEmpty || paths.count == ids.count, "\(paths.count) paths for \(ids.count) ids")
    self.ids = ids
    self.paths = paths
    self.vectors = vectors
    self.provenance = provenance
  }
}
