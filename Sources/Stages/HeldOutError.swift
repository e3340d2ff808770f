package import Records
package import Storage

/// Why it can't be promised that held-out patients stay out. Messages say what to do, and never what a file or a table says of a patient:
/// ids are digests, patients are told by their keyed hashes, rows of tables by their lines.
package enum HeldOutError: Error, Equatable {
  /// What ties images together, the strongest first.
  package enum Subject: String, Sendable, CaseIterable { case patient, study, series, file }

  case unknownID(String, nearest: String?, count: Int)
  /// Nil for a name that may be a patient's own.
  case unknownPatient(String?, nearest: String?, count: Int)
  case unknownRows(SplitTable.Subject, lines: [Int], nearest: String?)
  /// Rows of a table whose images can't be told from others of the same name.
  case ambiguousPaths(lines: [Int])
  /// Rows that name one thing, of which only one is held out.
  case onBothSides(SplitTable.Subject, lines: [Int])
  /// All names were passed over.
  case nothing
  case missingPatient(images: Int, of: Int)
  /// Patients (or studies, …) with images on both sides.
  case divided(Subject, count: Int, heldOut: Int, kept: Int)
  case noDigests(images: Int)
  /// Held-out images that are among the others as well.
  case samePixels(images: Int, first: ImageID, twin: ImageID)
  case tooFewLeft(Int)

  /// Names it is about.
  var names: Int {
    switch self {
    case .unknownID(_, _, let count), .unknownPatient(_, _, let count): count
    case .unknownRows(_, let lines, _): lines.count
    default: 0
    }
  }
}

extension HeldOutError.Subject {
  /// What a record calls it; empty where it doesn't say. A file says whose its images are only where nothing else does, and where it is no
  /// collection, as arrays are.
  func name(in record: ImageRecord) -> String {
    switch self {
    case .patient: record.patient
    case .study: record.study
    case .series: record.series
    case .file: record.patient.isEmpty && !["npy", "npz"].contains(record.kind) ? record.file : ""
    }
  }

  fileprivate func counted(_ count: Int) -> String {
    switch self {
    case .series: "\(count) series"
    case .study: count == 1 ? "1 study" : "\(count) studies"
    default: "\(count) \(rawValue)\(count == 1 ? "" : "s")"
    }
  }
}

extension HeldOutError: CustomStringConvertible {
  package var description: String { "exclude: " + text }

  private var text: String {
    switch self {
    case .unknownID(let id, let nearest, let count):
      "no image has the id \"\(id)\"\(hint(nearest))\(others(count)); ids are in manifest.csv"
    case .unknownPatient(let name, let nearest, let count):
      "no image is of \(name.map { "the patient \"\($0)\"" } ?? "one of the patients")\(hint(nearest))\(others(count)); patients are in manifest.csv, by their keyed hashes; a table (file) may also name them as the images do"
    case .unknownRows(let subject, let lines, let nearest):
      "\(told(lines)) of the file: no image has this \(subject.rawValue)\(hint(nearest)); if the file is of a larger data set, say on_unmatched: ignore"
    case .ambiguousPaths(let lines):
      "\(told(lines)) of the file: several images may be meant; write paths with their folders, as in manifest.csv"
    case .onBothSides(let subject, let lines):
      "lines \(lines[0]) and \(lines[1]) of the file name one \(subject.rawValue), which only one of them holds out"
    case .nothing: "none of the names is of an image of this archive"
    case .missingPatient(let images, let all):
      "\(images) of \(all) images name no patient, so it can't be told whether a held-out patient is among those left: read the archive by a table with the columns path and patient (from: list.csv), or say on_missing_patient: exclude (hold them out too) or keep (each is a patient of its own)"
    case .divided(let subject, let count, let heldOut, let kept):
      "\(subject.counted(count)) would be on both sides, with \(images(heldOut)) held out and \(kept) trained on: \(subject == .patient ? "name the patients, which holds out all their images" : "hold out all images of them"), or none"
    case .noDigests(let images):
      "\(self.images(images)) \(images == 1 ? "has" : "have") no digest of their pixels, so copies can't be told: read the archive with decode: exact"
    case .samePixels(let images, let first, let twin):
      "\(self.images(images)) held out, and the same pixels are among those left to train on, as \(first) and \(twin): hold out both and their patients, or leave the wrong one out of the archive"
    case .tooFewLeft(let kept): "\(images(kept)) left to train on; two are the least"
    }
  }

  private func images(_ count: Int) -> String { count == 1 ? "1 image" : "\(count) images" }

  private func hint(_ nearest: String?) -> String { nearest.map { "; did you mean \"\($0)\"?" } ?? "" }

  private func others(_ count: Int) -> String { count > 1 ? " (and \(count - 1) more names)" : "" }

  private func told(_ lines: [Int]) -> String {
    (lines.count == 1 ? "line " : "lines ") + lines.prefix(5).map(String.init).joined(separator: ", ")
      + (lines.count > 5 ? " and \(lines.count - 5) more" : "")
  }
}
