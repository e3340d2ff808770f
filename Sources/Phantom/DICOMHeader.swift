import Imaging
import Tensors

/// The header of a radiograph: who, where, what and how, as a hospital's archive would have it, errors included.
struct DICOMHeader: Sendable {
  let attributes: [DICOMWriter.Attribute]

  /// - Parameters:
  ///   - picture: what was noted when the picture was taken: repetitions share it.
  ///   - identity: what makes this file's identifiers its own: the same pixels stored twice have two.
  init(_ radiograph: Radiograph, kind: Kind, patient: Patient, picture: Seed, identity: Seed) {
    let site = Site.all[patient.site]
    let room = site.radiography
    var person = patient.seed.split("person").generator()
    var random = picture.split("header").generator()
    let sex = person.chance(0.5) ? "F" : "M"
    let age = 3 + person.integer(below: 88)
    let study = person.integer(below: 3) == 0 ? random.integer(below: 2) : 0
    let date = DICOMHeader.date(day: person.integer(below: 2900) + study * 40)
    let clock = (7 + person.integer(below: 12)) * 10_000 + person.integer(below: 60) * 100
    let time = String(1_000_000 + clock).dropFirst()
    let instance = DICOMHeader.identifier(identity.split("instance"))
    let isDigital = room.modality == "DX"
    let intercept = site.name == "hillside" ? -1000 : 0
    let full = 1 << room.bitsStored
    let width = Double(full) * [1.0, 1.0, 1.04, 1.1][random.integer(below: 4)]

    var elements: [DICOMWriter.Attribute] = [
      .init(0x0008, 0x0005, "CS", "ISO_IR 100"),
      .init(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY"),
      .init(0x0008, 0x0016, "UI", isDigital ? "1.2.840.10008.5.1.4.1.1.1.1" : "1.2.840.10008.5.1.4.1.1.1"),
      .init(0x0008, 0x0018, "UI", instance),
      .init(0x0008, 0x0020, "DA", date),
      .init(0x0008, 0x0030, "TM", String(time)),
      .init(0x0008, 0x0050, "SH", "A\(patient.id.dropFirst())\(study)"),
      .init(0x0008, 0x0060, "CS", room.modality),
      .init(0x0008, 0x0070, "LO", room.manufacturer),
      .init(0x0008, 0x0080, "LO", site.institution),
      .init(0x0008, 0x0090, "PN", "Phantom^Referrer"),
      .init(0x0008, 0x1010, "SH", room.station),
      .init(0x0010, 0x0010, "PN", "Phantom^\(patient.id)"),
      .init(0x0010, 0x0020, "LO", patient.id),
      .init(0x0010, 0x0030, "DA", ""),
      .init(0x0010, 0x0040, "CS", sex),
      .init(0x0010, 0x1010, "AS", String(String(1000 + age).dropFirst()) + "Y"),
      .init(0x0018, 0x0060, "DS", "\(55 + random.integer(below: 70))"),
      .init(0x0018, 0x5101, "CS", DICOMHeader.view(kind, &random)),
      .init(0x0020, 0x000d, "UI", DICOMHeader.identifier(patient.seed.split("study").split(study))),
      .init(0x0020, 0x000e, "UI", DICOMHeader.identifier(identity.split("series"))),
      .init(0x0020, 0x0010, "SH", "\(1 + study)"),
      .init(0x0020, 0x0011, "IS", "\(1 + random.integer(below: 4))"),
      .init(0x0020, 0x0013, "IS", "1"),
      .init(0x0020, 0x0020, "CS", "L\\F"),
      .init(0x0020, 0x0060, "CS", radiograph.side),
      .init(0x0028, 0x1050, "DS", DICOMHeader.decimal(Double(full / 2 + intercept))),
      .init(0x0028, 0x1051, "DS", DICOMHeader.decimal(width)),
      .init(0x0028, 0x1052, "DS", "\(intercept)"),
      .init(0x0028, 0x1053, "DS", "1"),
      .init(0x0028, 0x1054, "LO", "US"),
    ]
    let spacing = DICOMHeader.decimal(radiograph.millimetresPerPixel)
    elements.append(.init(0x0028, 0x0030, "DS", "\(spacing)\\\(spacing)"))
    elements.append(.init(0x0018, 0x1164, "DS", "\(spacing)\\\(spacing)"))
    if isDigital {
      elements.append(.init(0x0008, 0x0068, "CS", "FOR PRESENTATION"))
      elements.append(.init(0x0028, 0x1040, "CS", "LOG"))
      elements.append(.init(0x2050, 0x0020, "CS", room.isInverted ? "INVERSE" : "IDENTITY"))
    }
    if let part = DICOMHeader.bodyPart(kind, &random) { elements.append(.init(0x0018, 0x0015, "CS", part)) }
    attributes = elements.sorted { ($0.group, $0.element) < ($1.group, $1.element) }
  }

  /// A UID made of 128 bits (PS3.5 B.2), with the version and variant bits of a random UUID.
  static func identifier(_ seed: Seed) -> String {
    var random = seed.generator()
    let high = random.next() & 0xffff_ffff_ffff_0fff | 0x4000
    let low = random.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    return "2.25.\(UInt128(high) << 64 | UInt128(low))"
  }

  /// One in six says nothing, one in sixteen says another part: technologists reuse the protocol at hand.
  private static func bodyPart(_ kind: Kind, _ random: inout RandomGenerator) -> String? {
    let parts = ["CHEST", "HAND", "SKULL", "ABDOMEN"]
    let names: [Kind: String] = [.chest: parts[0], .hand: parts[1], .head: parts[2], .abdomen: parts[3]]
    let draw = random.integer(below: 48)
    if draw < 8 { return nil }
    return draw < 11 ? parts[random.integer(below: parts.count)] : names[kind]
  }

  private static func view(_ kind: Kind, _ random: inout RandomGenerator) -> String {
    switch kind {
    case .chest: random.chance(0.7) ? "PA" : "AP"
    case .hand: random.chance(0.8) ? "PA" : ""
    case .head: random.chance(0.5) ? "LL" : "RL"
    default: "AP"
    }
  }

  /// A day counted from the first of January 2014, in months of 28 days: every one exists.
  private static func date(day: Int) -> String {
    let month = day / 28
    return "\(20_140_101 + month / 12 * 10_000 + month % 12 * 100 + day % 28)"
  }

  /// At most sixteen characters, as DS wants.
  private static func decimal(_ value: Double) -> String {
    let millionths = Int((value * 10_000).rounded())
    let fraction = String(10_000 + abs(millionths) % 10_000).dropFirst()
    return "\(millionths < 0 ? "-" : "")\(abs(millionths) / 10_000).\(fraction)"
  }
}
