import Crypto
import Foundation
import Imaging
import Pipeline
import Records
import Storage

/// The parameter `exclude` of stages that learn: the images they must not see. What reads the archive otherwise, as `embed` does, takes all.
struct TrainingExclusion {
  struct Parameters: Codable, Hashable, Sendable {
    var ids: [String]?
    var patients: [String]?
    var file: String?
    var split: [String]?
    var on_missing_patient: String?
    var on_unmatched: String?
  }

  static let field = ParameterField(
    "exclude",
    .table([
      "ids": .list(.text), "patients": .list(.text), "file": .path, "split": .list(.text),
      "on_missing_patient": .choice(HeldOutNames.MissingPatient.allCases.map(\.rawValue)),
      "on_unmatched": .choice(["fail", "ignore"]),
    ]), default: [:],
    "Images that training must not see: { file: splits.csv, split: [test] }, { patients: […] }, { ids: […] }")
  static let published = Published(file: "excluded.csv", name: "excluded-{step}.csv", isOptional: true)

  private let parameters: Parameters
  private var splits: [String] { parameters.split ?? [] }

  /// - Throws: `ParameterError` for a split without a file.
  init(_ parameters: Parameters) throws {
    self.parameters = parameters
    if parameters.file == nil && !splits.isEmpty {
      throw TrainingExclusion.wrong("split is given, but no file that has splits")
    }
    if namesNothing && (parameters.on_missing_patient != nil || parameters.on_unmatched != nil) {
      throw TrainingExclusion.wrong("nothing is named by ids, patients or file")
    }
  }

  private var namesNothing: Bool {
    parameters.file == nil && (parameters.ids ?? []).isEmpty && (parameters.patients ?? []).isEmpty
  }

  private static func wrong(_ message: String) -> ParameterError { ParameterError(key: "exclude", message: message) }

  /// For `externalDigests`: the content of the file, and the key by which it names patients (as a digest of it).
  ///
  /// What can be told before the archive is read is said now, hours early.
  /// - Throws: `InputMissing`; `ParameterError` for a file that can't be understood, and for a patient's own identifier in the recipe, which
  ///   is kept with the results.
  func digests(_ environment: StageEnvironment) throws -> [String: String] {
    if !keepsIdentifiers(environment), !(parameters.patients ?? []).allSatisfy(TrainingExclusion.isHash) {
      throw TrainingExclusion.wrong(
        "patients wants names of manifest.csv, 16 hexadecimal digits; a patient's own identifier would be kept with the results: name it in a file with the column patient (file: held_out.csv)"
      )
    }
    guard let path = parameters.file else { return [:] }
    let file = environment.url(path)
    guard FileManager.default.fileExists(atPath: file.path) else { throw InputMissing(path: path) }
    do {
      _ = try table(environment)
    } catch let error as SplitTableError {
      throw TrainingExclusion.wrong("file: \(error)")
    }
    var digests = ["exclude_file": try environment.digest(of: file)]
    if let key = environment.secrets[IngestStage.identifierKey] {
      digests["identifier_key"] = SHA256.hash(data: key).map { String(format: "%02x", $0) }.joined()
    }
    return digests
  }

  /// What hashing gives, not a patient's own identifier.
  static func isHash(_ name: String) -> Bool {
    name.utf8.count == 16 && name.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
  }

  /// The images held out and those left; nil where everything is trained on.
  /// - Parameters:
  ///   - folder: the artefact of images.
  ///   - ids: of its images, in their order.
  /// - Throws: `HeldOutError` where it can't be promised that no held-out patient is trained on.
  func heldOut(of folder: URL, ids: [ImageID], _ context: StageContext) throws -> HeldOutImages? {
    if namesNothing { return nil }
    let records = try ManifestTable.read(from: folder.appending(path: "manifest.csv"))
    guard records.map(\.id) == ids else { throw OtherArchive() }
    let names = HeldOutNames(
      ids: parameters.ids ?? [], patients: parameters.patients ?? [], table: try table(context.environment),
      missingPatient: parameters.on_missing_patient.flatMap { .init(rawValue: $0) } ?? .fail,
      passesOverUnmatched: parameters.on_unmatched == "ignore")
    let result = try HeldOutImages(names, in: try archive(folder, records, context.environment))
    context.note("excluded \(result.images.count)")
    context.note("excluded_patients \(result.patients)")
    if result.unmatched > 0 { context.note("exclude_unmatched \(result.unmatched)") }
    context.report(
      StageProgress(done: 0, total: 0, unit: "images", detail: "\(result.images.count) held out of training"))
    return result
  }

  private func table(_ environment: StageEnvironment) throws -> SplitTable? {
    try parameters.file.map { try SplitTable(reading: environment.url($0), splits: splits) }
  }

  private func archive(
    _ folder: URL, _ records: [ImageRecord], _ environment: StageEnvironment
  ) throws -> NamedImages {
    let key = environment.secrets[IngestStage.identifierKey]
    precondition(key != nil, "the environment has no secret \(IngestStage.identifierKey)")
    let hasher = IdentifierHasher(key: key!, keepsIdentifiers: keepsIdentifiers(environment))
    let crosswalk = folder.appending(path: "crosswalk.csv")
    if FileManager.default.fileExists(atPath: crosswalk.path) {
      let known = Set(records.map(\.id.rawValue))
      var paths: [String: String] = [:]
      var refused: [String] = []
      var reader = try CSVReader(crosswalk)
      while let row = try reader.next() {
        let (id, path) = (try row.text("id"), try row.text("path"))
        if known.contains(id) { paths[id] = path } else { refused.append(path) }
      }
      return NamedImages(
        records, paths: records.map { paths[$0.id.rawValue] ?? $0.path }, refusedPaths: refused, hasher: hasher)
    }
    return NamedImages(
      records, paths: records.map(\.path),
      refusedPaths: try RejectionTable.read(from: folder.appending(path: "rejected.csv")).map(\.path), hasher: hasher)
  }

  private func keepsIdentifiers(_ environment: StageEnvironment) -> Bool {
    environment.values[IngestStage.keepIdentifiersKey] == "true"
  }
}
