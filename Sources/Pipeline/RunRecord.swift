public import Foundation

/// What `run.json` holds: what was asked, what was done, what it cost, and which files came from where.
/// Times stand here and nowhere else in the run's folder.
public struct RunRecord: Codable, Sendable {
  /// Version of this record's format.
  public var format = 1
  public var status: Status
  public var recipe: RecipeRecord
  public var seed: UInt64
  /// Versions of the program and its libraries, as the caller gave them.
  public var versions: [String: String]
  /// The caller's facts, such as the kernel family.
  public var values: [String: String]
  public var workers: Int
  /// Bytes, or nil for no promise.
  public var memoryLimit: Int?
  /// When the run began.
  public var started: Date
  /// How long this run took; a step's own seconds are those of the run that made its result.
  public var seconds: Double
  /// The largest memory of the process, bytes.
  public var peakMemory: Int
  /// In the order of the recipe.
  public var steps: [StepRecord]
  /// What the run's folder shows, by path.
  public var files: [PublishedFile]

  public enum Status: String, Codable, Sendable { case done, failed, interrupted }

  /// Without text, overrides and folder where paths are hidden.
  public struct RecipeRecord: Codable, Hashable, Sendable {
    public var name: String
    public var file: String
    public var description: String
    public var text: String
    /// `step.key=value`, as given.
    public var overrides: [String]
  }

  public struct StepRecord: Codable, Sendable {
    public var name: String
    public var stage: String
    public var revision: Int
    public var state: State
    /// Why it ran, as sentences.
    public var reasons: [String]
    /// All parameters in force, defaults included; without paths where these are hidden.
    public var parameters: [String: ParameterValue]
    /// The steps in each slot.
    public var inputs: [String: [String]]
    /// Digests of what it read outside the store.
    public var external: [String: String]
    /// Nil where there is no result.
    public var fingerprint: Fingerprint?
    /// Digest of the result's files.
    public var content: String?
    /// Of the run that made the result.
    public var seconds: Double?
    public var peakMemory: Int?
    public var notes: [String]
    /// What went wrong, for a failed step.
    public var error: String?
  }

  public enum State: String, Codable, Sendable {
    case ran, failed, skipped
    case upToDate = "up_to_date"
    case leftOut = "left_out"
    /// The run stopped before or in it.
    case pending
  }
}

extension RunRecord {
  static let fileName = "run.json"

  /// The record of the last run in a folder, or nil where there is none (or one of another format).
  public init?(in out: URL) {
    guard let data = FileManager.default.contents(atPath: out.appending(path: RunRecord.fileName).path) else {
      return nil
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    guard let record = try? decoder.decode(RunRecord.self, from: data), record.format == 1 else { return nil }
    self = record
  }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Whether it says the same as `other` but for when and how fast, and which steps ran just then.
  func agrees(with other: RunRecord) -> Bool {
    func essence(_ record: RunRecord) throws -> Data {
      var copy = record
      copy.started = .distantPast
      copy.seconds = 0
      copy.peakMemory = 0
      copy.workers = 0
      copy.memoryLimit = nil
      for index in copy.steps.indices {
        if copy.steps[index].state == .ran { copy.steps[index].state = .upToDate }
        copy.steps[index].reasons = []
      }
      return try copy.encoded()
    }
    return (try? essence(self)) == (try? essence(other))
  }
}

/// A file that a run shows in its folder, and the step and result it is a copy of.
public struct PublishedFile: Codable, Hashable, Sendable {
  /// Path in the run's folder.
  public let path: String
  public let step: String
  public let fingerprint: Fingerprint
  public let size: Int
  public let sha256: String
}
