public import Foundation
public import Records
import Tensors

/// `embeddings.h5`: one feature vector an image, with where the numbers come from.
///
///     /features   (N, D) float32, little-endian, in chunks of about 1 MiB of whole rows
///     /ids        (N) UTF-8 text of fixed length, padded with zeros; row i of /features is image ids[i]
///     /paths      (N) UTF-8 text of fixed length: where the image lay below the input root, if known
///     attributes  format = "medoid-embeddings", format_version = 1,
///                 model_digest, preprocessing, features, arithmetic (see `Provenance`)
///
/// h5py, anndata and TRIDENT read it as it is.
public enum EmbeddingsFile {
  public static let format = "medoid-embeddings"
  public static let formatVersion: Int64 = 1
  /// Rows read at a time from the source being written.
  private static let blockRows = 1024

  /// Writes all rows of `embeddings`, block by block. - Throws: what its source throws, `HDF5Error`.
  public static func write(_ embeddings: Embeddings, to url: URL) throws {
    let vectors = embeddings.vectors
    try write(
      ids: embeddings.ids, paths: embeddings.paths, columns: vectors.columns, provenance: embeddings.provenance, to: url
    ) { writer in
      try vectors.forEachBlock(of: blockRows) { _, rows in try writer.append(rows) }
    }
  }

  /// Writes vectors as they are made: `body` appends `ids.count` rows of `columns` floats, in the order of `ids`.
  /// - Precondition: `columns > 0`, one row an id.
  public static func write(
    ids: [ImageID], paths: [String] = [], columns: Int, provenance: Provenance, to url: URL,
    _ body: (_ writer: HDF5RowWriter<Float>) throws -> Void
  ) throws {
    try HDF5File.write(to: url) { file in
      try file.setFormat(format, version: formatVersion)
      try file.setProvenance(provenance)
      try file.writeImages(ids, paths)
      let writer = try file.appendRows(of: Float.self, to: "/features", rowShape: [columns], rows: ids.count)
      try body(writer)
      try writer.finish()
    }
  }

  /// Opens the file; vectors stay in it and are read block by block.
  /// - Throws: `HDF5Error` if it can't be read, `FormatError` if it is not such a file.
  public static func read(from url: URL) throws -> Embeddings {
    let file = try HDF5File(reading: url)
    try file.checkFormat(format, version: formatVersion)
    let rows = try HDF5Rows(file.dataset("/features", axes: 2, wanted: "(N, D)"))
    return Embeddings(
      ids: try file.readIDs(rows: rows.rows), paths: try file.readPaths(rows: rows.rows), vectors: rows,
      provenance: try file.provenance())
  }

  /// Vectors that another program wrote: a dataset (N, D) of floats and, if the file has them, texts `/ids` and `/paths`, one a row. Rows
  /// without an id are called `row-1`, `row-2`, …; where a file of our own is given, its provenance stays.
  /// - Throws: `HDF5Error` if it can't be read, `FormatError` if there is no such dataset or it has another shape.
  public static func given(in url: URL, dataset: String) throws -> Embeddings {
    let file = try HDF5File(reading: url)
    let vectors = try HDF5Rows(file.dataset(dataset, axes: 2, wanted: "(N, D)"))
    let rows = vectors.rows
    let ids = try file.contains("/ids") ? file.readIDs(rows: rows) : (0..<rows).map { ImageID("row-\($0 + 1)") }
    let paths = try file.readPaths(rows: rows)
    let provenance =
      try file.textAttribute("format") == format
      ? file.provenance()
      : Provenance(modelDigest: "none", preprocessing: "none", features: "given \(dataset)", arithmetic: "given")
    return Embeddings(
      ids: ids, paths: paths.isEmpty ? ids.map(\.rawValue) : paths, vectors: vectors, provenance: provenance)
  }
}
