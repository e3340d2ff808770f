public import Foundation

/// One kind of work a recipe may ask for: reads the artefacts of other steps, writes one artefact.
///
/// A stage is a value made of its checked parameters. Equal parameters, inputs, external digests and seed must give equal
/// bytes at any worker count: the result is kept under a fingerprint of exactly these and never made twice. What else can
/// change the bytes (the code itself) is said by raising `revision`.
public protocol Stage: Sendable {
  /// Decoded from the checked values: every field is present (defaults filled in), keys are the field names.
  associatedtype Parameters: Codable & Hashable & Sendable

  /// The word after `stage:` in a recipe: lower-case letters, digits, `_` and `-`.
  static var name: String { get }
  /// Raise it when equal parameters would yield other bytes.
  static var revision: Int { get }
  /// One line for `--help` and the recipe's manual.
  static var summary: String { get }
  static var fields: [ParameterField] { get }
  static var slots: [Slot] { get }
  static var output: ArtifactKind { get }
  /// Files of the artefact that a finished run shows in its folder.
  static var publishes: [Published] { get }
  /// False for a stage that draws no random number: it then outlives a change of seed (and is given seed 0).
  static var usesSeed: Bool { get }

  /// - Throws: `ParameterError` for values that are each fine but wrong together; reported with the file and line of its key.
  init(_ parameters: Parameters) throws

  /// Digests, by name, of what the result depends on outside the store: source files, the kernel family.
  ///
  /// Called while planning as well: it must write nothing. Paths don't enter the fingerprint, so the content of every
  /// `path` field must enter here.
  /// - Throws: `InputMissing` for a file or folder that isn't there.
  func externalDigests(_ environment: StageEnvironment) throws -> [String: String]

  /// What a parameter left open means on this machine, in words: `precision bf16 (avx512-bf16)`. Plans print it.
  var settled: [String] { get }

  /// Does the work; writes its files into the folder `output`, which exists and is empty.
  ///
  /// Stops early by throwing `CancellationError` when `context.isCancelled()`. Whatever it wrote before an error is thrown away.
  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws
}

extension Stage {
  public static var fields: [ParameterField] { [] }
  public static var slots: [Slot] { [] }
  public static var publishes: [Published] { [] }
  public static var usesSeed: Bool { true }
  public var settled: [String] { [] }
  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] { [:] }
}

/// What an artefact holds, and the version of its format. A slot accepts kinds; a step makes one.
public struct ArtifactKind: Hashable, Codable, Sendable, CustomStringConvertible {
  public let name: String
  public let version: Int

  public init(_ name: String, version: Int) {
    self.name = name
    self.version = version
  }

  public var description: String { "\(name) (version \(version))" }
}

/// One input of a stage: the recipe key that names another step (`images: ingest`) and the kinds that step may make.
public struct Slot: Sendable {
  public let name: String
  public let kinds: [ArtifactKind]
  /// Accepts a list of steps: `clusters: [kmeans, hdbscan]`.
  public let many: Bool
  public let optional: Bool

  public init(_ name: String, _ kinds: [ArtifactKind], many: Bool = false, optional: Bool = false) {
    self.name = name
    self.kinds = kinds
    self.many = many
    self.optional = optional
  }
}

/// A file (or folder) of an artefact that a finished run shows in its folder.
public struct Published: Sendable {
  /// Its path in the artefact: `labels.csv`.
  public let file: String
  /// Its path in the run's folder; `{step}` stands for the step's name: `labels-{step}.csv`.
  /// Where several steps publish one name, the recipe's last has it and the others are shown as `name-step.ext`.
  public let name: String
  public let isDirectory: Bool
  /// A second name, which the last step of the recipe that publishes it has: `labels.csv`.
  public let alias: String?
  /// A stage may leave it out; otherwise a step that didn't write it has failed.
  public let isOptional: Bool

  public init(file: String, name: String, isDirectory: Bool = false, alias: String? = nil, isOptional: Bool = false) {
    self.file = file
    self.name = name
    self.isDirectory = isDirectory
    self.alias = alias
    self.isOptional = isOptional
  }
}

/// Parameters that are each fine but wrong together; reported with the place of `key` in the recipe.
public struct ParameterError: Error, Equatable {
  public let key: String
  public let message: String

  public init(key: String, message: String) {
    self.key = key
    self.message = message
  }
}

/// A file or folder named by a recipe that isn't there; reported with the place of the key that names it.
public struct InputMissing: Error, Equatable {
  public let path: String

  public init(path: String) { self.path = path }
}
