package import Foundation
import Pipeline
package import Records
import Storage

/// The images of an archive that training must not see, and those that are left, after all that could make them one patient's was looked at.
///
/// It refuses where a patient would be on both sides, and where that can't be told. Near copies (another crop of the same film) are not found.
package struct HeldOutImages: Sendable, Equatable {
  /// By what an image was named first.
  package enum Reason: String, Sendable, CaseIterable {
    case id, patient, file
    case noPatient = "no_patient"
  }

  package struct Image: Sendable, Equatable {
    package var row: Int
    package var id: ImageID
    package var reason: Reason
  }

  /// In the manifest's order.
  package let images: [Image]
  /// Rows of the manifest that are left, rising.
  package let kept: [Int]
  /// Patients held out, as far as images name them.
  package let patients: Int
  /// Names that no image bears, where these are passed over.
  package let unmatched: Int

  /// - Throws: `HeldOutError`.
  package init(_ names: HeldOutNames, in archive: NamedImages) throws(HeldOutError) {
    var search = HeldOutSearch(archive)
    try search.take(ids: names.ids, patients: names.patients)
    if let table = names.table { try search.take(table) }
    if !names.passesOverUnmatched, let first = search.unmatched.first { throw first }
    let records = archive.records
    if search.reasons.allSatisfy({ $0 == nil }) { throw .nothing }
    let missing = records.indices.filter { records[$0].patient.isEmpty }
    switch names.missingPatient {
    case .fail: if !missing.isEmpty { throw .missingPatient(images: missing.count, of: records.count) }
    case .exclude: search.hold(missing, .noPatient)
    case .keep: break
    }
    let reasons = search.reasons
    images = records.indices.compactMap { row in
      reasons[row].map { Image(row: row, id: records[row].id, reason: $0) }
    }
    kept = records.indices.filter { reasons[$0] == nil }
    patients = Set(images.map { records[$0.row].patient }.filter { !$0.isEmpty }).count
    unmatched = search.unmatched.reduce(0) { $0 + $1.names }
    try HeldOutImages.checkSubjects(records, images.map(\.row), kept)
    try HeldOutImages.checkPixels(records, images.map(\.row), kept)
    if kept.count < 2 { throw .tooFewLeft(kept.count) }
  }

  /// No patient, study, series or file may have images on both sides.
  private static func checkSubjects(
    _ records: [ImageRecord], _ held: [Int], _ kept: [Int]
  ) throws(HeldOutError) {
    for subject in HeldOutError.Subject.allCases {
      let sides = [held, kept].map { rows in rows.filter { !subject.name(in: records[$0]).isEmpty } }
      let both = Set(sides[0].map { subject.name(in: records[$0]) })
        .intersection(sides[1].map { subject.name(in: records[$0]) })
      if both.isEmpty { continue }
      let counts = sides.map { rows in rows.count { both.contains(subject.name(in: records[$0])) } }
      throw .divided(subject, count: both.count, heldOut: counts[0], kept: counts[1])
    }
  }

  /// No picture that shows something may be on both sides: by its samples as stored, or as looked at.
  private static func checkPixels(_ records: [ImageRecord], _ held: [Int], _ kept: [Int]) throws(HeldOutError) {
    let unknown = records.count { $0.pixelDigest.isEmpty }
    if unknown > 0 { throw .noDigests(images: unknown) }
    // Blank pictures are equal because they show nothing: the outermost slices of volumes.
    let looks = { (row: Int) in (records[row].duplicateOf ?? records[row].id).rawValue }
    let shown = kept.filter { !records[$0].flags.contains("blank") }
    let digests = Dictionary(shown.map { (records[$0].pixelDigest, $0) }) { first, _ in first }
    let pictures = Dictionary(shown.map { (looks($0), $0) }) { first, _ in first }
    let twins = held.compactMap { row in
      records[row].flags.contains("blank")
        ? nil : (digests[records[row].pixelDigest] ?? pictures[looks(row)]).map { (row, $0) }
    }
    if let (row, twin) = twins.first {
      throw .samePixels(images: twins.count, first: records[row].id, twin: records[twin].id)
    }
  }

  /// `excluded.csv`: one image a row, in the manifest's order.
  package static let columns = ["id", "reason"]

  package func write(to url: URL) throws {
    try CSVWriter.write(to: url, columns: HeldOutImages.columns) { writer in
      for image in images { try writer.row([image.id.rawValue, image.reason.rawValue]) }
    }
  }

  /// How many images such a file lists. - Throws: the system's error, or `CSVError`.
  package static func count(in url: URL) throws -> Int {
    var reader = try CSVReader(url)
    try reader.require(columns)
    return try reader.map { _ in }.count
  }
}

/// Finds the images that names stand for.
private struct HeldOutSearch {
  let archive: NamedImages
  var reasons: [HeldOutImages.Reason?]
  /// Each with the names it is about.
  var unmatched: [HeldOutError] = []

  init(_ archive: NamedImages) {
    self.archive = archive
    reasons = Array(repeating: nil, count: archive.records.count)
  }

  mutating func hold(_ rows: [Int], _ reason: HeldOutImages.Reason) {
    for row in rows where reasons[row] == nil { reasons[row] = reason }
  }

  mutating func take(ids: [String], patients: [String]) throws(HeldOutError) {
    var unknown: [String] = []
    for id in ids {
      if let rows = archive.rows(ofID: id) { hold(rows, .id) } else { unknown.append(id) }
    }
    if let first = unknown.first {
      unmatched.append(.unknownID(first, nearest: NearestName.of(first, among: archive.ids), count: unknown.count))
    }
    unknown = []
    for patient in patients {
      if let rows = archive.rows(ofPatient: patient) { hold(rows, .patient) } else { unknown.append(patient) }
    }
    if let first = unknown.first {
      // Where identifiers are kept as written, a message must not repeat one.
      let isHash = HeldOutSearch.isHash(first)
      unmatched.append(
        .unknownPatient(
          isHash ? first : nil,
          nearest: isHash ? NearestName.of(first, among: archive.patients.filter(HeldOutSearch.isHash)) : nil,
          count: unknown.count))
    }
  }

  mutating func take(_ table: SplitTable) throws(HeldOutError) {
    // What each name is called in the archive; a table may call one thing by two names.
    let names = table.rows.map { row in
      switch table.subject {
      case .id: row.name
      case .path: TruthTable.parts(row.name).joined(separator: "/")
      case .patient: archive.patient(row.name)
      }
    }
    var places: [String: Int] = [:]
    var distinct: [Int] = []
    for (index, name) in names.enumerated() {
      guard let place = places[name] else {
        places[name] = index
        distinct.append(index)
        continue
      }
      let (first, second) = (table.rows[place], table.rows[index])
      if first.isHeldOut != second.isHeldOut { throw .onBothSides(table.subject, lines: [first.line, second.line]) }
    }
    var rows: [[Int]?]
    var isAmbiguous = false
    switch table.subject {
    case .id: rows = distinct.map { archive.rows(ofID: names[$0]) }
    case .patient: rows = distinct.map { archive.rows(ofPatient: names[$0]) }
    case .path: (rows, isAmbiguous) = archive.rows(ofPaths: distinct.map { names[$0] })
    }
    var unknown: [Int] = []
    for (index, found) in zip(distinct, rows) where table.rows[index].isHeldOut {
      if let found { hold(found, .file) } else { unknown.append(table.rows[index].line) }
    }
    guard let first = unknown.first else { return }
    if isAmbiguous { throw .ambiguousPaths(lines: unknown) }
    let word = table.subject == .id ? table.rows.first { $0.line == first }?.name : nil
    unmatched.append(
      .unknownRows(
        table.subject, lines: unknown, nearest: word.flatMap { NearestName.of($0, among: archive.ids) }))
  }

  /// Whether it is a name that hashing gives.
  static func isHash(_ name: String) -> Bool { TrainingExclusion.isHash(name) }
}
