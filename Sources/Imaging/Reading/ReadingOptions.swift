/// Which pictures of a file are wanted, and in what size: all that a reader is told beside the path.
public struct ReadingOptions: Codable, Hashable, Sendable {
  /// nil: pictures at full size.
  public var preprocessing: Preprocessing?
  /// Of clips (videos, animations, DICOM frames with a time): which frames.
  public var clip = ClipSampling()
  /// Of volumes (NIfTI, DICOM frames with a place): at most this many slices, evenly spread; nil for all.
  public var slices: Int?
  public var tiles = TileOptions()
  /// Micrometres a pixel as the user's table says, for slides that don't say it themselves.
  public var micrometresPerPixel: Double?
  /// Whether pixels are decoded exactly, digested and judged. Where not, JPEG and JPEG 2000 may be decoded at a fraction of their size that is
  /// still at least the wanted one, and there are no digests and no flags.
  public var isExact = true

  public init(_ preprocessing: Preprocessing? = nil) { self.preprocessing = preprocessing }
}

/// Which frames of a clip are taken.
public struct ClipSampling: Codable, Hashable, Sendable {
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Every frame.
    case all
    /// So many frames a second: of each interval the first frame at or after its beginning.
    case rate
    /// The first frame, and each that differs from the last one taken by more than `change`.
    case change
  }

  public var method: Method
  /// Frames a second.
  public var rate: Double
  /// Mean absolute difference of grey in 0…1, at 32 × 32 pixels.
  public var change: Double

  public init(_ method: Method = .rate, rate: Double = 1, change: Double = 0.05) {
    self.method = method
    self.rate = rate
    self.change = change
  }
}

/// How whole slides are cut into tiles.
public struct TileOptions: Codable, Hashable, Sendable {
  /// What happens to a slide that doesn't say how large its pixels are.
  public enum MissingResolution: String, Codable, Sendable, CaseIterable {
    /// It is rejected.
    case fail
    /// The user's table says it, else it is rejected.
    case csv
    /// The table, else `assumed`.
    case assume
  }

  /// Which files are cut: slides of microscopes, every raster that is larger than a tile too, or none: then a slide is its level 0.
  public enum Scope: String, Codable, Sendable, CaseIterable { case slides, all, none }

  public enum StainNormalization: String, Codable, Sendable, CaseIterable { case none, macenko, reinhard }

  public var scope = Scope.slides
  /// Pixels on a side of a tile.
  public var size = 224
  /// Micrometres a pixel of a tile.
  public var micrometresPerPixel = 0.5
  /// Pixels of a tile that its neighbour shows too.
  public var overlap = 0
  /// The least share of a tile that is tissue, 0…1.
  public var minimumTissue = 0.25
  /// At most so many tiles a slide, evenly spread over those with enough tissue; nil for all.
  public var limit: Int?
  public var onMissingResolution = MissingResolution.fail
  public var assumedMicrometresPerPixel = 0.5
  public var stain = StainNormalization.none

  public init() {}
}
