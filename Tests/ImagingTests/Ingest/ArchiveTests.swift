import Foundation
import Imaging
import Records
import Tensors
import TestSupport
import Testing

/// Zip, tar and 7z files as inputs.
struct ArchiveTests {
  private func run(_ names: [String], threads: Int = 2) throws -> Taken {
    try withTemporaryFolder { folder in
      for name in names {
        try FileManager.default.copyItem(
          atPath: Samples.file("archive_\(name)"), toPath: folder.appending(path: name).path)
      }
      let spill = folder.appending(path: ".spill")
      try FileManager.default.createDirectory(at: spill, withIntermediateDirectories: true)
      let ingest = Ingest(
        IngestSettings(size: 8), decoder: DirectDecoder(), hasher: IdentifierHasher(key: Data("test".utf8)))
      let taken = try Taken(
        ingest(InputListing([folder]) { _, _ in }, spill: spill, on: WorkerPool(threads: threads)))
      #expect(try FileManager.default.contentsOfDirectory(atPath: spill.path) == [], "nothing stays in the spool")
      return taken
    }
  }

  @Test(arguments: ["plain.zip", "plain.tar", "plain.tar.gz", "plain.tar.bz2", "plain.tar.xz", "plain.7z"])
  func entriesAreFilesInTheArchivesOrder(_ name: String) throws {
    let taken = try run([name])
    #expect(taken.records.map(\.path) == ["\(name)!/a.pgm", "\(name)!/c/d.ppm", "\(name)!/b.pgm"])
    #expect(taken.records.map(\.samples) == [1, 3, 1] && taken.rejections == [])
    // The id is that of the bytes, in whatever they are packed.
    #expect(taken.records.map(\.id) == (try run(["plain.tar"])).records.map(\.id))
  }

  @Test func theSameAtAnyThreadCount() throws {
    let names = ["plain.zip", "odd.zip", "links.tar", "cut.tar.gz", "plain.tar", "not_tar.gz"]
    let one = try run(names, threads: 1)
    #expect(one.records.map(\.path).filter { $0.hasPrefix("plain.zip") }.count == 3)
    for threads in 2...3 {
      let more = try run(names, threads: threads)
      #expect(more.records == one.records && more.rejections == one.rejections && more.pixels == one.pixels)
    }
    // Copies across archives are told apart in the order of the listing.
    let copies = one.records.filter { $0.path.hasSuffix("a.pgm") }.map(\.id.rawValue)
    #expect(copies.count == 2 && copies[1].hasPrefix(copies[0].prefix(16)) && copies[0] != copies[1])
  }

  @Test func whatIsOddIsRefusedWithItsReason() throws {
    let taken = try run(["odd.zip", "links.tar", "cut.tar", "cut.tar.gz", "not_tar.gz"])
    #expect(
      taken.records.map(\.path).sorted() == [
        "cut.tar!/first.pgm", "links.tar!/real.pgm", "odd.zip!/../../up.pgm", "odd.zip!/etc/root.pgm",
        "odd.zip!/good.pgm",
      ])
    let codes = Dictionary(uniqueKeysWithValues: taken.rejections.map { ($0.path, $0.code) })
    let expected: [String: Rejection.Code] = [
      "odd.zip!/secret.pgm": .encrypted, "odd.zip!/inner.zip": .nestedArchive, "odd.zip!/empty": .emptyFile,
      "odd.zip!/notes.txt": .unknownFormat, "links.tar!/soft": .notAFile, "links.tar!/hard": .notAFile,
      "links.tar!/pipe": .notAFile, "links.tar!/device": .notAFile, "cut.tar!/second.pgm": .truncated,
      "cut.tar": .truncated,
      "cut.tar.gz": .truncated, "not_tar.gz": .unknownFormat,
    ]
    for (path, code) in expected { #expect(codes[path] == code, "\(path): \(String(describing: codes[path]))") }
    #expect(Set(codes.keys).isSubset(of: expected.keys), "\(codes.keys.sorted())")
  }

  @Test func aBombEndsItsArchiveAndNothingElse() throws {
    let taken = try run(["bomb.tar.bz2", "plain.zip"])
    #expect(taken.records.map(\.path).first == "bomb.tar.bz2!/first.pgm" && taken.records.count == 4)
    #expect(taken.rejections.map(\.path) == ["bomb.tar.bz2", "bomb.tar.bz2!/bomb.pgm"])
    #expect(taken.rejections.allSatisfy { $0.code == .tooLarge })
  }
}
