public import Foundation
public import Records

/// `clusters-<step>.csv`: one group a row.
///
///     cluster,size,medoid_id,medoid_path,cohesion,separation,stability,silhouette,grade,name[,…]
///
/// Measures that were not taken are empty. A step may add columns of its own after `name`; they are kept as text.
public struct ClustersTable: Sendable, Equatable {
  public static let columns = [
    "cluster", "size", "medoid_id", "medoid_path", "cohesion", "separation", "stability", "silhouette", "grade", "name",
  ]

  /// One group.
  public struct Row: Sendable, Equatable {
    /// From 0.
    public var cluster: Int
    /// Members.
    public var size: Int
    public var medoidID: ImageID
    public var medoidPath: String
    public var cohesion: Double?
    public var separation: Double?
    public var stability: Double?
    /// Mean silhouette of the members, -1…1.
    public var silhouette: Double?
    /// How sure, in a word or letter.
    public var grade: String
    public var name: String
    /// One cell for each of the table's `extraColumns`.
    public var extra: [String]

    public init(
      cluster: Int, size: Int, medoidID: ImageID, medoidPath: String, cohesion: Double? = nil,
      separation: Double? = nil,
      stability: Double? = nil, silhouette: Double? = nil, grade: String = "", name: String = "", extra: [String] = []
    ) {
      self.cluster = cluster
      self.size = size
      self.medoidID = medoidID
      self.medoidPath = medoidPath
      self.cohesion = cohesion
      self.separation = separation
      self.stability = stability
      self.silhouette = silhouette
      self.grade = grade
      self.name = name
      self.extra = extra
    }
  }

  public var extraColumns: [String]
  public var rows: [Row]

  public init(extraColumns: [String] = [], rows: [Row]) {
    self.extraColumns = extraColumns
    self.rows = rows
  }

  /// - Throws: the system's error, or `CSVError`.
  public init(reading url: URL) throws {
    var reader = try CSVReader(url)
    try reader.require(ClustersTable.columns)
    let known = Set(ClustersTable.columns)
    let extraColumns = reader.columns.filter { !known.contains($0) }
    self.extraColumns = extraColumns
    rows = try reader.map { row in
      Row(
        cluster: try row.integer("cluster"), size: try row.integer("size"),
        medoidID: ImageID(try row.text("medoid_id")),
        medoidPath: try row.text("medoid_path"), cohesion: try row.optionalDouble("cohesion"),
        separation: try row.optionalDouble("separation"), stability: try row.optionalDouble("stability"),
        silhouette: try row.optionalDouble("silhouette"), grade: try row.text("grade"), name: try row.text("name"),
        extra: try extraColumns.map { try row.text($0) })
    }
  }

  /// - Precondition: each row has a cell for each extra column.
  public func write(to url: URL) throws {
    try CSVWriter.write(to: url, columns: ClustersTable.columns + extraColumns) { writer in
      for row in rows {
        try writer.row(
          [
            NumberText.text(row.cluster), NumberText.text(row.size), row.medoidID.rawValue, row.medoidPath,
            NumberText.text(row.cohesion), NumberText.text(row.separation), NumberText.text(row.stability),
            NumberText.text(row.silhouette), row.grade, row.name,
          ] + row.extra)
      }
    }
  }
}
