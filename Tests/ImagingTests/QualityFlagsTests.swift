import Foundation
import Imaging
import TestSupport
import Testing

struct QualityFlagsTests {
  private func flags(_ data: Data) throws -> [String] {
    try withTemporaryFolder { folder in
      try data.write(to: folder.appending(path: "picture"))
      return try DirectDecoder().decode(folder.appending(path: "picture").path, Preprocessing(size: 4)).facts.flags
    }
  }

  @Test func eachFlagIsRaisedByItsOwnDefect() throws {
    #expect(try flags(Samples.pgm(32, 32) { x, y in UInt8(x * 8) }) == [])
    #expect(try flags(Samples.pgm(32, 32) { _, _ in 90 }) == ["blank"])
    #expect(try flags(Samples.pgm(32, 32) { _, _ in 255 }) == ["blank"])
    #expect(try flags(Samples.pgm(32, 32) { x, y in UInt8(100 + x / 4) }) == ["low_contrast"])
    #expect(try flags(Samples.pgm(32, 32) { x, y in y < 4 ? 255 : UInt8(x * 7) }) == ["clipped"])
  }
}
