public import Tensors

/// Feature vectors with the images they belong to: row `i` of `vectors` is the image `ids[i]`. All later artefacts keep this order.
public struct Embeddings: Sendable {
  public let ids: [ImageID]
  public let vectors: any RowSource
  public let provenance: Provenance

  /// - Precondition: one id a row.
  public init(ids: [ImageID], vectors: any RowSource, provenance: Provenance) {
    precondition(ids.count == vectors.rows, "\(ids.count) ids for \(vectors.rows) rows")
    self.ids = ids
    self.vectors = vectors
    self.provenance = provenance
  }
}
