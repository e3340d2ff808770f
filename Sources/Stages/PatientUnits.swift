import Foundation
import Pipeline
import Records
import Storage

/// Which patient each point is of, so that images of one patient are drawn together when an archive is resampled.
struct PatientUnits {
  /// A number a point, equal for points of one patient; an image that names no patient is of its own. Nil where none does.
  let units: [Int]?

  /// - Parameter inputs: with an optional slot `images`.
  /// - Throws: `OtherArchive` where the images are not those of the points.
  init(_ inputs: StageInputs, ids: [ImageID]) throws {
    guard !inputs.isEmpty("images") else {
      units = nil
      return
    }
    let manifest = try ManifestTable.read(from: inputs.folder("images").appending(path: "manifest.csv"))
    let patients = Dictionary(manifest.map { ($0.id, $0.patient) }, uniquingKeysWith: { first, _ in first })
    var numbers: [String: Int] = [:]
    var units: [Int] = []
    for (row, id) in ids.enumerated() {
      guard let patient = patients[id] else { throw OtherArchive() }
      let name = patient.isEmpty ? "row \(row)" : "patient " + patient
      let number = numbers[name] ?? numbers.count
      numbers[name] = number
      units.append(number)
    }
    self.units = numbers.count < ids.count ? units : nil
  }
}
