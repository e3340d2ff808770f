import Foundation
import Storage
import Tensors
import TestSupport
import Testing

/// Files that torch itself wrote (`Fixtures/VisionModels/checkpoints.py`), and the bounds of both formats.
struct TorchFileTests {
  private static let folder = Fixture.folder.appending(path: "VisionModels/checkpoints")

  private static func file(_ name: String) throws -> TorchFile { try TorchFile(reading: folder.appending(path: name)) }

  private static func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appending(path: name)) }

  /// Both formats, every type of floating-point number, parameters, a whole module, and views of one storage with matrices
  /// transposed in it.
  @Test(arguments: [
    ("timm.pth", "F32"), ("timm_legacy.pth", "F32"), ("timm_module.pt", "F32"), ("timm_parameters.pth", "F32"),
    ("timm_float64.pth", "F64"), ("timm_float16.pth", "F16"), ("timm_bfloat16.pth", "BF16"), ("timm_views.pth", "F32"),
    ("timm_views_legacy.pth", "F32"),
  ])
  func readsWhatTorchWrote(_ name: String, type: String) throws {
    let file = try Self.file(name)
    let reference = try SafetensorsFile(reading: Self.folder.appending(path: "plain.safetensors"))
    #expect(file.names.filter { !$0.hasPrefix("head.") } == reference.names)
    for tensor in reference.names {
      #expect(file.shape(tensor) == reference.shape(tensor) && file.type(tensor) == type, "\(tensor)")
      let (found, wanted) = (try file.floats(tensor), try reference.floats(tensor))
      if name == "timm_bfloat16.pth" {
        // bf16 has three bits fewer than the fixture's numbers.
        #expect(normalizedError(found, wanted) < 0x1p-7, "\(tensor)")
      } else {
        #expect(found == wanted, "\(tensor)")
      }
    }
  }

  @Test func namesAreThePathsAndClassesStayNames() throws {
    let file = try Self.file("dino.pth")
    #expect(file.placeholders.contains("argparse.Namespace"))
    #expect(file.shape("teacher.backbone.cls_token") == [1, 1, 8])
    #expect(file.shape("optimizer.state.0.exp_avg") == [8] && file.shape("dino_loss.center") == [1, 6])
    #expect(try file.floats("optimizer.state.0.step") == [3] && file.shape("optimizer.state.0.step") == [])
    let student = try file.floats("student.module.backbone.norm.bias")
    #expect(try file.floats("teacher.backbone.norm.bias").map { $0 + 1 } == student)
    let text = try Self.file("open_clip.bin")
    #expect(text.type("text.transformer.embeddings.position_ids") == "I64")
    #expect(try text.floats("text.transformer.embeddings.position_ids") == [0, 1, 2, 3])
    #expect(throws: TorchError(path: text.path, problem: .missing(tensor: "x"))) { try text.floats("x") }
  }

  @Test func everyTruncationIsAnError() throws {
    let pickle = PickleWriter.file { $0.tensor([2], strides: [1], count: 2) }
    let files = [
      (PickleWriter.zip(pickle, [1, 2]), 1), (PickleWriter.zip(pickle, [1, 2]) { $0.isLong = true }, 1),
      (PickleWriter.legacy(pickle, [1, 2]), 1), (try Self.bytes("timm_views.pth"), 11),
      (try Self.bytes("timm_views_legacy.pth"), 11),
    ]
    for (whole, step) in files {
      #expect(throws: Never.self) { try TorchFile(bytes: whole, path: "x") }
      for length in stride(from: 0, to: whole.count, by: step) {
        #expect(throws: TorchError.self, "cut to \(length) of \(whole.count)") {
          try TorchFile(bytes: whole.prefix(length), path: "x")
        }
      }
    }
  }

  /// Bytes changed at random: a good file or an error, never a crash.
  @Test func noChangedByteCrashes() throws {
    var generator = Seed(5).generator()
    for name in ["timm_views.pth", "timm_views_legacy.pth"] {
      let whole = try Self.bytes(name)
      for _ in 0..<6000 {
        var bytes = whole
        for _ in 0..<1 + generator.integer(below: 3) {
          bytes[generator.integer(below: bytes.count)] = UInt8(generator.integer(below: 256))
        }
        if let file = try? TorchFile(bytes: bytes, path: "x") {
          for tensor in file.names { _ = try? file.floats(tensor, nonFinite: .allow) }
        }
      }
    }
  }

  @Test func bothFormatsOfOurOwnMakingAreRead() throws {
    let pickle = PickleWriter.file { $0.tensor([2, 2], strides: [1, 2], offset: 1, count: 5) }
    for bytes in [
      PickleWriter.zip(pickle, [9, 1, 2, 3, 4]), PickleWriter.legacy(pickle, [9, 1, 2, 3, 4]),
      PickleWriter.zip(pickle, [9, 1, 2, 3, 4]) { $0.isLong = true },
    ] {
      #expect(try TorchFile(bytes: bytes, path: "x").floats("weight") == [1, 3, 2, 4])
    }
    // The older format cuts a storage out of another.
    let cut = PickleWriter.file { $0.tensor([2], strides: [1], offset: 1, count: 5, view: (2, 3)) }
    #expect(try TorchFile(bytes: PickleWriter.legacy(cut, [0, 1, 2, 3, 4]), path: "x").floats("weight") == [3, 4])
  }

  @Test func refusesOrAllowsWhatIsNotFinite() throws {
    let pickle = PickleWriter.file { $0.tensor([3], strides: [1], count: 3) }
    let file = try TorchFile(bytes: PickleWriter.zip(pickle, [1, .nan, .infinity]), path: "x")
    #expect(throws: TorchError(path: "x", problem: .notFinite(tensor: "weight", index: 1))) {
      try file.floats("weight")
    }
    #expect(try file.floats("weight", nonFinite: .allow)[2] == .infinity)
  }

  @Test func viewsBeyondTheStorageAreErrors() throws {
    func problem(_ shape: [Int], _ strides: [Int], offset: Int = 0, count: Int = 4) -> TorchError.Problem? {
      let pickle = PickleWriter.file { $0.tensor(shape, strides: strides, offset: offset, count: count) }
      do {
        let file = try TorchFile(bytes: PickleWriter.zip(pickle, [1, 2, 3, 4]), path: "x")
        _ = try file.floats("weight")
        return nil
      } catch { return (error as? TorchError)?.problem }
    }
    #expect(problem([2, 2], [2, 1]) == nil && problem([0, 1 << 40], [1, 1]) == nil && problem([], []) == nil)
    for (shape, strides, offset) in [
      ([5], [1], 0), ([2, 2], [3, 1], 0), ([2, 2], [2, 1], 1), ([1], [1], 4), ([1], [1], -1), ([-1], [1], 0),
      ([2], [-1], 3), ([1 << 40, 1 << 40], [1, 1], 0), ([2, 2], [Int.max, 1], 0), ([3], [Int.max], 0),
    ] {
      #expect(problem(shape, strides, offset: offset) == .badView(storage: "0", numbers: 4, shape: shape))
    }
    #expect(problem([1 << 20], [0]) == .expanded(tensor: "weight", shape: [1 << 20]))
    #expect(problem([4], [1], count: 5) == .badStorage(key: "0", bytes: 20, found: 16))
    for count in [-1, Int.max, 1 << 49] {
      guard case .pickle = problem([1], [1], count: count) else {
        Issue.record("a storage of \(count) numbers")
        return
      }
    }
  }

  @Test func typesThatAreNoFloatsAreSaid() throws {
    let pickle = PickleWriter.file { $0.tensor([2], strides: [1], count: 2, kind: "ComplexFloatStorage") }
    let file = try TorchFile(bytes: PickleWriter.zip(pickle, [1, 2, 3, 4]), path: "x")
    #expect(throws: TorchError(path: "x", problem: .unreadableType(tensor: "weight", type: "C64"))) {
      try file.floats("weight")
    }
  }

  // MARK: containers

  @Test func liesOfTheContainerAreErrors() throws {
    let pickle = PickleWriter.file { $0.tensor([2], strides: [1], count: 2) }
    func problem(_ change: (inout ZipWriter) -> Void) -> TorchError.Problem? {
      do {
        _ = try TorchFile(bytes: PickleWriter.zip(pickle, [1, 2], change), path: "x")
        return nil
      } catch { return (error as? TorchError)?.problem }
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.entries[2].method = 8 } == .packedEntry("archive/data/0"))
    #expect(problem { $0.entries.remove(at: 0) } == .missingEntry("data.pkl"))
    #expect(problem { $0.entries.remove(at: 2) } == .missingEntry("storage 0"))
    #expect(problem { $0.entries[1].data = Data("bigend".utf8) } == .bigEndian)
    #expect(
      problem {
        $0.entries[2].data.removeLast(); $0.entries[2].size = 7
      } == .badStorage(key: "0", bytes: 8, found: 7))
    for change: (inout ZipWriter) -> Void in [
      { $0.entries[2].head = 0 }, { $0.entries[2].head = 1 << 20 }, { $0.entries[2].head = 3 },
      { $0.entries[0].size += 40 }, { $0.entries[2].size = 1 << 30 }, { $0.entries[2].size = .max },
      { $0.claimedCount = 60000 }, { $0.entries.append($0.entries[2]) },
    ] {
      guard case .container = problem(change) else {
        Issue.record("\(problem(change).map { "\($0)" } ?? "taken")")
        continue
      }
    }
  }

  @Test func otherFilesAreNone() throws {
    for bytes in [Data(), Data("PK".utf8), Data("<html>".utf8), Data([0x80, 2, 0x7d, 0x2e])] {
      #expect(!TorchFile.recognizes(bytes))
      #expect(throws: TorchError(path: "x", problem: .notTorch)) { try TorchFile(bytes: bytes, path: "x") }
    }
  }
}
