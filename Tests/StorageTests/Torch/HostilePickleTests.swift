import Foundation
import Storage
import TestSupport
import Testing

/// Pickles that would do harm, or swell, or lie: nothing is done, and what can't be read is an error.
struct HostilePickleTests {
  private func read(_ pickle: Data) throws -> TorchFile {
    try TorchFile(bytes: PickleWriter.zip(pickle, [1, 2]), path: "x")
  }

  private func problem(_ pickle: Data) -> TorchError.Problem? {
    do {
      _ = try read(pickle)
      return nil
    } catch { return (error as? TorchError)?.problem }
  }

  private func isMalformed(_ pickle: Data) -> Bool {
    if case .pickle? = problem(pickle) { return true }
    return false
  }

  /// What Python would run, by every instruction that calls; the tensor beside it is read all the same.
  @Test func nothingIsCalled() throws {
    try withTemporaryFolder { folder in
      let mark = folder.appending(path: "harm").path
      let command = "touch \(mark)"
      let calls: [(inout PickleWriter) -> Void] = [
        { writer in  // REDUCE
          writer.global("os", "system")
          writer.tuple { $0.text(command) }
          writer.code(0x52)
        },
        { writer in  // NEWOBJ, then BUILD with a state
          writer.global("subprocess", "Popen")
          writer.tuple { $0.text(command) }
          writer.code(0x81)
          writer.text(command)
          writer.code(0x62)
        },
        { writer in  // OBJ
          writer.code(0x28)
          writer.global("posix", "system")
          writer.text(command)
          writer.code(0x6f)
        },
        { writer in  // INST, protocol 0
          writer.code(0x28)
          writer.text(command)
          writer.code(0x69)
          writer.line("os\nsystem\n")
        },
        { writer in  // STACK_GLOBAL
          writer.text("builtins")
          writer.text("exec")
          writer.code(0x93)
          writer.tuple { $0.text(command) }
          writer.code(0x52)
        },
        { writer in  // a function of torch's that runs what it is given
          writer.global("torch._tensor", "_rebuild_from_type_v2")
          writer.tuple {
            $0.global("os", "system")
            $0.global("torch", "Tensor")
            $0.tuple { $0.text(command) }
            $0.code(0x7d)
          }
          writer.code(0x52)
        },
        { writer in  // an extension, a persistent id that is none
          writer.code(0x82, 1)
          writer.tuple { $0.text(command) }
          writer.code(0x52, 0x30)
          writer.text(command)
          writer.code(0x51)
        },
      ]
      for (index, call) in calls.enumerated() {
        let pickle = PickleWriter.file(key: "harm") { writer in
          call(&writer)
          writer.code(0x73)
          writer.text("weight")
          writer.tensor([2], strides: [1], count: 2)
        }
        let file = try read(pickle)
        #expect(file.names == ["weight"], "call \(index)")
        #expect(try file.floats("weight") == [1, 2])
        #expect(!FileManager.default.fileExists(atPath: mark))
      }
    }
  }

  @Test func depthIsNoDanger() {
    // A million lists, one in another.
    var writer = PickleWriter()
    for _ in 0..<1_000_000 { writer.code(0x5d) }
    for _ in 0..<999_999 { writer.code(0x61) }
    writer.code(0x2e)
    #expect(problem(writer.bytes) == .tooMuch(of: "levels of values", limit: 64))
    // A list that holds itself, and a million marks.
    var circle = PickleWriter()
    circle.code(0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e)
    #expect(problem(circle.bytes) == .tooMuch(of: "levels of values", limit: 64))
    var marks = PickleWriter()
    for _ in 0..<1_000_000 { marks.code(0x28) }
    #expect(isMalformed(marks.bytes + Data([0x2e])))
  }

  /// Forty lists, each holding the one before ten times: 10⁴⁰ values in a kilobyte.
  @Test func laughsStayFew() {
    var writer = PickleWriter()
    writer.code(0x5d, 0x71, 0)
    for level in UInt8(1)...40 {
      writer.code(0x5d, 0x28)
      for _ in 0..<10 { writer.code(0x68, level - 1) }
      writer.code(0x65, 0x71, level)
    }
    writer.code(0x2e)
    guard case .tooMuch? = problem(writer.bytes) else {
      Issue.record("\(String(describing: problem(writer.bytes)))")
      return
    }
  }

  /// A long list copied by a call again and again.
  @Test func copiesAreCounted() {
    var writer = PickleWriter()
    writer.code(0x28)
    for _ in 0..<200_000 { writer.code(0x4e) }
    writer.code(0x6c, 0x85, 0x71, 0)
    for _ in 0..<200 {
      writer.global("collections", "OrderedDict")
      writer.code(0x68, 0, 0x52, 0x30)
    }
    writer.code(0x2e)
    #expect(problem(writer.bytes) == .tooMuch(of: "instructions in the pickle", limit: 8_000_000))
  }

  @Test func promisesBeyondTheBytesAreErrors() {
    #expect(isMalformed(PickleWriter.file { $0.text("abc", claimed: .max) }))
    for codes: [UInt8] in [
      [0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],  // BINUNICODE8 of 2⁶⁴-1 bytes
      [0x54, 0xff, 0xff, 0xff, 0xff],  // BINSTRING of -1 bytes
      [0x8b, 0xff, 0xff, 0xff, 0x7f],  // LONG4 of 2³¹-1 bytes
      [0x42, 0xff, 0xff, 0xff, 0xff], [0x96, 0, 0, 0, 0, 0, 0, 0, 0x80], [0x53, 0x27], [0x56, 0x61], [0x49],
    ] {
      #expect(isMalformed(Data([0x80, 2] + codes)), "\(codes)")
    }
  }

  @Test func nonsenseIsAnError() {
    for codes: [UInt8] in [
      [0x2e], [0x30, 0x2e], [0x31, 0x2e], [0x32, 0x2e], [0x52, 0x2e], [0x62, 0x2e], [0x85, 0x2e], [0x87, 0x2e],
      [0x74, 0x2e], [0x65, 0x2e], [0x75, 0x2e], [0x73, 0x2e], [0x61, 0x2e], [0x94, 0x2e], [0x71, 0, 0x2e],
      [0x68, 0, 0x2e], [0x6a, 0xff, 0xff, 0xff, 0xff, 0x2e], [0x67, 0x78, 0x0a, 0x2e], [0x67, 0x2d, 0x31, 0x0a, 0x2e],
      [0xff, 0x2e], [0x80, 6, 0x2e], [0x97, 0x2e], [0x4e, 0x4e, 0x61, 0x2e], [0x4e, 0x4e, 0x4e, 0x73, 0x2e],
      [0x5d, 0x28, 0x4e, 0x64, 0x2e], [0x4e, 0x4e, 0x93, 0x2e], [0x46, 0x78, 0x0a, 0x2e], [0x53, 0x78, 0x0a, 0x2e],
      [0x28, 0x6f, 0x2e], [],
    ] {
      #expect(isMalformed(Data([0x80, 2] + codes)), "\(codes)")
    }
  }

  /// The memo's keys are the pickle's own choice.
  @Test func aFarKeyOfTheMemoIsAKey() throws {
    var writer = PickleWriter()
    writer.code(0x7d, 0x72, 0xff, 0xff, 0xff, 0xff, 0x30, 0x6a, 0xff, 0xff, 0xff, 0xff)
    writer.text("weight")
    writer.tensor([1], strides: [1], offset: 1, count: 2)
    writer.code(0x73, 0x2e)
    #expect(try read(writer.bytes).floats("weight") == [2])
  }

  /// Text protocols of old, which call for the same values.
  @Test func protocolZeroIsRead() throws {
    let lines = [
      "(dp0", "S'weight'", "p1", "ctorch._utils", "_rebuild_tensor", "p2", "((S'storage'", "ctorch", "FloatStorage",
      "S'0'", "S'cpu'", "I2", "tQL0L", "(L2L", "t(I1", "ttRs.",
    ]
    #expect(try read(Data(lines.joined(separator: "\n").utf8)).floats("weight") == [1, 2])
  }
}
