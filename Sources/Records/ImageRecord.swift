/// One accepted image: a row of `manifest.csv`. Patient-like fields hold keyed hashes, never what the file said.
public struct ImageRecord: Hashable, Codable, Sendable {
  public var id: ImageID
  /// Relative to the input root, with `/` between parts.
  public var path: String
  /// The file format: `dicom`, `jpeg`, `png`, `tiff`, `bmp`, `webp`, …
  public var kind: String
  /// Pixels of the source before any resizing.
  public var width: Int
  public var height: Int
  public var frames: Int
  /// Bits stored a sample (8, 10, 12, 16, …) and samples a pixel (1 grey, 3 colour).
  public var bits: Int
  public var samples: Int
  /// Facts of the acquisition as the file states them; empty where it does not.
  public var modality: String = ""
  public var bodyPart: String = ""
  public var view: String = ""
  /// Keyed hashes of the patient's, study's and series' identifiers; empty where unknown.
  public var patient: String = ""
  public var study: String = ""
  public var series: String = ""
  /// The institution or scanner, hashed when it comes from a DICOM header, as given when it comes from the user's list.
  public var site: String = ""
  /// Micrometres a pixel, for slides and tiles; nil where unknown.
  public var micrometresPerPixel: Double?
  /// SHA-256 of the decoded pixels (64 hex digits): equal images in different formats share it.
  public var pixelDigest: String
  /// The first image (by path) with equal pixels, if this is a copy.
  public var duplicateOf: ImageID?
  /// Quality flags, sorted: `blank`, `low_contrast`, `clipped`, …
  public var flags: [String] = []
  /// The frame's number in its file, from 0, and seconds from the beginning of the clip.
  public var frame: Int?
  public var seconds: Double?
  /// Where a tile lies in its slide.
  public var tile: Tile?
  /// DICOM's Instance Number.
  public var instance: Int?
  /// The EXIF orientation that was undone; 1 where there was nothing to do.
  public var orientation = 1
  /// Whether the file has an ICC profile, which is ignored.
  public var hasColourProfile = false
  /// How stored values became shades: `stored`, `window`, `table`, `percentiles`.
  public var rendering: String = ""
  /// 16 hexadecimal digits that differ in few bits for pictures that look alike; empty where not computed.
  public var perceptualHash: String = ""
  /// What flags were judged by, by name.
  public var scores: [String: Double] = [:]

  /// In pixels of the slide's level 0: the upper left corner, and the side of what the tile covers.
  public struct Tile: Hashable, Codable, Sendable {
    public var x: Int
    public var y: Int
    public var size: Int

    public init(x: Int, y: Int, size: Int) {
      self.x = x
      self.y = y
      self.size = size
    }
  }

  public init(
    id: ImageID, path: String, kind: String, width: Int, height: Int, frames: Int, bits: Int, samples: Int,
    pixelDigest: String
  ) {
    self.id = id
    self.path = path
    self.kind = kind
    self.width = width
    self.height = height
    self.frames = frames
    self.bits = bits
    self.samples = samples
    self.pixelDigest = pixelDigest
  }
}
