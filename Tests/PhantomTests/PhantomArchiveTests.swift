import Foundation
import Imaging
import Phantom
import Synchronization
import Tensors
import TestSupport
import Testing

/// One small archive that all tests of this file read.
struct PhantomArchiveTests {
  private static let images = 70

  private final class Drawn: Sendable {
    let folder = FileManager.default.temporaryDirectory.appending(path: "medoid-phantom-\(UUID().uuidString)")
    let summary: PhantomSummary
    let rows: [[String: String]]

    init() throws {
      summary = try PhantomArchive(images: images, seed: Seed(11)).write(to: folder, workers: WorkerPool(threads: 2))
      let lines = try String(contentsOf: folder.appending(path: "labels.csv"), encoding: .utf8).split(separator: "\n")
      let names = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      rows = lines.dropFirst().map { line in
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return Dictionary(uniqueKeysWithValues: zip(names, fields))
      }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ path: String) -> URL { folder.appending(path: "images").appending(path: path) }
  }

  private static let drawn = Result { try Drawn() }

  private let archive: Drawn

  init() throws { archive = try PhantomArchiveTests.drawn.get() }

  @Test func labelsCoverEveryFileAndNothingElse() {
    #expect(files(below: archive.folder.appending(path: "images")) == archive.rows.map { $0["path"]! }.sorted())
    #expect(files(below: archive.folder).count == archive.rows.count + 1)
    #expect(archive.summary.files == archive.rows.count)
  }

  @Test func kindsAreBalanced() {
    let readable = archive.rows.filter { $0["broken"] == "" }
    #expect(readable.count == PhantomArchiveTests.images)
    let counts = Dictionary(grouping: readable) { $0["label"]! }.mapValues(\.count)
    #expect(counts.count == 7)
    #expect(counts.values.max()! - counts.values.min()! <= 1)
    #expect(archive.summary.kinds.allSatisfy { counts[$0.name] == $0.count })
    #expect(Set(readable.map { $0["site"]! }).count >= 3)
    for row in readable {
      #expect(row["family"] == (["glands", "lymphoid", "stroma"].contains(row["label"]!) ? "pathology" : "radiograph"))
    }
  }

  @Test func namesSayNothing() {
    for row in archive.rows {
      let path = row["path"]!.lowercased()
      #expect(archive.summary.kinds.allSatisfy { !path.contains($0.name) }, "\(path)")
    }
  }

  @Test func everyWholeFileDecodesAndNoBrokenOneDoes() throws {
    for row in archive.rows {
      let path = archive.file(row["path"]!).path
      if row["broken"] == "" {
        let image = try DirectDecoder().decode(path, nil)
        #expect(image.channels == (row["family"] == "radiograph" ? 1 : 3))
        #expect((256...512).contains(image.width) && (256...512).contains(image.height))
        #expect(
          Set(image.facts.flags).isSubset(of: ["clipped", "collimated"]), "\(row["label"]!) \(image.facts.flags)")
      } else {
        #expect(throws: DecodeFailure.self, "\(row["broken"]!)") { try DirectDecoder().decode(path, nil) }
      }
    }
    #expect(Set(archive.rows.map { $0["broken"]! }).count == 7)
  }

  @Test func repetitionsAreWhatTheySay() throws {
    for row in archive.rows where row["duplicate_of"] != "" {
      let (copy, source) = (archive.file(row["path"]!), archive.file(row["duplicate_of"]!))
      let sameBytes = try Data(contentsOf: copy) == Data(contentsOf: source)
      let (one, other) = (try DirectDecoder().decode(copy.path, nil), try DirectDecoder().decode(source.path, nil))
      #expect(one.width == other.width && one.height == other.height)
      let difference = zip(one.pixels, other.pixels).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(one.pixels.count)
      switch row["duplicate_kind"] {
      case "bytes": #expect(sameBytes)
      case "pixels": #expect(!sameBytes && one.pixels == other.pixels)
      default: #expect(!sameBytes && difference > 0 && difference < 0.2, "near: \(difference)")
      }
    }
    #expect(archive.summary.copies >= 1 && archive.summary.recoded >= 1 && archive.summary.retakes >= 1)
  }

  @Test func headersNamePatientStudyAndMachine() throws {
    var instances: Set<String> = []
    var bodyParts: [String: Int] = [:]
    var radiographs = 0
    for row in archive.rows
    where row["family"] == "radiograph" && row["broken"] == "" && row["duplicate_kind"] != "bytes" {
      let header = try PartTenHeader(Data(contentsOf: archive.file(row["path"]!)))
      radiographs += 1
      #expect(header[0x0010_0020] == row["patient"])
      for tag in [0x0008_0018, 0x0020_000d, 0x0020_000e] {
        let uid = header[tag] ?? ""
        #expect(uid.hasPrefix("2.25.") && uid.utf8.count <= 64 && !uid.hasPrefix("2.25.0"), "\(uid)")
      }
      instances.insert(header[0x0008_0018]!)
      #expect(header[0x0002_0003] == header[0x0008_0018])
      #expect(["CR", "DX"].contains(header[0x0008_0060]))
      #expect(["MONOCHROME1", "MONOCHROME2"].contains(header[0x0028_0004]))
      // Institution, manufacturer, station, view, window, rescale, spacing, date.
      for tag in [
        0x0008_0080, 0x0008_0070, 0x0008_1010, 0x0018_5101, 0x0028_1050, 0x0028_1051, 0x0028_1052, 0x0028_1053,
        0x0028_0030, 0x0008_0020,
      ] {
        #expect(header[tag] != nil, "\(String(tag, radix: 16))")
      }
      let stored = header.number(0x0028_0101)
      #expect((12...14).contains(stored) && header.number(0x0028_0100) == 16)
      #expect(header.number(0x0028_0102) == stored - 1)
      bodyParts[header[0x0018_0015] ?? "", default: 0] += 1
    }
    #expect(instances.count == radiographs, "every file has an instance of its own")
    #expect(bodyParts.count >= 4)
  }

  @Test func theSameBytesAtAnyNumberOfThreads() throws {
    try withTemporaryFolder { folder in
      let once = folder.appending(path: "once")
      let again = folder.appending(path: "again")
      let heard = Mutex<[Int]>([])
      let archive = PhantomArchive(images: 40, seed: Seed(3))
      let summary = try archive.write(to: once, workers: WorkerPool(threads: 1)) { done, _ in
        heard.withLock { $0.append(done) }
      }
      #expect(heard.withLock { $0 } == Array(1...summary.files))
      #expect(try archive.write(to: again, workers: WorkerPool(threads: 3)) == summary)
      #expect(files(below: once) == files(below: again))
      for path in files(below: once) {
        let (one, other) = (once.appending(path: path), again.appending(path: path))
        #expect(try Data(contentsOf: one) == Data(contentsOf: other), "\(path)")
      }
      #expect(throws: PhantomArchive.Failure.folderInUse(path: once.appending(path: "images").path)) {
        try archive.write(to: once, workers: WorkerPool(threads: 1))
      }
    }
  }

  private func files(below folder: URL) -> [String] {
    let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return found.filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: folder.appending(path: $0).path, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }
}

/// A second reading of explicit little endian headers, by the standard and without a library (PS3.5 7.1.2, PS3.10 7.1).
private struct PartTenHeader {
  private var values: [Int: Data] = [:]

  init(_ file: Data) throws {
    let bytes = [UInt8](file)
    guard bytes.count > 132, bytes[128..<132].elementsEqual("DICM".utf8) else { throw Mismatch("no DICM") }
    var at = 132
    var last = 0
    while at + 12 <= bytes.count {
      func word(_ i: Int) -> Int { Int(bytes[i]) | Int(bytes[i + 1]) << 8 }
      let tag = word(at) << 16 | word(at + 2)
      if tag == 0x7fe0_0010 { return }
      if tag <= last { throw Mismatch("\(String(tag, radix: 16)) after \(String(last, radix: 16))") }
      last = tag
      let isLong = ["OB", "OW", "SQ", "UN", "UT"].contains(String(decoding: bytes[at + 4..<at + 6], as: UTF8.self))
      let length = isLong ? word(at + 8) | word(at + 10) << 16 : word(at + 6)
      let start = at + (isLong ? 12 : 8)
      if length % 2 == 1 { throw Mismatch("odd length of \(String(tag, radix: 16))") }
      values[tag] = Data(bytes[start..<start + length])
      at = start + length
    }
    throw Mismatch("no pixel element")
  }

  /// Text without padding.
  subscript(tag: Int) -> String? {
    values[tag].map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: CharacterSet(charactersIn: " \0")) }
  }

  func number(_ tag: Int) -> Int { values[tag].map { Int($0[0]) | Int($0[1]) << 8 } ?? -1 }
}
