public import Foundation

/// One result in the store: a folder of files, and the record `artifact.json` that says what they are and came from.
public struct Artifact: Sendable {
  public let folder: URL
  public let record: Record

  /// What `artifact.json` holds.
  public struct Record: Codable, Sendable {
    /// Version of this record's own format.
    public var format = 1
    public let fingerprint: Fingerprint
    public let ingredients: Ingredients
    /// Digest of all files' names and digests: what steps that read this depend on.
    public let content: String
    /// All files but the record, by path.
    public let files: [StoredFile]
    public let making: Making
  }

  /// A file of the artefact.
  public struct StoredFile: Hashable, Codable, Sendable {
    /// Path in the artefact's folder.
    public let path: String
    public let size: Int
    public let sha256: String
  }

  /// What is worth telling of the run that made it; no result depends on it.
  public struct Making: Hashable, Codable, Sendable {
    public let seconds: Double
    /// The largest memory of the process until the step's end, bytes.
    public let peakMemory: Int
    public let notes: [String]
  }

  static let recordName = "artifact.json"
  static let currentFormat = 1

  public var fingerprint: Fingerprint { record.fingerprint }
  public var stage: String { record.ingredients.stage }
  public var kind: ArtifactKind { record.ingredients.output }

  /// The artefact in `folder`, or nil where there is no whole record of a known format.
  init?(in folder: URL) {
    guard let data = FileManager.default.contents(atPath: folder.appending(path: Artifact.recordName).path),
      let record = try? JSONDecoder().decode(Record.self, from: data), record.format == Artifact.currentFormat,
      record.ingredients.fingerprint == record.fingerprint
    else { return nil }
    self.init(folder: folder, record: record)
  }

  init(folder: URL, record: Record) {
    self.folder = folder
    self.record = record
  }

  /// The first file that is gone or has other bytes than were written, or nil. - Complexity: reads what the cache doesn't know.
  func damage(_ cache: DigestCache) -> String? {
    for file in record.files {
      let place = folder.appending(path: file.path)
      guard let mark = FileMark(ofFile: place.path), mark.size == Int64(file.size),
        (try? cache.digest(of: place)) == file.sha256
      else { return file.path }
    }
    return nil
  }

  /// As JSON for people: sorted keys, one a line.
  static func json(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }
}

/// The files of a stage's output folder, with their digests.
enum OutputListing {
  /// Every regular file below `folder`, by path.
  /// - Throws: `FileError`.
  static func of(_ folder: URL) throws -> [Artifact.StoredFile] {
    guard let names = FileManager.default.enumerator(atPath: folder.path) else {
      throw FileError(.list, path: folder.path, code: EACCES)
    }
    var files: [Artifact.StoredFile] = []
    for case let name as String in names {
      let place = folder.appending(path: name)
      guard let mark = FileMark(ofFile: place.path) else { continue }
      precondition(name != Artifact.recordName, "a stage wrote \(name), which is the store's own")
      files.append(
        Artifact.StoredFile(path: name, size: Int(mark.size), sha256: try ContentDigest.of(file: place)))
    }
    return files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// One digest of all files, by their paths.
  static func content(_ files: [Artifact.StoredFile]) -> String {
    ContentDigest.of(files.map { ($0.path, $0.sha256) })
  }
}
