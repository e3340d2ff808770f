import Foundation
import Imaging
import Records
import Synchronization
import Tensors
import TestSupport
import Testing

struct IngestTests {
  private let hasher = IdentifierHasher(key: Data("a key for tests".utf8))

  private func archive(_ folder: URL) throws {
    try Samples.pgm(20, 12) { x, y in UInt8(x * 9 + y) }.write(to: folder.appending(path: "b.pgm"))
    try Samples.pgm(20, 12) { x, y in UInt8(x * 9 + y) }.write(to: folder.appending(path: "a.pgm"))
    try Samples.ppm(20, 12) { x, y, _ in UInt8(x * 9 + y) }.write(to: folder.appending(path: "c.ppm"))
    try Samples.ppm(8, 8) { x, y, channel in UInt8(x * 9 + y + 30 * channel) }.write(
      to: folder.appending(path: "d.ppm"))
    try Data().write(to: folder.appending(path: "empty"))
    try Data("no picture at all".utf8).write(to: folder.appending(path: "notes.txt"))
    let film = try Data(contentsOf: URL(filePath: Samples.file("window_linear.dcm")))
    try film.write(to: folder.appending(path: "film"))
    try film.prefix(film.count - 40).write(to: folder.appending(path: "film_cut"))
  }

  private func run(
    _ folder: URL, settings: IngestSettings = IngestSettings(size: 8), threads: Int = 1,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> Taken {
    let listing = try InputListing([folder]) { _, _ in }
    return try Taken(
      Ingest(settings, decoder: DirectDecoder(), hasher: hasher)(
        listing, spill: FileManager.default.temporaryDirectory, on: WorkerPool(threads: threads), progress: progress))
  }

  @Test func everyFileIsARecordOrARejection() throws {
    try withTemporaryFolder { folder in
      try archive(folder)
      let calls = Mutex<[Int]>([])
      let result = try run(folder) { done in calls.withLock { $0.append(done) } }
      #expect(result.records.map(\.path) == ["a.pgm", "b.pgm", "c.ppm", "d.ppm", "film"])
      #expect(result.rejections.map(\.path) == ["empty", "film_cut", "notes.txt"])
      #expect(result.rejections.map(\.code) == [.emptyFile, .truncated, .unknownFormat])
      #expect(calls.withLock { $0 } == Array(1...8))
      #expect(result.pixels.map(\.count) == Array(repeating: 3 * 64, count: 5))
    }
  }

  @Test func copiesAndEqualPicturesAreKnown() throws {
    try withTemporaryFolder { folder in
      try archive(folder)
      let records = try run(folder).records
      #expect(records[1].id == ImageID("\(records[0].id)-2"))
      #expect(records[0].id.rawValue.count == 16)
      #expect(records.map(\.duplicateOf) == [nil, records[0].id, records[0].id, nil, nil])
      #expect(records.map(\.samples) == [1, 1, 3, 3, 1])
      #expect(records[4].patient == hasher(.patient, "P-17") && records[4].patient != "P-17")
      #expect(records[4].modality == "CR" && records[4].kind == "dicom")
    }
  }

  @Test func theSameAtAnyThreadCountAndDepthRounds() throws {
    try withTemporaryFolder { folder in
      try archive(folder)
      for bits in [8, 16] {
        let settings = IngestSettings(size: 5, fit: .crop, bits: bits)
        let one = try run(folder, settings: settings)
        for threads in 2...3 {
          let more = try run(folder, settings: settings, threads: threads)
          #expect(more.records == one.records && more.rejections == one.rejections)
          #expect(more.pixels == one.pixels)
        }
        let image = try DirectDecoder().decode(folder.appending(path: "d.ppm").path, settings.preprocessing)
        let scale = Float(1 << bits - 1)
        #expect(zip(one.shades(3, bits: bits), image.pixels).allSatisfy { abs($0 - $1) <= 0.5001 / scale })
      }
    }
  }

  @Test func filtersKeepWhatIsAskedFor() throws {
    try withTemporaryFolder { folder in
      try archive(folder)
      let filter = try RecordFilter(["modality": ["cr", "DX"]])
      let result = try run(folder, settings: IngestSettings(size: 8, filter: filter))
      #expect(result.records.map(\.path) == ["film"])
      #expect(result.pixels.map(\.count) == [64])
      #expect(result.rejections.filter { $0.code == .filteredOut }.map(\.path) == ["a.pgm", "b.pgm", "c.ppm", "d.ppm"])
      #expect(throws: UnknownFilterField.self) { try RecordFilter(["modalty": ["CR"]]) }
    }
  }

  @Test func hashesAreThoseOfHMAC() {
    // python3 -c "import hmac; print(hmac.new(b'a key for tests', b'patient\0P-17', 'sha256').hexdigest()[:16])"
    #expect(hasher(.patient, " P-17 ") == "f3029b97bcc4c046")
    #expect(hasher(.site, "P-17") != hasher(.patient, "P-17"))
    #expect(hasher(.patient, "  ") == "")
  }
}
