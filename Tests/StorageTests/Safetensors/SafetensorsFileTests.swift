import Foundation
import Storage
import Tensors
import TestSupport
import Testing

struct SafetensorsFileTests {
  private let tensors: [SafetensorsFile.Tensor] = [
    .init("norm.weight", shape: [2, 3], floats: [-1, -0.6, -0.2, 0.2, 0.6, 1]),
    .init("empty", shape: [0, 4], floats: []),
    .init("scalar", shape: [], values: .integers([7])),
    .init("blocks.0.mean", shape: [3], values: .doubles([0.1, 1e-300, -2.5])),
    .init("quote \" back \\ tab \t é", shape: [1], floats: [1.5]),
  ]

  /// The bytes of the format's own library, for the same tensors.
  @Test func writesTheBytesOfTheReference() throws {
    let reference = Fixture.folder.appending(path: "Storage/weights.safetensors")
    #expect(try SafetensorsFile.encoded(tensors, metadata: ["format": "np \"1\""]) == Data(contentsOf: reference))
    #expect(SafetensorsFile.encoded(tensors.reversed()) == SafetensorsFile.encoded(tensors))
  }

  @Test func readsTheReference() throws {
    let file = try SafetensorsFile(reading: Fixture.folder.appending(path: "Storage/weights.safetensors"))
    #expect(file.metadata == ["format": "np \"1\""])
    #expect(file.names == ["blocks.0.mean", "empty", "norm.weight", "quote \" back \\ tab \t é", "scalar"])
    #expect(try file.floats("norm.weight") == [-1, -0.6, -0.2, 0.2, 0.6, 1])
    #expect(try file.floats("empty") == [] && file.shape("empty") == [0, 4])
    #expect(try file.integers("scalar") == [7] && file.shape("scalar") == [] && file.type("scalar") == "I64")
    #expect(try file.floats("scalar") == [7])
    #expect(try file.doubles("blocks.0.mean") == [0.1, 1e-300, -2.5])
    #expect(try file.floats("blocks.0.mean") == [0.1, 0, -2.5])
    #expect(throws: SafetensorsError.self) { try file.integers("norm.weight") }
    #expect(throws: SafetensorsError.self) { try file.floats("absent") }
  }

  @Test func readsHalvesExactly() throws {
    let file = try SafetensorsFile(reading: Fixture.folder.appending(path: "Storage/halves.safetensors"))
    let half = try file.floats("half")
    #expect(half.count == 63_488)
    #expect(stride(from: 0, to: half.count, by: 7).map { half[$0] } == (try file.floats("half.every7")))
    #expect(try file.floats("brain") == file.floats("brain.single"))
  }

  @Test func refusesOrAllowsWhatIsNotFinite() throws {
    let file = try SafetensorsFile(
      bytes: SafetensorsFile.encoded([.init("a", shape: [3], floats: [1, .nan, .infinity])]), path: "x")
    #expect(throws: SafetensorsError(path: "x", problem: .notFinite(tensor: "a", index: 1))) { try file.floats("a") }
    #expect(try file.floats("a", nonFinite: .allow)[2] == .infinity)
  }

  @Test func nothingAndMetadataAloneComeBack() throws {
    for metadata in [[:], ["b": "\u{1}\n", "a": ""]] {
      let file = try SafetensorsFile(bytes: SafetensorsFile.encoded([], metadata: metadata), path: "x")
      #expect(file.names == [] && file.metadata == metadata)
    }
  }

  @Test func everyTruncationIsAnError() throws {
    let whole = SafetensorsFile.encoded(tensors, metadata: ["a": "b"])
    for length in 0..<whole.count {
      #expect(throws: SafetensorsError.self, "length \(length)") {
        try SafetensorsFile(bytes: whole.prefix(length), path: "x")
      }
    }
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(bytes: whole + [0], path: "x") }
  }

  /// Every byte of a file changed to a few others: a good file or an error, never a crash.
  @Test func noChangedByteCrashes() throws {
    let whole = SafetensorsFile.encoded([.init("a", shape: [2], floats: [1, 2])], metadata: ["k": "v"])
    var generator = Seed(5).generator()
    for place in whole.indices {
      for value in [0, 0x22, 0x39, 0x5c, 0x7b, 0xff, UInt8(generator.integer(below: 256))] {
        var bytes = whole
        bytes[place] = value
        if let file = try? SafetensorsFile(bytes: bytes, path: "x") {
          for name in file.names { _ = try? file.floats(name) }
        }
      }
    }
  }

  @Test(arguments: [
    ("", "{"), (" {}", "{"), ("{} x", "the end"), ("{\"a\":1}", "{"), ("[]", "{"), ("{\"a\"", ":"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, "a whole number"),
    (#"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, "a whole number"),
    (#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, "]"),
    (#"{"a":{"dtype":"F32","shape":[9999999999999999999],"data_offsets":[0,4]}}"#, "]"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, "dtype, shape and two data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, "dtype, shape and two data_offsets"),
    (
      #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      "dtype, shape and data_offsets, once each,"
    ),
    (#"{"a\ud800":{}}"#, "the second half of a surrogate pair"), (#"{"\x":{}}"#, "an escape"),
  ])
  func malformedHeadersAreErrors(_ header: String, expected: String) {
    do {
      _ = try SafetensorsFile(bytes: file(header, data: 4), path: "x")
      Issue.record("\(header) was taken")
    } catch let error as SafetensorsError {
      guard case .header(_, expected) = error.problem else {
        Issue.record("\(header): \(error)")
        return
      }
    } catch { Issue.record("\(error)") }
  }

  @Test func lyingHeadersAreErrors() throws {
    func check(_ header: String, data: Int = 4, _ problem: SafetensorsError.Problem) {
      #expect(throws: SafetensorsError(path: "x", problem: problem)) {
        try SafetensorsFile(bytes: file(header, data: data), path: "x")
      }
    }
    func entry(_ name: String, _ type: String = "F32", _ shape: String = "1", _ offsets: String = "0,4") -> String {
      "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]}"
    }
    check("{\(entry("a")),\(entry("a", "F32", "1", "4,8"))}", data: 8, .duplicateName("a"))
    check(#"{"__metadata__":{},"__metadata__":{}}"#, data: 0, .duplicateName("__metadata__"))
    check(#"{"__metadata__":{"k":"1","k":"1"}}"#, data: 0, .duplicateName("k"))
    check("{\(entry("a", "F4"))}", .unknownType(tensor: "a", type: "F4"))
    check("{\(entry("a", "F32", "2"))}", .badShape(tensor: "a", shape: [2]))
    check("{\(entry("a", "F32", "4294967296,4294967296"))}", .badShape(tensor: "a", shape: [1 << 32, 1 << 32]))
    check("{\(entry("a", "F32", "1", "4,8"))}", data: 8, .badOffsets(tensor: "a", begin: 4, end: 8))
    check("{\(entry("a", "F32", "1", "4,0"))}", .badOffsets(tensor: "a", begin: 4, end: 0))
    check("{\(entry("a")),\(entry("b", "F32", "1", "0,4"))}", .badOffsets(tensor: "b", begin: 0, end: 4))
    check("{\(entry("a")),\(entry("b", "F32", "1", "5,9"))}", data: 9, .badOffsets(tensor: "b", begin: 5, end: 9))
    check("{\(entry("a"))}", data: 3, .dataLength(expected: 4, found: 3))
    check("{\(entry("a"))}", data: 5, .dataLength(expected: 4, found: 5))
    for length in [UInt64.max, 1 << 40, 100_000_001, 9] {
      let bytes = withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data("{}      ".utf8)
      #expect(throws: SafetensorsError(path: "x", problem: .headerLength(length, fileBytes: 16))) {
        try SafetensorsFile(bytes: bytes, path: "x")
      }
    }
  }

  private func file(_ header: String, data: Int) -> Data {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8) + Data(count: data)
  }
}
