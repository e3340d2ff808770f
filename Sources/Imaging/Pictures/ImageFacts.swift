/// What a file says of its picture. Identifiers are as written in the file: hash them before they go anywhere.
public struct ImageFacts: Sendable, Hashable, Codable {
  public var kind: FileFormat
  /// Pixels of the upright source, before any resizing; of a tile, those of the tile.
  public var width: Int
  public var height: Int
  /// Pictures in the file.
  public var frames: Int
  /// Bits stored a sample, and samples a pixel as stored: 3 for grey kept as three equal channels.
  public var bits: Int
  public var samples: Int

  /// What tells this picture from others of its file, and is written after `#` in its id: the frame's number from 0, a tile's `x_y` in level-0
  /// pixels. Empty for files of one picture.
  public var item: String = ""
  /// The frame's number in the file, from 0; nil for files of one picture and for tiles.
  public var frame: Int?
  /// Seconds from the beginning of the clip.
  public var seconds: Double?
  /// Where a tile lies in its slide.
  public var tile: TilePlace?
  /// Where and when a slice was taken.
  public var slice: SlicePlace?
  /// Micrometres a pixel of this picture, for slides and tiles.
  public var micrometresPerPixel: Double?

  /// The EXIF orientation that was undone, 2…8; 1 where there was nothing to do.
  public var orientation = 1
  /// Whether the file has an ICC profile, which is ignored.
  public var hasColourProfile = false
  /// How stored values became shades: see `Rendering`.
  public var rendering = Rendering.stored

  /// SHA-256 of the picture as stored (`StoredPixels`), 64 hexadecimal digits; empty where not asked for.
  public var pixelDigest: String = ""
  /// SHA-256 of the picture as looked at: equal for equal pictures of different formats.
  public var renderedDigest: String = ""
  /// 16 hexadecimal digits; pictures that look alike differ in few bits.
  public var perceptualHash: String = ""
  /// Sorted: see `QualityFlags`.
  public var flags: [String] = []
  /// What flags were judged by, by name: `blur`, `tissue`, `pen`, `fold`, …
  public var scores: [String: Double] = [:]
  /// What a slide's stains were normalised by (`StainNormalizer.numbers`); empty where they were not.
  public var stain: [Double] = []

  /// DICOM code strings, upper case; empty where absent.
  public var modality: String = ""
  public var bodyPart: String = ""
  public var view: String = ""
  /// Identifiers of the DICOM header, not hashed.
  public var patientID: String = ""
  public var studyUID: String = ""
  public var seriesUID: String = ""
  /// Institution, else station, else scanner model.
  public var institution: String = ""

  public init(kind: FileFormat, width: Int, height: Int, frames: Int, bits: Int, samples: Int) {
    self.kind = kind
    self.width = width
    self.height = height
    self.frames = frames
    self.bits = bits
    self.samples = samples
  }
}

/// How stored values became shades of 0…1.
public enum Rendering: String, Sendable, Codable, CaseIterable {
  /// As they stand, over the range of their type or of the bits that are stored.
  case stored
  /// Through the file's window or table of values of interest.
  case window, table
  /// Between the 0.5th and 99.5th percentiles, because the file names no window.
  case percentiles
}

/// Where a tile lies in its slide. Coordinates are TRIDENT's: pixels of level 0, of the tile's upper left corner.
public struct TilePlace: Sendable, Hashable, Codable {
  public var x: Int
  public var y: Int
  /// Pixels of level 0 on a side of the tile's footprint.
  public var levelZeroSize: Int
  /// Of the slide's level 0.
  public var slideWidth: Int
  public var slideHeight: Int
  public var slideMicrometresPerPixel: Double
  /// Whether the slide said so itself, the user's table did, or it was assumed.
  public var resolutionSource: String

  public init(
    x: Int, y: Int, levelZeroSize: Int, slideWidth: Int, slideHeight: Int, slideMicrometresPerPixel: Double,
    resolutionSource: String
  ) {
    self.x = x
    self.y = y
    self.levelZeroSize = levelZeroSize
    self.slideWidth = slideWidth
    self.slideHeight = slideHeight
    self.slideMicrometresPerPixel = slideMicrometresPerPixel
    self.resolutionSource = resolutionSource
  }
}

/// Where and when a slice was taken, as its file says: what `SeriesOrder` sorts by.
public struct SlicePlace: Sendable, Hashable, Codable {
  /// Millimetres in the patient's coordinates (Image Position (Patient)): 3 numbers, or none.
  public var position: [Double] = []
  /// Direction cosines of a row and of a column (Image Orientation (Patient)): 6 numbers, or none.
  public var orientation: [Double] = []
  /// Millimetres between rows and between columns; none where unknown.
  public var pixelSpacing: [Double] = []
  /// Slice Thickness and Spacing Between Slices, millimetres.
  public var thickness: Double?
  public var spacing: Double?
  /// Gantry/Detector Tilt, degrees.
  public var gantryTilt: Double?
  /// Instance Number.
  public var instance: Int?
  /// What else may tell slices at one place apart: temporal position, acquisition number and time, trigger time, echo, b-value; name and value, sorted.
  public var moments: [String] = []
  /// Whether the picture is many slices side by side (Image Type MOSAIC, as Siemens scanners write).
  public var isMosaic = false

  public init() {}
}
