/// A series of slices: a row of `series.csv`.
public struct SeriesRecord: Hashable, Codable, Sendable {
  /// The keyed hash of the series, or the file's digest where one file is a series of its own.
  public var series: String
  public var study: String
  public var modality: String
  /// Slices that were found, and of these how many are in the manifest.
  public var slices: Int
  public var taken: Int
  /// Parallel planes of one size: 1 unless it is a localiser or a mixture.
  public var stacks: Int
  public var timePoints: Int
  /// Millimetres across the plane from one slice to the next, and slice thickness; nil where unknown.
  public var spacing: Double?
  public var thickness: Double?
  /// Degrees between the normal of the slices and the line they lie on, or the gantry's as stated; 0 where there is none.
  public var tilt: Double
  /// Slices missing between others; places that a time point lacks; slices at the place and moment of another.
  public var missing: Int
  public var incomplete: Int
  public var repeated: Int
  public var problems: [SeriesProblem]
  /// Of the pictures in the manifest: the first, and the one to show for all; empty where none was taken.
  public var firstID: String
  public var middleID: String
  /// Where slices are missing, as `position:count`: after the slice at so many millimetres along the normal, so many.
  public var missingAfter: [String]

  public init(
    series: String, study: String, modality: String, slices: Int, taken: Int, stacks: Int, timePoints: Int,
    spacing: Double?, thickness: Double?, tilt: Double, missing: Int, incomplete: Int, repeated: Int,
    problems: [SeriesProblem], firstID: String, middleID: String, missingAfter: [String]
  ) {
    self.series = series
    self.study = study
    self.modality = modality
    self.slices = slices
    self.taken = taken
    self.stacks = stacks
    self.timePoints = timePoints
    self.spacing = spacing
    self.thickness = thickness
    self.tilt = tilt
    self.missing = missing
    self.incomplete = incomplete
    self.repeated = repeated
    self.problems = problems
    self.firstID = firstID
    self.middleID = middleID
    self.missingAfter = missingAfter
  }
}

/// What is odd about a series: stable words; the table in `Documentation/Formats.md` says what each means.
public enum SeriesProblem: String, Hashable, Codable, Sendable, CaseIterable {
  case missingSlices = "missing_slices"
  case incompleteTimePoints = "incomplete_time_points"
  case repeatedSlices = "repeated_slices"
  case unevenSpacing = "uneven_spacing"
  case timePoints = "time_points"
  case tiltedGantry = "tilted_gantry"
  case notInLine = "not_in_line"
  case mixedOrientations = "mixed_orientations"
  case mixedSizes = "mixed_sizes"
  case mixedPixelSpacing = "mixed_pixel_spacing"
  case noGeometry = "no_geometry"
  case partialGeometry = "partial_geometry"
  case mosaic
}

/// A slice's place in its series: a row of `slices.csv`.
public struct SliceRecord: Hashable, Codable, Sendable {
  public var series: String
  /// Its number in the order of the series, from 0.
  public var number: Int
  public var id: ImageID
  /// Numbers of its stack and time point, from 0.
  public var stack: Int
  public var timePoint: Int
  /// Millimetres along the normal of its stack; nil where the header does not say.
  public var position: Double?
  /// The picture at the same place and moment that it repeats.
  public var repeats: ImageID?
  /// Whether it is the picture to show for its series.
  public var isMiddle: Bool

  public init(
    series: String, number: Int, id: ImageID, stack: Int, timePoint: Int, position: Double?, repeats: ImageID?,
    isMiddle: Bool
  ) {
    self.series = series
    self.number = number
    self.id = id
    self.stack = stack
    self.timePoint = timePoint
    self.position = position
    self.repeats = repeats
    self.isMiddle = isMiddle
  }
}
