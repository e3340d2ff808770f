/// One picture as planes of floats, and what its file said of it.
///
/// `pixels` holds `channels` planes [height, width] one after the other, values 0…1 with 0 black: after rescale, window and
/// inversion for DICOM, after rotation to the upright for photographs. Grey stored as three equal channels has one plane.
public struct DecodedImage: Sendable, Equatable {
  public var pixels: [Float]
  /// 1 (grey) or 3 (red, green, blue).
  public var channels: Int
  public var height: Int
  public var width: Int
  public var facts: ImageFacts

  /// - Precondition: `pixels` holds `channels * height * width` values; `channels` is 1 or 3.
  public init(pixels: [Float], channels: Int, height: Int, width: Int, facts: ImageFacts) {
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    precondition(
      pixels.count == channels * height * width, "\(pixels.count) samples for \(channels)×\(height)×\(width)")
    self.pixels = pixels
    self.channels = channels
    self.height = height
    self.width = width
    self.facts = facts
  }
}

/// What a file says of its picture. The four identifiers are as written in the file: hash them before they go anywhere.
public struct ImageFacts: Sendable, Hashable, Codable {
  public var kind: FileFormat
  /// Pixels of the upright source, before any resizing.
  public var width: Int
  public var height: Int
  /// Pictures in the file: of several (animated GIF, TIFF pages) the first is the one decoded.
  public var frames: Int
  /// Bits stored a sample, and samples a pixel as stored: 3 for grey kept as three equal channels.
  public var bits: Int
  public var samples: Int
  /// SHA-256 of the file's bytes, 64 hex digits.
  public var fileDigest: String = ""
  /// SHA-256 of the full-size picture at 16 bits, 64 hex digits: equal pictures in different formats share it.
  public var pixelDigest: String = ""
  /// Sorted: see `QualityFlags`.
  public var flags: [String] = []

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
