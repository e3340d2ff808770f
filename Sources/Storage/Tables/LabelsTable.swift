public import Foundation
public import Records

/// `labels-<step>.csv`: the group of each image, one a row, in the order of the embeddings.
///
///     id,path,cluster,cluster_raw,probability,outlier_score,is_medoid,distance_to_medoid,proposed_cluster
///
/// `cluster` is the final group, `cluster_raw` the algorithm's own number, which no correction changes; noise is -1. `probability` is in 0…1.
/// `is_medoid` is `true` or `false`. `outlier_score` and `distance_to_medoid` are empty where there is none.
/// `proposed_cluster` is the group that noise may be counted to, where that was asked for and there is one.
public enum LabelsTable {
  public static let columns = [
    "id", "path", "cluster", "cluster_raw", "probability", "outlier_score", "is_medoid", "distance_to_medoid",
    "proposed_cluster",
  ]

  /// One row.
  public struct Row: Sendable, Equatable {
    public var id: ImageID
    /// Relative to the input root.
    public var path: String
    /// Nil is noise.
    public var cluster: Int?
    public var rawCluster: Int?
    /// Strength of membership, 0…1.
    public var probability: Float
    public var outlierScore: Float?
    public var isMedoid: Bool
    public var distanceToMedoid: Float?
    public var proposedCluster: Int?

    public init(
      id: ImageID, path: String, cluster: Int?, rawCluster: Int?, probability: Float, outlierScore: Float? = nil,
      isMedoid: Bool = false, distanceToMedoid: Float? = nil, proposedCluster: Int? = nil
    ) {
      self.id = id
      self.path = path
      self.cluster = cluster
      self.rawCluster = rawCluster
      self.probability = probability
      self.outlierScore = outlierScore
      self.isMedoid = isMedoid
      self.distanceToMedoid = distanceToMedoid
      self.proposedCluster = proposedCluster
    }
  }

  public static func write(_ rows: [Row], to url: URL) throws {
    try CSVWriter.write(to: url, columns: columns) { writer in
      for row in rows {
        try writer.row([
          row.id.rawValue, row.path, NumberText.text(row.cluster ?? -1), NumberText.text(row.rawCluster ?? -1),
          NumberText.text(row.probability), NumberText.text(row.outlierScore), row.isMedoid ? "true" : "false",
          NumberText.text(row.distanceToMedoid), row.proposedCluster.map { NumberText.text($0) } ?? "",
        ])
      }
    }
  }

  /// - Throws: the system's error, or `CSVError`.
  public static func read(from url: URL) throws -> [Row] {
    var reader = try CSVReader(url)
    try reader.require(columns)
    return try reader.map { row in
      Row(
        id: ImageID(try row.text("id")), path: try row.text("path"), cluster: try row.group("cluster"),
        rawCluster: try row.group("cluster_raw"), probability: try row.float("probability"),
        outlierScore: try row.optionalFloat("outlier_score"), isMedoid: try row.boolean("is_medoid"),
        distanceToMedoid: try row.optionalFloat("distance_to_medoid"),
        proposedCluster: try row.text("proposed_cluster").isEmpty ? nil : row.group("proposed_cluster"))
    }
  }
}

extension CSVRow {
  /// A group's number; nil for -1, which is noise.
  fileprivate func group(_ column: String) throws -> Int? {
    let number = try integer(column)
    guard number >= -1 else { throw failure(.badValue(column: column, wanted: "a group, or -1")) }
    return number == -1 ? nil : number
  }
}
