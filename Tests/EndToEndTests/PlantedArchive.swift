import Foundation
import Imaging

/// An archive in which every place that can hold a word about a patient holds one that is found nowhere else.
struct PlantedArchive {
  /// What must never be seen again outside of the archive.
  static let secrets = [
    "ZQXWERTY", "PLANTEDNAME", "PID-83746501", "ACC5550192", "19371103", "Vexelstrasse 77", "PRIVATE-MARK-4471",
    "Quibblesworth", "1.2.826.0.1.3680043.9.7777.31337", "remark of the planted kind", "Hospital Umbrafels",
    "SCANNER-ROOM-9931", "112233.445566", "112234.445566", "text chunk 60601", "comment segment 70702",
    "artist of the 80803rd", "nifti words 90904",
  ]
  /// Part of every file's name, and of the folder's.
  static let nameMark = "filename-qqz"

  let folder: URL

  /// Draws twelve pictures and a file that must be refused.
  init(in parent: URL) throws {
    folder = parent.appending(path: "archive-\(PlantedArchive.nameMark)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for i in 0..<6 { try PlantedArchive.dicom(i).write(to: file("film\(i).dcm")) }
    for i in 0..<2 { try PlantedArchive.png(i).write(to: file("picture\(i).png")) }
    for i in 0..<2 { try PlantedArchive.jpeg(i).write(to: file("photo\(i).jpg")) }
    try PlantedArchive.tiff().write(to: file("scan.tif"))
    try PlantedArchive.nifti().write(to: file("volume.nii"))
    try PlantedArchive.dicom(9).prefix(900).write(to: file("cut ZQXWERTY.dcm"))
  }

  private func file(_ name: String) -> URL { folder.appending(path: "\(PlantedArchive.nameMark)-\(name)") }

  private static func shade(_ x: Int, _ y: Int, _ seed: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (x * (seed + 3) ^ y * 5) &+ 31 * seed)
  }

  /// Explicit little endian, 48 × 40 pixels of 8 bits, with names, numbers, dates and private elements, nested ones too.
  private static func dicom(_ seed: Int) -> Data {
    var set = Data()
    func element(_ group: UInt16, _ number: UInt16, _ representation: String, _ value: Data) {
      var padded = value
      if padded.count % 2 == 1 { padded.append(representation == "UI" ? 0 : 0x20) }
      set.append(little(group) + little(number) + Data(representation.utf8))
      if ["OB", "OW", "SQ", "UN", "UT"].contains(representation) {
        set.append(Data([0, 0]) + little(UInt32(padded.count)) + padded)
      } else {
        set.append(little(UInt16(padded.count)) + padded)
      }
    }
    func text(_ group: UInt16, _ number: UInt16, _ representation: String, _ value: String) {
      element(group, number, representation, Data(value.utf8))
    }
    let uid = "1.2.826.0.1.3680043.9.7777.31337"
    let taken = seed % 2 == 0 ? "112233.445566" : "112234.445566"
    text(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.1")
    text(0x0008, 0x0018, "UI", "\(uid).\(seed)")
    text(0x0008, 0x0020, "DA", "19371103")
    text(0x0008, 0x0022, "DA", "19371103")
    text(0x0008, 0x002a, "DT", "19371103\(taken)")
    text(0x0008, 0x0032, "TM", taken)
    text(0x0008, 0x0050, "SH", "ACC5550192")
    text(0x0008, 0x0060, "CS", "CR")
    text(0x0008, 0x0080, "LO", "Hospital Umbrafels")
    text(0x0008, 0x0081, "ST", "Vexelstrasse 77")
    text(0x0008, 0x0090, "PN", "Quibblesworth^Dr")
    text(0x0008, 0x1010, "SH", "SCANNER-ROOM-9931")
    text(0x0008, 0x1030, "LO", "remark of the planted kind")
    text(0x0009, 0x0010, "LO", "PRIVATE-MARK-4471")
    text(0x0009, 0x1001, "LO", "PRIVATE-MARK-4471 ZQXWERTY")
    text(0x0010, 0x0010, "PN", "ZQXWERTY^PLANTEDNAME")
    text(0x0010, 0x0020, "LO", "PID-83746501")
    text(0x0010, 0x0030, "DA", "19371103")
    text(0x0010, 0x1040, "LO", "Vexelstrasse 77")
    text(0x0010, 0x4000, "LT", "remark of the planted kind")
    text(0x0018, 0x0015, "CS", "CHEST")
    text(0x0020, 0x000d, "UI", "\(uid).1")
    text(0x0020, 0x000e, "UI", "\(uid).2")
    // Slices two by two at one place: only the times of acquisition tell them apart.
    text(0x0020, 0x0032, "DS", "0\\0\\\(seed / 2)")
    text(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0")
    text(0x0020, 0x4000, "LT", "remark of the planted kind")
    element(0x0028, 0x0002, "US", little(UInt16(1)))
    text(0x0028, 0x0004, "CS", "MONOCHROME2")
    element(0x0028, 0x0010, "US", little(UInt16(40)))
    element(0x0028, 0x0011, "US", little(UInt16(48)))
    element(0x0028, 0x0100, "US", little(UInt16(8)))
    element(0x0028, 0x0101, "US", little(UInt16(8)))
    element(0x0028, 0x0102, "US", little(UInt16(7)))
    element(0x0028, 0x0103, "US", little(UInt16(0)))
    // A sequence of one item that names the patient once more.
    let name = Data("ZQXWERTY^PLANTEDNAME".utf8)
    let inner = little(UInt16(0x0010)) + little(UInt16(0x0010)) + Data("PN".utf8) + little(UInt16(name.count)) + name
    element(
      0x0040, 0x0275, "SQ", little(UInt16(0xfffe)) + little(UInt16(0xe000)) + little(UInt32(inner.count)) + inner)
    let pixels = (0..<40 * 48).map { shade($0 % 48, $0 / 48, seed) }
    element(0x7fe0, 0x0010, "OW", Data(pixels))
    var meta = Data()
    let syntax = Data("1.2.840.10008.1.2.1\0".utf8)
    meta.append(little(UInt16(2)) + little(UInt16(0x10)) + Data("UI".utf8) + little(UInt16(syntax.count)) + syntax)
    let length =
      little(UInt16(2)) + little(UInt16(0)) + Data("UL".utf8) + little(UInt16(4)) + little(UInt32(meta.count))
    // The 128 free bytes name the patient too.
    var preamble = Data("ZQXWERTY PLANTEDNAME".utf8)
    preamble.append(Data(count: 128 - preamble.count))
    return preamble + Data("DICM".utf8) + length + meta + set
  }

  private static func png(_ seed: Int) throws -> Data {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "planted-\(UUID().uuidString).png")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let pixels = (0..<40 * 40 * 3).map { shade($0 % 120, $0 / 120, seed + 20) }
    try RasterWriter.write(pixels, width: 40, height: 40, as: .png, to: scratch)
    var data = try Data(contentsOf: scratch)
    let body = Data("tEXtAuthor\0ZQXWERTY text chunk 60601".utf8)
    data.insert(contentsOf: big(UInt32(body.count - 4)) + body + big(checksum(body)), at: 33)
    return data
  }

  private static func jpeg(_ seed: Int) throws -> Data {
    let pixels = (0..<40 * 40).map { Float(shade($0 % 40, $0 / 40, seed + 40)) / 255 }
    var data = try JPEGEncoder().encode(pixels, channels: 1, height: 40, width: 40)
    let comment = Data("PLANTEDNAME comment segment 70702".utf8)
    data.insert(contentsOf: Data([0xff, 0xfe]) + big(UInt16(comment.count + 2)) + comment, at: 2)
    return data
  }

  /// One strip of 32 × 32 bytes, with a description and an artist.
  private static func tiff() -> Data {
    let words = Data("artist of the 80803rd\0".utf8)
    let pixels = Data((0..<1024).map { shade($0 % 32, $0 / 32, 60) })
    let entries: [(tag: UInt16, type: UInt16, count: UInt32, value: UInt32)] = [
      (256, 4, 1, 32), (257, 4, 1, 32), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
      (270, 2, UInt32(words.count), 8 + 1024), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 32), (279, 4, 1, 1024),
      (315, 2, UInt32(words.count), 8 + 1024),
    ]
    var data = Data("II".utf8) + little(UInt16(42)) + little(UInt32(8 + 1024 + words.count)) + pixels + words
    data.append(little(UInt16(entries.count)))
    for entry in entries {
      data.append(little(entry.tag) + little(entry.type) + little(entry.count) + little(entry.value))
    }
    return data + little(UInt32(0))
  }

  /// NIfTI-1 of 16 × 16 × 2 bytes with words in its free text.
  private static func nifti() -> Data {
    var header = Data(count: 352)
    func put(_ value: Data, at offset: Int) { header.replaceSubrange(offset..<offset + value.count, with: value) }
    put(little(UInt32(348)), at: 0)
    put(Data("ZQXWERTY\0".utf8), at: 14)
    for (i, extent) in [3, 16, 16, 2, 1, 1, 1, 1].enumerated() { put(little(UInt16(extent)), at: 40 + 2 * i) }
    put(little(UInt16(2)), at: 70)
    put(little(UInt16(8)), at: 72)
    for i in 0..<8 { put(little(Float(1).bitPattern), at: 76 + 4 * i) }
    put(little(Float(352).bitPattern), at: 108)
    put(Data("nifti words 90904 PLANTEDNAME".utf8), at: 148)
    put(Data("n+1\0".utf8), at: 344)
    return header + Data((0..<512).map { shade($0 % 16, $0 / 16, 80) })
  }

  private static func little<Number: FixedWidthInteger>(_ value: Number) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }

  private static func big<Number: FixedWidthInteger>(_ value: Number) -> Data {
    withUnsafeBytes(of: value.bigEndian) { Data($0) }
  }

  /// CRC-32 as PNG wants it.
  private static func checksum(_ data: Data) -> UInt32 {
    var state = UInt32.max
    for byte in data {
      state ^= UInt32(byte)
      for _ in 0..<8 {
        let shifted = state >> 1
        state = state & 1 == 1 ? shifted ^ 0xedb8_8320 : shifted
      }
    }
    return ~state
  }
}
