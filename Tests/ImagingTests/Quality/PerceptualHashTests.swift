import Foundation
import Imaging
import TestSupport
import Testing

struct PerceptualHashTests {
  @Test func agreesWithImagehashBitForBit() throws {
    let fixture = try Fixture("Imaging/perceptual_hash")
    let pictures = fixture.floats("pictures")
    for (index, hash) in fixture.integers("hashes").enumerated() {
      let ours = PerceptualHash(thumbnail: Array(pictures[index * 1024..<(index + 1) * 1024]))
      #expect(ours?.bits == UInt64(bitPattern: Int64(hash)), "picture \(index)")
    }
  }

  @Test func digitsGoThereAndBack() throws {
    let hash = try #require(PerceptualHash("00f0a5c3deadbeef"))
    #expect(hash.digits == "00f0a5c3deadbeef")
    #expect(PerceptualHash("00f0a5c3deadbee") == nil && PerceptualHash("+0f0a5c3deadbeef") == nil)
    #expect(PerceptualHash.distance(hash, PerceptualHash("00f0a5c3deadbee0")!) == 4)
  }

  @Test func aPictureWithoutContrastHasNone() {
    #expect(PerceptualHash(thumbnail: [Float](repeating: 0.4, count: 1024)) == nil)
  }
}
