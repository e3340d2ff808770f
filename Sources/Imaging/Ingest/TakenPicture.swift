public import Records

/// A picture that was taken: its record, and what is needed to order and compare it.
public struct TakenPicture: Sendable, Codable, Hashable {
  public var record: ImageRecord
  /// Where and when a slice was taken: what a series is ordered by.
  public var slice: SlicePlace?
  /// Where a tile lies in its slide.
  public var tile: TilePlace?
  /// What tells it from others of its file; empty where it is the only one.
  public var item: String
  /// SHA-256 of the picture as looked at; empty where it was not asked for.
  public var renderedDigest: String
  /// Of the file's bytes.
  var fileDigest: String

  /// The id of the file it comes from.
  public var file: String { String(record.id.rawValue.prefix { $0 != "#" }) }

  /// The keyed hash of its series, else the file's id: a file that names no series is one of its own.
  public var series: String { record.series.isEmpty ? file : record.series }

  init(_ facts: ImageFacts, item: String, of file: ReadingFile, _ hasher: IdentifierHasher) {
    let entry = file.entry
    self.item = item
    slice = facts.slice
    tile = facts.tile
    renderedDigest = facts.renderedDigest
    fileDigest = file.digest ?? ""
    // The id is made when all files are known.
    record = ImageRecord(
      id: ImageID(""), path: entry.path, kind: facts.kind.rawValue, width: facts.width, height: facts.height,
      frames: facts.frames, bits: facts.bits, samples: facts.samples, pixelDigest: facts.pixelDigest)
    record.modality = facts.modality
    record.bodyPart = facts.bodyPart
    record.view = facts.view
    record.patient = hasher(.patient, entry.patient ?? facts.patientID)
    record.study = hasher(.study, facts.studyUID)
    record.series = hasher(.series, facts.seriesUID)
    record.site = entry.site ?? hasher(.site, facts.institution)
    record.micrometresPerPixel = facts.micrometresPerPixel ?? entry.micrometresPerPixel
    record.flags = facts.flags
    record.frame = facts.frame
    record.seconds = facts.seconds
    record.tile = facts.tile.map { ImageRecord.Tile(x: $0.x, y: $0.y, size: $0.levelZeroSize) }
    record.instance = facts.slice?.instance
    record.orientation = facts.orientation
    record.hasColourProfile = facts.hasColourProfile
    record.rendering = facts.rendering.rawValue
    record.perceptualHash = facts.perceptualHash
    record.scores = facts.scores
  }
}
