import Foundation
import Imaging
import Records
import Synchronization
import Tensors
import TestSupport
import Testing

/// Files of thousands of pictures: shared by all threads, in order, and in bounded memory.
struct ManyPicturesTests {
  /// A decoder of files that hold a number: so many pictures, of which every seventh fails. A file that holds `wait` holds one picture, and
  /// its decoder waits until no other thread decodes any more.
  private final class Pages: ImageDecoder {
    let decoded = Mutex(0)

    func read(_ request: ReadRequest, _ receive: (ReadItem) -> Void) throws(DecodeFailure) -> FileSummary {
      let text = (try? String(contentsOfFile: request.path, encoding: .utf8)) ?? ""
      if text == "wait" { waitForTheOthers() }
      if text == "broken" { throw DecodeFailure(.corrupt, "planted") }
      let count = text == "wait" ? 1 : Int(text) ?? 0
      let size = request.options.preprocessing!.size
      var facts = ImageFacts(kind: .tiff, width: size, height: size, frames: count, bits: 8, samples: 1)
      for index in (request.items ?? 0..<count).clamped(to: 0..<count) {
        facts.item = count == 1 ? "" : "\(index)"
        facts.renderedDigest = "\(index % 1000)"
        facts.scores = ["number": Double(index)]
        let pixels = [Float](repeating: Float(index % 256) / 255, count: size * size)
        let image = DecodedImage(pixels: pixels, channels: 1, height: size, width: size, facts: facts)
        decoded.withLock { $0 += 1 }
        receive(
          ReadItem(
            index: index, outcome: index % 7 == 3 ? .failure(DecodeFailure(.corrupt, "planted")) : .success(image)))
      }
      if request.items?.contains(960) == true { throw DecodeFailure(.decoderCrashed, "planted") }
      return FileSummary(facts: facts, count: count, fileDigest: String(repeating: "\(count)", count: 32))
    }

    private func waitForTheOthers() {
      var last = -1
      while true {
        let now = decoded.withLock { $0 }
        if now == last { return }
        last = now
        usleep(400_000)
      }
    }
  }

  private func run(
    _ files: [(name: String, content: String)], _ decoder: any ImageDecoder, threads: Int, size: Int = 4
  ) throws -> Taken {
    try withTemporaryFolder { folder in
      for (name, content) in files { try Data(content.utf8).write(to: folder.appending(path: name)) }
      let ingest = Ingest(
        IngestSettings(size: size), decoder: decoder, hasher: IdentifierHasher(key: Data("test".utf8)))
      return try Taken(
        ingest(
          InputListing([folder]) { _, _ in }, spill: FileManager.default.temporaryDirectory,
          on: WorkerPool(threads: threads)))
    }
  }

  @Test func everyPictureIsARowInOrderAtAnyThreadCount() throws {
    let files = [("a", "1"), ("b", "2000"), ("c", "broken"), ("d", "33"), ("e", "2000"), ("f", "0"), ("g", "32")]
    let one = try run(files, Pages(), threads: 1)
    var expected: [String] = []
    for (name, text) in files {
      let count = Int(text) ?? 0
      // Pictures 960 to 991 of a file go down with their unit.
      for index in 0..<count where index % 7 != 3 && !(960..<992).contains(index) {
        expected.append(count == 1 ? name : "\(name)#\(index)")
      }
    }
    let digits = ["a": "1", "b": "2000", "d": "33", "e": "2000", "g": "32"]
    let shown = one.records.map { record in
      let item = record.id.rawValue.split(separator: "#").dropFirst().first.map { "#\($0)" } ?? ""
      return record.path + item
    }
    #expect(shown == expected)
    for record in one.records {
      let base = String(repeating: digits[record.path]!, count: 32).prefix(16) + (record.path == "e" ? "-2" : "")
      #expect(record.id.rawValue.split(separator: "#")[0] == base)
    }
    #expect(one.records.filter { $0.path == "e" }.allSatisfy { $0.duplicateOf != nil })
    #expect(one.records.first { $0.path == "d" }?.duplicateOf == one.records[0].id)
    #expect(one.records.count + one.rejections.count == 1 + 2000 + 1 + 33 + 2000 + 1 + 32)
    #expect(
      one.rejections.map(\.path) == one.rejections.map(\.path).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    #expect(one.rejections.contains { $0.path == "b#970" && $0.code == .decoderCrashed })
    #expect(one.rejections.contains { $0.path == "d#10" && $0.code == .corrupt })
    #expect(one.rejections.contains { $0.path == "f" && $0.code == .noPixels })
    for threads in 2...3 {
      let more = try run(files, Pages(), threads: threads)
      #expect(more.records == one.records && more.rejections == one.rejections && more.pixels == one.pixels)
    }
  }

  /// The first file is slow: the threads that go ahead stop when they have done what may wait, here 96 MiB of pictures and their own units.
  @Test func whoIsTooFarAheadWaits() throws {
    let pages = Pages()
    let held = (96 << 20) / (3 * 128 * 128)
    let most = Mutex(0)
    struct Watch: ImageDecoder {
      let pages: Pages
      let note: @Sendable (Int) -> Void
      func read(_ request: ReadRequest, _ receive: (ReadItem) -> Void) throws(DecodeFailure) -> FileSummary {
        let summary = try pages.read(request, receive)
        if summary.count == 1 { note(pages.decoded.withLock { $0 }) }
        return summary
      }
    }
    let taken = try run(
      [("a", "wait"), ("b", "900"), ("c", "900"), ("d", "900"), ("e", "900")],
      Watch(pages: pages) { count in most.withLock { $0 = count } }, threads: 3, size: 128)
    #expect(most.withLock { $0 } <= held + 4 * 32, "\(most.withLock { $0 }) pictures while one was waited for")
    #expect(most.withLock { $0 } >= held - 4 * 32)
    #expect(taken.records.first?.path == "a" && taken.records.count + taken.rejections.count == 3601)
  }

  @Test func aPictureThatKillsItsDecoderIsLostAlone() throws {
    let taken = try run([("pages", "x"), ("pages_die", "y")], try Samples.pool(children: 2), threads: 2)
    #expect(taken.records.filter { $0.path == "pages" }.count == 39)
    #expect(taken.records.filter { $0.path == "pages_die" }.count == 38)
    #expect(taken.rejections.map(\.path) == ["pages#7", "pages_die#5", "pages_die#7"])
    #expect(taken.rejections.map(\.code) == [.corrupt, .decoderCrashed, .corrupt])
    #expect(taken.records.allSatisfy { $0.id.rawValue.split(separator: "#")[0].count == 16 })
  }

  @Test func seriesAreHandedOnOneAfterTheOther() throws {
    try withTemporaryFolder { folder in
      for (name, sample) in [("3", "window_linear.dcm"), ("1", "window_linear.dcm"), ("2", "raster_grey.png")] {
        try FileManager.default.copyItem(atPath: Samples.file(sample), toPath: folder.appending(path: name).path)
      }
      let ingest = Ingest(
        IngestSettings(size: 4), decoder: DirectDecoder(), hasher: IdentifierHasher(key: Data("test".utf8)))
      let taken = try ingest(
        InputListing([folder]) { _, _ in }, spill: FileManager.default.temporaryDirectory, on: WorkerPool(threads: 1))
      var rows: [Int] = []
      try taken.forEachPictureBySeries { row, _ in rows.append(row) }
      #expect(rows == [1, 0, 2] || rows == [0, 2, 1], "the two of one series together, whichever hash is the less")
    }
  }
}
