public import Foundation
public import Records

/// `manifest.csv`: one accepted image a row.
///
///     id,path,kind,width,height,frames,bits,samples,modality,body_part,view,patient,study,series,site,mpp,pixel_sha256,duplicate_of,flags,
///     frame,time,x,y,tile_size,instance,orientation,icc,rendering,phash[,score_…]
///
/// `path` is relative to the input root, with `/`. Patient-like columns (patient, study, series) hold keyed hashes. `mpp` is micrometres a
/// pixel; `frame` counts from 0, `time` is seconds, `x`, `y` and `tile_size` are pixels of a slide's level 0. Each score has a column of its
/// own. Empty cells are unknown. `flags` are joined by `;`. Readers must find columns by name: new ones may follow.
public enum ManifestTable {
  public static let columns = [
    "id", "path", "kind", "width", "height", "frames", "bits", "samples", "modality", "body_part", "view", "patient",
    "study", "series", "site", "mpp", "pixel_sha256", "duplicate_of", "flags", "frame", "time", "x", "y", "tile_size",
    "instance", "orientation", "icc", "rendering", "phash",
  ]
  private static let scorePrefix = "score_"

  public static func write(_ records: [ImageRecord], to url: URL) throws {
    try write(to: url, scores: Set(records.flatMap(\.scores.keys)).sorted()) { append in
      for record in records { try append(record) }
    }
  }

  /// Writes records as they come. - Parameter scores: the names of all scores they have, sorted.
  public static func write(
    to url: URL, scores: [String], _ body: (_ append: (ImageRecord) throws -> Void) throws -> Void
  ) throws {
    try CSVWriter.write(to: url, columns: columns + scores.map { scorePrefix + $0 }) { writer in
      try body { record in
        try writer.row(cells(of: record) + scores.map { NumberText.text(record.scores[$0]) })
      }
    }
  }

  private static func cells(of record: ImageRecord) -> [String] {
    func number(_ value: Int?) -> String { value.map { NumberText.text($0) } ?? "" }
    return [
      record.id.rawValue, record.path, record.kind, NumberText.text(record.width), NumberText.text(record.height),
      NumberText.text(record.frames), NumberText.text(record.bits), NumberText.text(record.samples), record.modality,
      record.bodyPart, record.view, record.patient, record.study, record.series, record.site,
      NumberText.text(record.micrometresPerPixel), record.pixelDigest, record.duplicateOf?.rawValue ?? "",
      record.flags.joined(separator: ";"), number(record.frame), NumberText.text(record.seconds),
      number(record.tile?.x),
      number(record.tile?.y), number(record.tile?.size), number(record.instance), NumberText.text(record.orientation),
      record.hasColourProfile ? "true" : "false", record.rendering, record.perceptualHash,
    ]
  }

  /// - Throws: the system's error, or `CSVError`.
  public static func read(from url: URL) throws -> [ImageRecord] {
    var reader = try CSVReader(url)
    try reader.require(columns)
    let scores = reader.columns.filter { $0.hasPrefix(scorePrefix) }
    return try reader.map { try record($0, scores: scores) }
  }

  private static func record(_ row: CSVRow, scores: [String]) throws -> ImageRecord {
    var record = ImageRecord(
      id: ImageID(try row.text("id")), path: try row.text("path"), kind: try row.text("kind"),
      width: try row.integer("width"), height: try row.integer("height"), frames: try row.integer("frames"),
      bits: try row.integer("bits"), samples: try row.integer("samples"), pixelDigest: try row.text("pixel_sha256"))
    record.modality = try row.text("modality")
    record.bodyPart = try row.text("body_part")
    record.view = try row.text("view")
    record.patient = try row.text("patient")
    record.study = try row.text("study")
    record.series = try row.text("series")
    record.site = try row.text("site")
    record.micrometresPerPixel = try row.optionalDouble("mpp")
    let original = try row.text("duplicate_of")
    record.duplicateOf = original.isEmpty ? nil : ImageID(original)
    record.flags = try row.text("flags").split(separator: ";").map(String.init)
    record.frame = try row.optionalInteger("frame")
    record.seconds = try row.optionalDouble("time")
    if let x = try row.optionalInteger("x") {
      record.tile = ImageRecord.Tile(x: x, y: try row.integer("y"), size: try row.integer("tile_size"))
    }
    record.instance = try row.optionalInteger("instance")
    record.orientation = try row.integer("orientation")
    record.hasColourProfile = try row.boolean("icc")
    record.rendering = try row.text("rendering")
    record.perceptualHash = try row.text("phash")
    for column in scores {
      record.scores[String(column.dropFirst(scorePrefix.count))] = try row.optionalDouble(column)
    }
    return record
  }
}
