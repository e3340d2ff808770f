public import Foundation
public import Records

/// `series.csv`: one series of slices a row, sorted by series.
///
///     series,study,modality,slices,taken,stacks,time_points,spacing,thickness,tilt,missing,incomplete,repeated,problems,first_id,middle_id,missing_after
///
/// `series` and `study` are keyed hashes. Lengths are millimetres, `tilt` degrees. `problems` and `missing_after` are joined by `;`.
public enum SeriesTable {
  public static let columns = [
    "series", "study", "modality", "slices", "taken", "stacks", "time_points", "spacing", "thickness", "tilt",
    "missing", "incomplete", "repeated", "problems", "first_id", "middle_id", "missing_after",
  ]

  public static func write(_ records: [SeriesRecord], to url: URL) throws {
    try CSVWriter.write(to: url, columns: columns) { writer in
      for record in records { try append(record, to: writer) }
    }
  }

  /// One row, for tables that are written as they are made.
  public static func append(_ record: SeriesRecord, to writer: CSVWriter) throws {
    try writer.row([
      record.series, record.study, record.modality, NumberText.text(record.slices), NumberText.text(record.taken),
      NumberText.text(record.stacks), NumberText.text(record.timePoints), NumberText.text(record.spacing),
      NumberText.text(record.thickness), NumberText.text(record.tilt), NumberText.text(record.missing),
      NumberText.text(record.incomplete), NumberText.text(record.repeated),
      record.problems.map(\.rawValue).joined(separator: ";"), record.firstID, record.middleID,
      record.missingAfter.joined(separator: ";"),
    ])
  }

  /// - Throws: the system's error, or `CSVError`, also for a problem that this version doesn't know.
  public static func read(from url: URL) throws -> [SeriesRecord] {
    var reader = try CSVReader(url)
    try reader.require(columns)
    return try reader.map { row in
      let problems = try row.text("problems").split(separator: ";").map { word in
        guard let problem = SeriesProblem(rawValue: String(word)) else {
          throw row.failure(.badValue(column: "problems", wanted: "known words"))
        }
        return problem
      }
      return SeriesRecord(
        series: try row.text("series"), study: try row.text("study"), modality: try row.text("modality"),
        slices: try row.integer("slices"), taken: try row.integer("taken"), stacks: try row.integer("stacks"),
        timePoints: try row.integer("time_points"), spacing: try row.optionalDouble("spacing"),
        thickness: try row.optionalDouble("thickness"), tilt: try row.optionalDouble("tilt") ?? 0,
        missing: try row.integer("missing"), incomplete: try row.integer("incomplete"),
        repeated: try row.integer("repeated"), problems: problems, firstID: try row.text("first_id"),
        middleID: try row.text("middle_id"),
        missingAfter: try row.text("missing_after").split(separator: ";").map(String.init))
    }
  }
}

/// `slices.csv`: the order of the slices in each series, one picture of the manifest a row; read by later steps.
///
///     series,number,id,stack,time_point,position,repeats,is_middle
public enum SlicesTable {
  public static let columns = ["series", "number", "id", "stack", "time_point", "position", "repeats", "is_middle"]

  public static func write(_ records: [SliceRecord], to url: URL) throws {
    try CSVWriter.write(to: url, columns: columns) { writer in
      for record in records { try append(record, to: writer) }
    }
  }

  /// One row, for tables that are written as they are made.
  public static func append(_ record: SliceRecord, to writer: CSVWriter) throws {
    try writer.row([
      record.series, NumberText.text(record.number), record.id.rawValue, NumberText.text(record.stack),
      NumberText.text(record.timePoint), NumberText.text(record.position), record.repeats?.rawValue ?? "",
      record.isMiddle ? "true" : "false",
    ])
  }

  /// - Throws: the system's error, or `CSVError`.
  public static func read(from url: URL) throws -> [SliceRecord] {
    var reader = try CSVReader(url)
    try reader.require(columns)
    return try reader.map { row in
      let original = try row.text("repeats")
      return SliceRecord(
        series: try row.text("series"), number: try row.integer("number"), id: ImageID(try row.text("id")),
        stack: try row.integer("stack"), timePoint: try row.integer("time_point"),
        position: try row.optionalDouble("position"), repeats: original.isEmpty ? nil : ImageID(original),
        isMiddle: try row.boolean("is_middle"))
    }
  }
}
