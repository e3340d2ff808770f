/// A file that is not in the manifest, and why: a row of `rejected.csv`. The message never quotes the file's content.
public struct Rejection: Hashable, Codable, Sendable {
  public var path: String
  public var code: Code
  public var message: String
  /// The step that refused it.
  public var stage: String

  public init(path: String, code: Code, message: String, stage: String) {
    self.path = path
    self.code = code
    self.message = message
    self.stage = stage
  }

  /// Stable reason codes; the table in `Documentation/Formats.md` says what to do about each.
  public enum Code: String, Codable, Sendable, CaseIterable {
    case emptyFile = "empty_file"
    case unreadable = "unreadable"
    case permissionDenied = "permission_denied"
    case unknownFormat = "unknown_format"
    case truncated = "truncated"
    case corrupt = "corrupt"
    case noPixels = "no_pixels"
    case indexFile = "index_file"
    case unsupportedEncoding = "unsupported_encoding"
    case tooLarge = "too_large"
    case decoderCrashed = "decoder_crashed"
    case decoderTimedOut = "decoder_timed_out"
    case changedWhileReading = "changed_while_reading"
    case filteredOut = "filtered_out"
    case missingFile = "missing_file"
    case notSampled = "not_sampled"
    case missingResolution = "missing_mpp"
    case noTissue = "no_tissue"
    case slideLabel = "slide_label"
    case pyramidLevel = "pyramid_level"
    case notAFile = "not_a_file"
    case nestedArchive = "nested_archive"
    case encrypted = "encrypted"
    case missingCompanion = "missing_companion"
    case companionFile = "companion_file"
  }
}
