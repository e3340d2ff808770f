import Foundation
import Imaging
import Records
import Stages
import Storage
import TestSupport
import Testing

/// Planted archives of a few records, every way to name images of them, and every refusal.
struct HeldOutImagesTests {
  private static let hasher = IdentifierHasher(key: Data("a key".utf8))

  /// `id patient` of each image; a patient of `-` is none.
  private func archive(
    _ rows: [String], hasher: IdentifierHasher = HeldOutImagesTests.hasher, refused: [String] = [],
    _ change: (inout ImageRecord, Int) -> Void = { _, _ in }
  ) -> NamedImages {
    let records = rows.enumerated().map { row, text in
      let words = text.split(separator: " ").map(String.init)
      var record = ImageRecord(
        id: ImageID(words[0]), path: "\(row % 2 == 0 ? "a" : "b")/image\(row).png", kind: "png", width: 8, height: 8,
        frames: 1, bits: 8, samples: 1, pixelDigest: "pixels \(row)")
      record.patient = words[1] == "-" ? "" : hasher(.patient, words[1])
      change(&record, row)
      return record
    }
    return NamedImages(records, paths: records.map(\.path), refusedPaths: refused, hasher: hasher)
  }

  private static let plain = ["i0 Ada", "i1 Ada", "i2 Ben", "i3 Cal", "i4 Cal", "i5 Dot"]

  private func table(_ subject: SplitTable.Subject, _ heldOut: [String], _ trained: [String] = []) -> SplitTable {
    let rows = heldOut.map { ($0, true) } + trained.map { ($0, false) }
    return SplitTable(
      subject: subject,
      rows: rows.enumerated().map { .init(line: $0 + 2, name: $1.0, isHeldOut: $1.1) })
  }

  private func kept(_ names: HeldOutNames, _ archive: NamedImages) throws -> [Int] {
    let result = try HeldOutImages(names, in: archive)
    #expect((result.kept + result.images.map(\.row)).sorted() == Array(archive.records.indices))
    return result.kept
  }

  @Test func everyWayOfNamingFindsTheSame() throws {
    let archive = archive(Self.plain)
    let (ada, ben) = (Self.hasher(.patient, "Ada"), Self.hasher(.patient, "Ben"))
    let ways: [HeldOutNames] = [
      HeldOutNames(ids: ["i2", "i0", "i1"]), HeldOutNames(patients: [ada, ben]),
      HeldOutNames(ids: ["i2"], patients: [ada]),
      HeldOutNames(table: table(.id, ["i0", "i1", "i2"], ["i3", "unknown"])),
      HeldOutNames(table: table(.patient, ["Ada", " Ben "], ["Cal", "Unknown"])),
      HeldOutNames(table: table(.patient, [ada, "Ben"])),
      HeldOutNames(table: table(.path, ["a/image0.png", "./b/image1.png", "root/a/image2.png"], ["b/image3.png"])),
      HeldOutNames(table: table(.path, ["image0.png", "image1.png", "image2.png"])),
    ]
    for names in ways {
      let result = try HeldOutImages(names, in: archive)
      #expect(result.kept == [3, 4, 5] && result.images.map(\.row) == [0, 1, 2], "\(names)")
      #expect(result.patients == 2 && result.unmatched == 0)
    }
    #expect(
      try HeldOutImages(ways[2], in: archive).images.map(\.reason) == [.patient, .patient, .id])
  }

  /// An id of a file stands for all its pictures, a path for all pictures at it.
  @Test func aFileOfSeveralPicturesIsNamedOnce() throws {
    let archive = archive(["f#0 Ada", "f#1 Ada", "g#0 Ben", "g#1 Ben"]) { record, row in
      record.path = row < 2 ? "x/one.dcm" : "x/two.dcm"
    }
    #expect(try kept(HeldOutNames(ids: ["f"]), archive) == [2, 3])
    #expect(try kept(HeldOutNames(ids: ["f#0", "f#1"]), archive) == [2, 3])
    #expect(try kept(HeldOutNames(table: table(.path, ["one.dcm"])), archive) == [2, 3])
  }

  @Test func identifiersThatAreKeptAreFoundAsWritten() throws {
    let hasher = IdentifierHasher(key: Data("a key".utf8), keepsIdentifiers: true)
    let archive = archive(Self.plain, hasher: hasher)
    #expect(try kept(HeldOutNames(patients: ["Ada", "Ben"]), archive) == [3, 4, 5])
    #expect(try kept(HeldOutNames(table: table(.patient, ["Ada", "Ben"])), archive) == [3, 4, 5])
    // What a message says is no name, nor one near it.
    let error = #expect(throws: HeldOutError.self) { try kept(HeldOutNames(patients: ["Adam"]), archive) }
    #expect(error == .unknownPatient(nil, nearest: nil, count: 1))
  }

  @Test func filesThatWereRefusedAreOutAlready() throws {
    let archive = archive(Self.plain, refused: ["a/broken.png"])
    #expect(try kept(HeldOutNames(table: table(.path, ["a/broken.png", "b/image5.png"])), archive) == [0, 1, 2, 3, 4])
  }

  @Test func whatNothingBearsIsToldWithTheNearest() throws {
    let archive = archive(["3f9ac2 Ada", "77d012 Ben", "b0b0b0 Cal"])
    let ben = Self.hasher(.patient, "Ben")
    let typo = (ben.hasPrefix("0") ? "1" : "0") + ben.dropFirst()
    let cases: [(HeldOutNames, HeldOutError)] = [
      (HeldOutNames(ids: ["3f9ac3", "z"]), .unknownID("3f9ac3", nearest: "3f9ac2", count: 2)),
      (HeldOutNames(ids: ["zzzzzz"]), .unknownID("zzzzzz", nearest: nil, count: 1)),
      (HeldOutNames(patients: [typo]), .unknownPatient(typo, nearest: ben, count: 1)),
      (HeldOutNames(patients: ["Ben"]), .unknownPatient(nil, nearest: nil, count: 1)),
      (
        HeldOutNames(table: table(.id, ["77d012", "77d013"])), .unknownRows(.id, lines: [3], nearest: "77d012")
      ),
      (HeldOutNames(table: table(.patient, ["Bem", "Ada"])), .unknownRows(.patient, lines: [2], nearest: nil)),
      (HeldOutNames(table: table(.path, ["q.png"])), .unknownRows(.path, lines: [2], nearest: nil)),
    ]
    for (names, expected) in cases {
      #expect(throws: expected) { try kept(names, archive) }
      #expect(!"\(expected)".contains("Be") && !"\(expected)".contains("q.png"))
    }
    // A split of a larger data set: passed over when asked to, but not when nothing is left of it.
    let larger = HeldOutNames(table: table(.patient, ["Ada", "Eve", "Fay"]), passesOverUnmatched: true)
    let result = try HeldOutImages(larger, in: archive)
    #expect(result.kept == [1, 2] && result.unmatched == 2)
    #expect(throws: HeldOutError.nothing) {
      try kept(HeldOutNames(table: table(.patient, ["Eve"]), passesOverUnmatched: true), archive)
    }
  }

  @Test func namesOnBothSidesOfATableAreRefused() {
    let archive = archive(Self.plain)
    let ada = Self.hasher(.patient, "Ada")
    for (subject, one, other) in [
      (SplitTable.Subject.patient, "Ada", "Ada"), (.patient, "Ada", ada), (.path, "./a/image0.png", "a\\image0.png"),
      (.id, "i0", "i0"),
    ] {
      #expect(throws: HeldOutError.onBothSides(subject, lines: [2, 3])) {
        try kept(HeldOutNames(table: table(subject, [one], [other])), archive)
      }
    }
  }

  @Test func pathsOfWhichSeveralImagesMayBeMeantAreRefused() {
    let archive = archive(Self.plain) { record, row in record.path = row < 2 ? "\(row)/same.png" : record.path }
    #expect(throws: HeldOutError.ambiguousPaths(lines: [2])) {
      try kept(HeldOutNames(table: table(.path, ["same.png"])), archive)
    }
  }

  @Test func aPatientOnBothSidesIsRefused() throws {
    let archive = archive(Self.plain)
    #expect(throws: HeldOutError.divided(.patient, count: 2, heldOut: 2, kept: 2)) {
      try kept(HeldOutNames(ids: ["i0", "i3", "i5"]), archive)
    }
    #expect(throws: HeldOutError.divided(.patient, count: 1, heldOut: 1, kept: 1)) {
      try kept(HeldOutNames(table: table(.path, ["a/image0.png"])), archive)
    }
  }

  @Test func imagesWithoutAPatientAreRefusedOrSettled() throws {
    let archive = archive(["i0 Ada", "i1 -", "i2 Ben", "i3 -", "i4 Cal"])
    for names in [HeldOutNames(ids: ["i0"]), HeldOutNames(table: table(.patient, ["Ada"]))] {
      #expect(throws: HeldOutError.missingPatient(images: 2, of: 5)) { try kept(names, archive) }
    }
    var names = HeldOutNames(ids: ["i0"], missingPatient: .exclude)
    let result = try HeldOutImages(names, in: archive)
    #expect(result.kept == [2, 4] && result.images.map(\.reason) == [.id, .noPatient, .noPatient])
    #expect(result.patients == 1)
    names.missingPatient = .keep
    #expect(try kept(names, archive) == [1, 2, 3, 4])
    names.ids = ["i1"]
    #expect(try kept(names, archive) == [0, 2, 3, 4])
  }

  /// Where patients are unknown, study, series and file still tie images together; an array of pictures ties nothing.
  @Test func studySeriesAndFileMayNotBeOnBothSidesEither() throws {
    let names = HeldOutNames(ids: ["f#0"], missingPatient: .keep)
    let rows = ["f#0 -", "f#1 -", "g -", "h -"]
    #expect(throws: HeldOutError.divided(.file, count: 1, heldOut: 1, kept: 1)) { try kept(names, archive(rows)) }
    #expect(throws: HeldOutError.divided(.study, count: 1, heldOut: 1, kept: 2)) {
      try kept(names, archive(rows) { record, row in record.study = row == 1 ? "" : "s" })
    }
    #expect(throws: HeldOutError.divided(.series, count: 1, heldOut: 1, kept: 1)) {
      try kept(names, archive(rows) { record, row in record.series = row % 3 == 0 ? "s" : "t\(row)" })
    }
    #expect(try kept(names, archive(rows) { record, _ in record.kind = "npz" }) == [1, 2, 3])
  }

  @Test func theSamePixelsUnderAnotherNameAreRefused() throws {
    let ada = HeldOutNames(table: table(.patient, ["Ada"]))
    func twins(_ change: @escaping (inout ImageRecord) -> Void) -> NamedImages {
      archive(Self.plain) { record, row in if row == 1 || row == 4 { change(&record) } }
    }
    let refusal = HeldOutError.samePixels(images: 1, first: ImageID("i1"), twin: ImageID("i4"))
    #expect(throws: refusal) { try kept(ada, twins { $0.pixelDigest = "same" }) }
    // The same look from other samples: both are copies of a third, or one is the other's.
    #expect(throws: refusal) {
      try kept(ada, archive(Self.plain) { record, row in if row == 4 { record.duplicateOf = ImageID("i1") } })
    }
    #expect(throws: HeldOutError.samePixels(images: 1, first: ImageID("i5"), twin: ImageID("i1"))) {
      try kept(
        HeldOutNames(ids: ["i5", "i0"], missingPatient: .keep),
        archive(["i0 -", "i1 -", "i2 -", "i3 -", "i4 -", "i5 -"]) { record, row in
          if row == 4 || row == 5 { record.duplicateOf = ImageID("i1") }
        })
    }
    // Copies on one side, and pictures that are equal because they show nothing.
    #expect(
      try kept(ada, archive(Self.plain) { record, row in if row < 2 { record.pixelDigest = "same" } }) == [2, 3, 4, 5])
    #expect(
      try kept(
        ada,
        twins {
          $0.pixelDigest = "same"
          $0.flags = ["blank"]
        }) == [2, 3, 4, 5])
  }

  @Test func withoutDigestsOrWithTooFewLeftItIsRefused() {
    let ada = HeldOutNames(table: table(.patient, ["Ada"]))
    #expect(throws: HeldOutError.noDigests(images: 2)) {
      try kept(ada, archive(Self.plain) { record, row in if row > 3 { record.pixelDigest = "" } })
    }
    #expect(throws: HeldOutError.tooFewLeft(1)) { try kept(ada, archive(["i0 Ada", "i1 Ben"])) }
  }

  @Test func theFileListsWhatWasHeldOut() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "excluded.csv")
      let result = try HeldOutImages(
        HeldOutNames(ids: ["i5"], patients: [Self.hasher(.patient, "Ada")]), in: archive(Self.plain))
      try result.write(to: url)
      #expect(try String(contentsOf: url, encoding: .utf8) == "id,reason\ni0,patient\ni1,patient\ni5,id\n")
      #expect(try HeldOutImages.count(in: url) == 3)
    }
  }
}
