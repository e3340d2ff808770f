import Foundation
import Imaging
import Tensors

/// Files that an archive collects over the years and that no decoder can read.
enum Damaged {
  /// Writes one to `target`, near `neighbour`'s place and time; cut files are cut from the neighbour's bytes.
  static func write(
    _ damage: PlannedFile.Damage, like neighbour: PlannedFile, in root: URL, seed: Seed, to target: URL
  ) throws {
    var random = seed.generator()
    switch damage {
    case .truncatedDICOM, .truncatedPNG:
      let whole = try Data(contentsOf: root.appending(path: neighbour.path))
      try whole.prefix(Int(Double(whole.count) * random.uniform(0.25...0.6))).write(to: target)
    case .empty:
      try Data().write(to: target)
    case .textNamedDICOM:
      let text = "Transfer of \(neighbour.patient.id) failed: association rejected, retry later.\n"
      try Data(text.utf8).write(to: target)
    case .documentHeader:
      try Data("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n%%EOF\n".utf8).write(to: target)
    case .withoutPixels:
      let film = Radiograph(width: 0, height: 0, pixels: [], millimetresPerPixel: 0.2, side: "")
      let header = DICOMHeader(
        film, kind: neighbour.kind ?? .chest, patient: neighbour.patient, picture: seed,
        identity: seed.split("identity"))
      try DICOMWriter.write(pixels: nil, attributes: header.attributes, to: target)
    }
  }
}
