package import Imaging
package import Records
import Storage

/// The images of an archive, found by id, path or patient.
package struct NamedImages: Sendable {
  package let records: [ImageRecord]
  /// True paths, a row an image: the manifest's, or where these are hidden the crosswalk's.
  let paths: [String]
  /// Paths of files that were listed, and gave no image.
  let refusedPaths: [String]
  /// Turns identifiers as files write them into those of the manifest.
  let hasher: IdentifierHasher
  private let rowsByID: [String: [Int]]
  private let rowsByPatient: [String: [Int]]

  /// - Precondition: a path an image.
  package init(_ records: [ImageRecord], paths: [String], refusedPaths: [String] = [], hasher: IdentifierHasher) {
    precondition(paths.count == records.count, "\(paths.count) paths of \(records.count) images")
    self.records = records
    self.paths = paths
    self.refusedPaths = refusedPaths
    self.hasher = hasher
    var ids: [String: [Int]] = [:]
    var patients: [String: [Int]] = [:]
    for (row, record) in records.enumerated() {
      let id = record.id.rawValue
      ids[id, default: []].append(row)
      let file = record.file
      if file != id { ids[file, default: []].append(row) }
      if !record.patient.isEmpty { patients[record.patient, default: []].append(row) }
    }
    rowsByID = ids
    rowsByPatient = patients
  }

  func rows(ofID id: String) -> [Int]? { rowsByID[id] }

  var ids: [String] { records.map(\.id.rawValue) }
  var patients: [String] { rowsByPatient.keys.sorted() }

  func rows(ofPatient patient: String) -> [Int]? { rowsByPatient[patient] }

  /// The manifest's name of a patient that goes by this name there or in the files themselves.
  func patient(_ identifier: String) -> String {
    rowsByPatient[identifier] == nil ? hasher(.patient, identifier) : identifier
  }

  /// For each path asked for the rows of its images, none where it was refused, nil where it isn't here.
  /// - Parameter wanted: different paths. - Returns: also whether it can't be told of some images which of the paths is theirs.
  func rows(ofPaths wanted: [String]) -> (rows: [[Int]?], isAmbiguous: Bool) {
    var places: [String: [Int]] = [:]
    var distinct: [String] = []
    for (path, row) in zip(paths, paths.indices) {
      if places[path] == nil { distinct.append(path) }
      places[path, default: []].append(row)
    }
    // `archive.zip!/a.dcm#3` is the fourth picture of a file.
    for path in refusedPaths where places[path] == nil {
      places[path] = []
      distinct.append(path)
    }
    let table = TruthTable(rows: wanted.enumerated().map { (path: $1, label: String($0)) })
    let match = table.match(distinct)
    var found = [[Int]?](repeating: nil, count: wanted.count)
    for (path, label) in zip(distinct, match.labels) { if let label { found[Int(label)!] = places[path]! } }
    return (found, match.ambiguous > 0)
  }
}

extension ImageRecord {
  /// The id of the file it comes from.
  var file: String { String(id.rawValue.prefix { $0 != "#" }) }
}
