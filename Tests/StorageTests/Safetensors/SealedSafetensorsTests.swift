import Foundation
import Storage
import TestSupport
import Testing

struct SealedSafetensorsTests {
  private static let floats: [Float] = [1, -0.5, .infinity, 0, 3.25]
  private static let tensors: [SafetensorsFile.Tensor] = [
    .init("steps", shape: [2], values: .integers([3, -4])), .init("text", shape: [3], values: .bytes([1, 0, 255])),
  ]
  /// A value that looks like the seal, which it isn't.
  private static let metadata = ["format": "x", "a": "\"sha256\":\"\(String(repeating: "0", count: 64))\""]

  private func write(to url: URL) throws {
    try Self.floats.withUnsafeBufferPointer {
      try SafetensorsFile.writeSealed(
        Self.tensors, inPlace: [.init("floats", $0), .init("a.none", .init(start: nil, count: 0))],
        metadata: Self.metadata, to: url)
    }
  }

  @Test func comesBackAndIsAnOrdinaryFileToo() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "state.safetensors")
      try write(to: url)
      for file in [try SafetensorsFile(sealed: url), try SafetensorsFile(reading: url)] {
        #expect(file.names == ["a.none", "floats", "steps", "text"])
        #expect(try file.floats("floats", nonFinite: .allow) == Self.floats && file.floats("a.none") == [])
        #expect(try file.integers("steps") == [3, -4] && file.bytes("text") == Data([1, 0, 255]))
        #expect(file.metadata.filter { $0.key != "sha256" } == Self.metadata)
        #expect(throws: SafetensorsError.self) { try file.bytes("floats") }
      }
      let first = try Data(contentsOf: url)
      try write(to: url)
      #expect(try Data(contentsOf: url) == first)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["state.safetensors"])
      // The same bytes as the writer in memory makes, but for where the floats come from.
      let file = try SafetensorsFile(sealed: url)
      let twin = SafetensorsFile.encoded(
        Self.tensors + [.init("floats", shape: [5], floats: Self.floats), .init("a.none", shape: [0], floats: [])],
        metadata: Self.metadata.merging(["sha256": file.metadata["sha256"]!]) { $1 })
      #expect(first == twin)
    }
  }

  @Test func everyChangedBitAndEveryCutIsFound() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "state.safetensors")
      try write(to: url)
      let whole = try Data(contentsOf: url)
      let bad = folder.appending(path: "bad.safetensors")
      for bit in 0..<8 * whole.count {
        var bytes = whole
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        try bytes.write(to: bad)
        #expect(throws: SafetensorsError.self, "bit \(bit)") { try SafetensorsFile(sealed: bad) }
      }
      for count in 0..<whole.count {
        try whole.prefix(count).write(to: bad)
        #expect(throws: SafetensorsError.self, "\(count) bytes") { try SafetensorsFile(sealed: bad) }
      }
      try (whole + Data([0])).write(to: bad)
      #expect(throws: SafetensorsError.self) { try SafetensorsFile(sealed: bad) }
    }
  }

  @Test func whatWasNeverSealedIsRefused() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "plain.safetensors")
      for metadata in [[:], ["sha256": "00"], ["sha256": ""], ["sha256": String(repeating: "0", count: 64)]] {
        try SafetensorsFile.write(Self.tensors, metadata: metadata, to: url)
        #expect(throws: SafetensorsError(path: url.path, problem: .brokenSeal)) { try SafetensorsFile(sealed: url) }
      }
    }
  }
}
