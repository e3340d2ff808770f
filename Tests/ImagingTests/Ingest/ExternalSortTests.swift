import Foundation
import Imaging
import TestSupport
import Testing

struct ExternalSortTests {
  /// The same order in memory, in two runs and in hundreds, and as often as it is read; equal keys stay in the order they came.
  @Test(arguments: [1 << 24, 40_000, 900]) func ordersLikeMemoryDoes(_ memory: Int) throws {
    try withTemporaryFolder { folder in
      var state: UInt64 = 7
      let records: [(key: [UInt8], value: [UInt8])] = (0..<3000).map { index in
        state = state &* 6_364_136_223_846_793_005 &+ 1
        let length = Int(state >> 60)
        return ((0..<length).map { UInt8(truncatingIfNeeded: state >> (8 + 3 * $0)) & 3 }, Array("\(index)".utf8))
      }
      let sort = ExternalSort(in: folder, memory: memory)
      for record in records { try sort.add(key: record.key, value: record.value) }
      let sorted = try sort.finish()
      let expected = records.enumerated().sorted {
        $0.element.key == $1.element.key
          ? $0.offset < $1.offset : $0.element.key.lexicographicallyPrecedes($1.element.key)
      }
      for _ in 0..<2 {
        var reader = sorted.reader()
        for (_, wanted) in expected {
          let record = try #require(try reader.next())
          #expect(record.key == wanted.key && record.value == wanted.value)
        }
        #expect(try reader.next() == nil)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [], "nothing has a name")
    }
  }
}
