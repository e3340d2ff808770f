public import Foundation
public import Records

/// `manifest.csv`: one accepted image a row.
///
///     id,path,kind,width,height,frames,bits,samples,modality,body_part,view,patient,study,series,site,mpp,pixel_sha256,duplicate_of,flags
///
/// `path` is relative to the input root, with `/`. Patient-like columns (patient, study, series) hold keyed hashes. `mpp` is micrometres a
/// pixel. Empty cells are unknown. `flags` are joined by `;`. Readers must find columns by name: new ones may follow.
public enum ManifestTable {
  public static let columns = [
    "id", "path", "kind", "width", "height", "frames", "bits", "samples", "modality", "body_part", "view", "patient",
    "study", "series", "site", "mpp", "pixel_sha256", "duplicate_of", "flags",
  ]

  public static func write(_ records: [ImageRecord], to url: URL) throws {
    try CSVWriter.write(to: url, columns: columns) { writer in
      for record in records {
        try writer.row([
          record.id.rawValue, record.path, record.kind, NumberText.text(record.width), NumberText.text(record.height),
          NumberText.text(record.frames), NumberText.text(record.bits), NumberText.text(record.samples),
          record.modality, record.bodyPart, record.view, record.patient, record.study, record.series, record.site,
          NumberText.text(record.micrometresPerPixel), record.pixelDigest, record.duplicateOf?.rawValue ?? "",
          record.flags.joined(separator: ";"),
        ])
      }
    }
  }

  /// - Throws: the system's error, or `CSVError`.
  public static func read(from url: URL) throws -> [ImageRecord] {
    var reader = try CSVReader(url)
    try reader.require(columns)
    return try reader.map { row in
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
      return record
    }
  }
}
