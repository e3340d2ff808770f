import Foundation
import Imaging
import Records
import Tensors
import TestSupport
import Testing

/// Every name in a folder ends in the manifest, in the ledger with its reason, or among what was passed over.
struct LedgerTests {
  private func run(_ folder: URL, hides: Bool = false) throws -> (Taken, IngestedPictures) {
    var settings = IngestSettings(size: 8)
    settings.hidesPaths = hides
    let ingest = Ingest(
      settings, decoder: try Samples.pool(children: 2, seconds: 20), hasher: IdentifierHasher(key: Data("test".utf8)))
    let pictures = try ingest(
      InputListing([folder], exclude: ["*.skip"]) { _, _ in }, spill: FileManager.default.temporaryDirectory,
      on: WorkerPool(threads: 2))
    return (try Taken(pictures), pictures)
  }

  private func build(_ folder: URL) throws {
    let film = try Data(contentsOf: URL(filePath: Samples.file("window_linear.dcm")))
    let bomb = Data("P5\n100000 100000\n255\n".utf8) + Data(count: 100)
    // Media Storage Directory Storage, as the index of a CD has it.
    let index =
      Data(count: 128) + Data("DICM".utf8) + Data([2, 0, 2, 0]) + Data("UI".utf8) + Data([20, 0])
      + Data("1.2.840.10008.1.3.10".utf8)
    for (name, content) in [
      ("good.pgm", Samples.pgm(9, 7) { x, y in UInt8(x * y) }), ("film", film), ("empty", Data()), (".hidden", film),
      ("sub/cut", film.prefix(film.count - 40)), ("sub/text.txt", Data("no picture".utf8)), ("sub/DICOMDIR", index),
      ("bomb.pgm", bomb), ("abort", film), ("left.skip", film),
    ] {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try content.write(to: file)
    }
    try FileManager.default.copyItem(
      atPath: Samples.file("archive_plain.zip"), toPath: folder.appending(path: "study.zip").path)
    mkfifo(folder.appending(path: "pipe").path, 0o644)
    for (name, target) in [("loop", "."), ("alias", "good.pgm"), ("gone", "nowhere")] {
      try FileManager.default.createSymbolicLink(atPath: folder.appending(path: name).path, withDestinationPath: target)
    }
  }

  @Test func everythingIsAccountedFor() throws {
    try withTemporaryFolder { folder in
      try build(folder)
      let (taken, pictures) = try run(folder)
      #expect(
        taken.records.map(\.path) == ["film", "good.pgm", "study.zip!/a.pgm", "study.zip!/c/d.ppm", "study.zip!/b.pgm"])
      let codes: [(String, Rejection.Code)] = [
        ("abort", .decoderCrashed), ("bomb.pgm", .tooLarge), ("empty", .emptyFile), ("gone", .missingFile),
        ("left.skip", .filteredOut), ("pipe", .notAFile), ("sub/DICOMDIR", .indexFile), ("sub/cut", .truncated),
        ("sub/text.txt", .unknownFormat),
      ]
      #expect(taken.rejections.map(\.path) == codes.map(\.0))
      #expect(taken.rejections.map(\.code) == codes.map(\.1))
      #expect(pictures.hidden == 1 && pictures.passedOverLinks == 2)
      // 5 − 2 names of the archive's entries stand for one file.
      let names = FileManager.default.enumerator(atPath: folder.path)!.compactMap { $0 as? String }
      #expect(names.count == taken.records.count - 2 + taken.rejections.count + 1 + 2 + 1, "and one folder")
    }
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read every file"))
  func aFileThatMayNotBeReadIsARow() throws {
    try withTemporaryFolder { folder in
      try Samples.pgm(3, 3) { _, _ in 7 }.write(to: folder.appending(path: "shut.pgm"))
      chmod(folder.appending(path: "shut.pgm").path, 0)
      #expect(try run(folder).0.rejections.map(\.code) == [.permissionDenied])
    }
  }

  @Test func hiddenPathsStandNowhereButInTheCrosswalk() throws {
    try withTemporaryFolder { folder in
      try build(folder)
      let (open, _) = try run(folder)
      let (hidden, pictures) = try run(folder, hides: true)
      #expect(hidden.records.map(\.path) == hidden.records.map(\.id.rawValue))
      #expect(hidden.records.map(\.id) == open.records.map(\.id) && hidden.pixels == open.pixels)
      #expect(hidden.rejections.allSatisfy { $0.path.count == 16 } && hidden.rejections.count == open.rejections.count)
      var crosswalk: [String: String] = [:]
      try pictures.forEachPath { crosswalk[$0] = $1 }
      #expect(hidden.records.map { crosswalk[$0.path] } == open.records.map(\.path))
      #expect(hidden.rejections.compactMap { crosswalk[$0.path] }.sorted() == open.rejections.map(\.path).sorted())
      let order = hidden.rejections.map(\.path)
      #expect(order == order.sorted())
    }
  }

  @Test func identifiersStayWhereTheUserSaysSo() {
    let hasher = IdentifierHasher(key: Data("test".utf8), keepsIdentifiers: true)
    #expect(hasher(.patient, " P-17 ") == "P-17")
    #expect(hasher(.path, "a/b").count == 16)
  }
}
