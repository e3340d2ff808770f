public import Foundation
public import Records
public import Tensors

/// `points.h5`: embeddings after reduction, the reduction itself, and the two-dimensional map.
///
///     /points                          (N, d) float32
///     /ids                             (N) UTF-8 text of fixed length, padded with zeros
///     /paths                           (N) likewise: where the image lay below the input root, if known
///     /pca/mean                        (D) float64          if the points come from a PCA
///     /pca/components                  (d, D) float64       one axis a row
///     /pca/explained_variance          (d) float64
///     /pca/explained_variance_ratio    (d) float64
///     /pca/reconstruction_error        (N) float64          squared distance of a row to its image among the axes, if it was measured
///     attributes of /pca: normalize = "l2" or "none", what was done to rows first; whiten, the power of the deviation by which each
///                 coordinate was divided
///     /map                             (N, 2) float32       if there is a map
///     attributes  format = "medoid-points", format_version = 2;
///                 model_digest, preprocessing, features, arithmetic if the embeddings had them
public struct PointsFile: Sendable {
  public static let format = "medoid-points"
  public static let formatVersion: Int64 = 2

  /// A fitted PCA as numbers; the names are scikit-learn's.
  public struct PrincipalAxes: Sendable, Equatable {
    /// D numbers, subtracted before projecting.
    public var mean: [Double]
    /// d × D, row-major: one axis a row.
    public var components: [Double]
    /// d numbers: variance along each axis, and its share of the whole.
    public var explainedVariance: [Double]
    public var explainedVarianceRatio: [Double]
    /// Coordinates are divided by the deviation along their axis to this power.
    public var whiten: Double
    /// Whether rows were brought to length one before all else.
    public var isNormalized: Bool

    /// - Precondition: `components.count == explainedVariance.count * mean.count`, as many ratios as variances.
    public init(
      mean: [Double], components: [Double], explainedVariance: [Double], explainedVarianceRatio: [Double],
      whiten: Double, isNormalized: Bool
    ) {
      precondition(
        components.count == explainedVariance.count * mean.count
          && explainedVarianceRatio.count == explainedVariance.count,
        "\(components.count) numbers of components, \(mean.count) of mean, \(explainedVariance.count) variances, \(explainedVarianceRatio.count) ratios"
      )
      self.mean = mean
      self.components = components
      self.explainedVariance = explainedVariance
      self.explainedVarianceRatio = explainedVarianceRatio
      self.whiten = whiten
      self.isNormalized = isNormalized
    }
  }

  public var ids: [ImageID]
  /// Relative to the input root; empty where nobody said.
  public var paths: [String]
  /// (N, d): a `Matrix`, or rows that stay in the file.
  public var points: any RowSource
  public var principalAxes: PrincipalAxes?
  /// (N, 2).
  public var map: Matrix?
  /// Of the embeddings that the points were made from.
  public var provenance: Provenance?

  /// - Precondition: one id a point; the map has a row for each.
  public init(
    ids: [ImageID], paths: [String] = [], points: any RowSource, principalAxes: PrincipalAxes? = nil,
    map: Matrix? = nil,
    provenance: Provenance? = nil
  ) {
    precondition(ids.count == points.rows, "\(ids.count) ids for \(points.rows) points")
    precondition(
      map.map { $0.rows == ids.count && $0.columns == 2 } ?? true, "a map of another shape than \(ids.count) × 2")
    self.ids = ids
    self.paths = paths
    self.points = points
    self.principalAxes = principalAxes
    self.map = map
    self.provenance = provenance
  }

  /// Opens a file; `/points` stays in it and is read block by block, the rest is read now.
  /// - Throws: `HDF5Error` if it can't be read, `FormatError` if it is not such a file.
  public init(reading url: URL) throws {
    let file = try HDF5File(reading: url)
    try file.checkFormat(PointsFile.format, version: PointsFile.formatVersion)
    let rows = try HDF5Rows(file.dataset("/points", axes: 2, wanted: "(N, d)"))
    points = rows
    ids = try file.readIDs(rows: rows.rows)
    paths = try file.readPaths(rows: rows.rows)
    principalAxes = try file.contains("/pca") ? PointsFile.readAxes(file) : nil
    if try file.contains("/map") {
      let dataset = try file.dataset("/map", axes: 2, last: [2], wanted: "(\(rows.rows), 2)")
      guard dataset.shape[0] == rows.rows else {
        throw FormatError(
          path: file.path, problem: .wrongShape(object: "/map", found: dataset.shape, wanted: "(\(rows.rows), 2)"))
      }
      map = Matrix(rows: rows.rows, columns: 2, storage: try dataset.read(Float.self))
    }
    provenance = try file.attribute("model_digest") == nil ? nil : file.provenance()
  }

  public func write(to url: URL) throws {
    try PointsFile.write(
      ids: ids, paths: paths, columns: points.columns, principalAxes: principalAxes, provenance: provenance, to: url
    ) { writer in
      try points.forEachBlock(of: 4096) { _, rows in try writer.append(rows) }
      return Companions(map: map, reconstructionErrors: [])
    }
  }

  /// What is known of all points once they were made.
  public struct Companions {
    /// (N, 2).
    public var map: Matrix?
    /// One a point, or empty.
    public var reconstructionErrors: [Double]

    public init(map: Matrix?, reconstructionErrors: [Double]) {
      self.map = map
      self.reconstructionErrors = reconstructionErrors
    }
  }

  /// Writes points as they are made: `body` appends a row an id, in their order.
  public static func write(
    ids: [ImageID], paths: [String], columns: Int, principalAxes: PrincipalAxes?, provenance: Provenance?, to url: URL,
    _ body: (_ writer: HDF5RowWriter<Float>) throws -> Companions
  ) throws {
    try HDF5File.write(to: url) { file in
      try file.setFormat(PointsFile.format, version: PointsFile.formatVersion)
      if let provenance { try file.setProvenance(provenance) }
      try file.writeImages(ids, paths)
      let writer = try file.appendRows(of: Float.self, to: "/points", rowShape: [columns], rows: ids.count)
      let companions = try body(writer)
      try writer.finish()
      if let axes = principalAxes {
        let (rows, columns) = (axes.explainedVariance.count, axes.mean.count)
        try file.write(axes.mean, shape: [columns], to: "/pca/mean")
        try file.write(axes.components, shape: [rows, columns], to: "/pca/components")
        try file.write(axes.explainedVariance, shape: [rows], to: "/pca/explained_variance")
        try file.write(axes.explainedVarianceRatio, shape: [rows], to: "/pca/explained_variance_ratio")
        try file.setAttribute("normalize", to: .string(axes.isNormalized ? "l2" : "none"), on: "/pca")
        try file.setAttribute("whiten", to: .real(axes.whiten), on: "/pca")
        let errors = companions.reconstructionErrors
        if !errors.isEmpty { try file.write(errors, shape: [errors.count], to: "/pca/reconstruction_error") }
      }
      if let map = companions.map { try file.write(map.storage, shape: [map.rows, 2], to: "/map") }
    }
  }

  private static func readAxes(_ file: HDF5File) throws -> PrincipalAxes {
    let mean = try file.dataset("/pca/mean", axes: 1, wanted: "(D)").read(Double.self)
    let components = try file.dataset("/pca/components", axes: 2, last: [mean.count], wanted: "(d, \(mean.count))")
    let axes = components.shape[0]
    guard case .real(let whiten) = try file.attribute("whiten", on: "/pca"),
      case .string(let normalize) = try file.attribute("normalize", on: "/pca")
    else { throw FormatError(path: file.path, problem: .missing(object: "whiten or normalize of /pca")) }
    return PrincipalAxes(
      mean: mean, components: try components.read(Double.self),
      explainedVariance: try file.dataset("/pca/explained_variance", axes: 1, last: [axes], wanted: "(\(axes))")
        .read(Double.self),
      explainedVarianceRatio: try file.dataset(
        "/pca/explained_variance_ratio", axes: 1, last: [axes], wanted: "(\(axes))"
      ).read(Double.self), whiten: whiten, isNormalized: normalize == "l2")
  }
}
