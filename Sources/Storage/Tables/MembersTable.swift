public import Foundation
public import Records

/// `members-<step>.csv`: which pictures a pooled row is made of, one picture a row; joined by `representative_id` with the labels of later steps.
///
///     group,representative_id,id,path
public enum MembersTable {
  public static let columns = ["group", "representative_id", "id", "path"]

  /// One row.
  public struct Row: Sendable, Equatable {
    /// The keyed hash of the series, study or patient, or the file's digest.
    public var group: String
    /// The id of the pooled row.
    public var representative: ImageID
    public var id: ImageID
    /// Relative to the input root.
    public var path: String

    public init(group: String, representative: ImageID, id: ImageID, path: String) {
      self.group = group
      self.representative = representative
      self.id = id
      self.path = path
    }
  }

  public static func write(_ rows: [Row], to url: URL) throws {
    try CSVWriter.write(to: url, columns: columns) { writer in
      for row in rows { try writer.row([row.group, row.representative.rawValue, row.id.rawValue, row.path]) }
    }
  }

  /// - Throws: the system's error, or `CSVError`.
  public static func read(from url: URL) throws -> [Row] {
    var reader = try CSVReader(url)
    try reader.require(columns)
    return try reader.map {
      Row(
        group: try $0.text("group"), representative: ImageID(try $0.text("representative_id")),
        id: ImageID(try $0.text("id")), path: try $0.text("path"))
    }
  }
}
