import Crypto
public import Foundation
import Imaging
public import Pipeline
import Records
import Storage
import Tensors

/// `ingest`: files to pixels at training size, a manifest of what was taken and a ledger of what was refused.
///
/// Files are decoded in child processes of this program, so that one which kills its decoder costs a row and not the run.
public struct IngestStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var from: ParameterValue
    var include: [String]
    var exclude: [String]
    var `where`: [String: [String]]
    var size: Int
    var fit: String
    var bits: Int
  }

  public static let name = "ingest"
  public static let revision = 1
  public static let summary = "Read files into pixels, a manifest and a ledger of what was refused"
  public static let output = ArtifactKind.images
  public static let publishes = [
    Published(file: "manifest.csv", name: "manifest.csv"), Published(file: "rejected.csv", name: "rejected.csv"),
  ]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "from", .list(.path), default: nil, "A folder, several, or a CSV with the columns path[,patient,site,mpp]"),
    ParameterField(
      "include", .list(.text), default: [], "Only files that fit one of these patterns: \"*.dcm\", \"site_a/**\""),
    ParameterField("exclude", .list(.text), default: [], "No files that fit one of these"),
    ParameterField(
      "where",
      .table(Dictionary(uniqueKeysWithValues: RecordFilter.fields.map { ($0, ParameterField.Kind.list(.text)) })),
      default: [:], "Only images whose files say so: { modality: [CR, DX] }"),
    ParameterField("size", .integer(8...1024), default: 224, "Pixels on a side of the square the network sees"),
    ParameterField(
      "fit", .choice(Preprocessing.Fit.allCases.map(\.rawValue)), default: .text(Preprocessing.Fit.pad.rawValue),
      "Make the picture square by a black border, by cutting, or by stretching"),
    ParameterField("bits", .integer(8...16), default: 8, "Bits a sample is kept with: 8, or 16"),
  ]

  /// The secret under which the caller gives the key of identifiers.
  public static let identifierKey = "identifier_key"

  private let parameters: Parameters
  private let filter: RecordFilter

  public init(_ parameters: Parameters) throws {
    guard parameters.bits == 8 || parameters.bits == 16 else {
      throw ParameterError(key: "bits", message: "\(parameters.bits) bits; 8 or 16 wanted")
    }
    self.parameters = parameters
    filter = try RecordFilter(parameters.where)
  }

  /// The content of every file in the listing, of the tables that list them, and the key (as a digest of it).
  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    let listing = try listing(environment)
    let tables = inputs(environment).filter { $0.pathExtension.lowercased() == "csv" }
    return [
      "files": environment.digest(ofFiles: listing.entries.map { ($0.path, $0.file) }),
      "tables": environment.digest(ofFiles: tables.enumerated().map { (String($0), $1) }),
      "identifier_key": SHA256.hash(data: key(environment)).map { String(format: "%02x", $0) }.joined(),
    ]
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let listing = try listing(context.environment)
    try MemoryPromise(context).need(
      listing.entries.count * 3 * parameters.size * parameters.size * (parameters.bits / 8) * 2,
      for: "\(listing.entries.count) images at \(parameters.size) pixels")
    let fit = Preprocessing.Fit(rawValue: parameters.fit)!
    let settings = IngestSettings(size: parameters.size, fit: fit, bits: parameters.bits, filter: filter)
    let decoder = try DecoderPool(.thisProgram, children: context.workers)
    let hasher = IdentifierHasher(key: key(context.environment))
    let result = Ingest(settings, decoder: decoder, hasher: hasher)(listing, on: WorkerPool(threads: context.workers)) {
      context.report(StageProgress(done: $0, total: $1, unit: "files"))
    }
    try context.checkCancellation()
    if result.records.isEmpty { throw NothingToSort(files: listing.entries.count, rejections: result.rejections) }
    try ImagesFile.write(
      result.stack, ids: result.records.map(\.id), paths: result.records.map(\.path),
      preprocessing: settings.canonicalDescription, to: output.appending(path: "images.h5"))
    try ManifestTable.write(result.records, to: output.appending(path: "manifest.csv"))
    try RejectionTable.write(result.rejections, to: output.appending(path: "rejected.csv"))
    context.note("images \(result.records.count)")
    context.note("rejected \(result.rejections.count)")
    context.note("copies \(result.records.count { $0.duplicateOf != nil })")
    context.note("hidden_files_passed_over \(listing.hidden)")
  }

  private func inputs(_ environment: StageEnvironment) -> [URL] { parameters.from.words.map(environment.url) }

  private func listing(_ environment: StageEnvironment) throws -> InputListing {
    let inputs = inputs(environment)
    for (input, word) in zip(inputs, parameters.from.words)
    where !FileManager.default.fileExists(atPath: input.path) {
      throw InputMissing(path: word)
    }
    return try InputListing(inputs, include: parameters.include, exclude: parameters.exclude) { url in
      var reader = try CSVReader(url)
      return [reader.columns] + (try reader.map(\.cells))
    }
  }

  /// - Precondition: the caller gave one: hashes under a key that everyone knows would hide no patient.
  private func key(_ environment: StageEnvironment) -> Data {
    guard let key = environment.secrets[IngestStage.identifierKey] else {
      preconditionFailure("the environment has no secret \(IngestStage.identifierKey)")
    }
    return key
  }
}

/// An archive in which no file could be used.
struct NothingToSort: Error, CustomStringConvertible {
  let files: Int
  let rejections: [Rejection]

  var description: String {
    if files == 0 && rejections.isEmpty { return "there are no files to read" }
    let codes = Dictionary(grouping: rejections, by: \.code.rawValue).mapValues(\.count)
    let reasons = codes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
    return "none of \(files) files could be used: \(reasons.joined(separator: ", "))"
  }
}
