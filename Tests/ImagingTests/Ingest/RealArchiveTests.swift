import Foundation
import Imaging
import Records
import Tensors
import TestSupport
import Testing

/// The mixed archive of real radiographs, slices, ultrasound, fundus and tissue pictures, in JPEG and PNG.
@Suite(.enabled(if: RealData.isPresent, "the real images are not here (MEDOID_DATA)"))
struct RealArchiveTests {
  @Test func everyPictureIsTakenOnce() throws {
    let text = try String(contentsOf: RealData.file("index.csv"), encoding: .utf8)
    let stride = ProcessInfo.processInfo.environment["MEDOID_TEST_ALL"] == nil ? 40 : 1
    let paths = text.split(separator: "\n").dropFirst().enumerated().filter { $0.offset % stride == 0 }
      .map { RealData.file(String($0.element.prefix { $0 != "," })) }
    let listing = try InputListing(paths) { _, _ in }
    let ingest = Ingest(
      IngestSettings(size: 64), decoder: try Samples.pool(children: 2),
      hasher: IdentifierHasher(key: Data("test".utf8)))
    let result = try Taken(
      ingest(listing, spill: FileManager.default.temporaryDirectory, on: WorkerPool(threads: 2)))
    #expect(result.rejections == [])
    #expect(result.records.count == paths.count && result.pixels.count == paths.count)
    #expect(Set(result.records.map(\.id)).count == paths.count)
    #expect(result.pixels.allSatisfy { $0.count == 3 * 64 * 64 })
  }
}
