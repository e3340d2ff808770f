import Crypto
import Foundation
import Imaging
import Records
import TestSupport
import Testing

/// Frames written by other encoders, and by one straight from the standard, in every transfer syntax: pydicom's samples are ours.
struct FrameDecoderTests {
  private static let root = "1.2.840.10008.1.2"

  /// One frame of the fixture.
  private struct Case {
    let name: String
    let transferSyntax: String
    let header: PixelDescription
    let type: String
    /// Most levels that a sample may differ.
    let tolerance: Int
    let frame: [UInt8]
    /// The samples, or their digest where the tolerance is 0.
    let expected: [UInt8]

    func decode(_ bytes: [UInt8], reduction: Int = 0) throws(DecodeFailure) -> StoredPixels {
      let outcome = bytes.withUnsafeBytes { raw in
        Result { () throws(DecodeFailure) in
          try FrameDecoder.decode(raw, transferSyntax, header, reduction: reduction)
        }
      }
      return try outcome.get()
    }
  }

  private static func cases() throws -> [Case] {
    let fixture = try Fixture("Imaging/codecs")
    return fixture.names.filter { $0.hasSuffix("|header") }.map { header in
      let key = String(header.dropLast("|header".count))
      let parts = key.split(separator: "|").map(String.init)
      let numbers = fixture.integers(header)
      let kinds: [PixelDescription.Number] = [.integer, .float32, .float64]
      return Case(
        name: parts[0], transferSyntax: parts[1],
        header: PixelDescription(
          rows: numbers[0], columns: numbers[1], samples: numbers[2], bitsAllocated: numbers[3], bitsStored: numbers[4],
          highBit: numbers[5], isSigned: numbers[6] == 1, isPlanar: numbers[7] == 1, photometric: parts[2],
          number: kinds[numbers[8]]),
        type: parts[3], tolerance: Int(parts[4]) ?? 0, frame: fixture.bytes(key),
        expected: fixture.bytes(key + "|pixels"))
    }
  }

  @Test func everyFrameIsReadAsPydicomReadsIt() throws {
    let cases = try Self.cases()
    #expect(cases.count > 150)
    for item in cases {
      let stored: StoredPixels
      do { stored = try item.decode(item.frame) } catch {
        Issue.record("\(item.name): \(error)")
        continue
      }
      #expect(stored.type.rawValue == item.type, "\(item.name)")
      #expect(stored.rows == item.header.rows && stored.columns == item.header.columns, "\(item.name)")
      if item.tolerance == 0 {
        #expect(Array(SHA256.hash(data: stored.bytes)) == item.expected, "\(item.name)")
      } else {
        let worst = Self.worstDifference(stored, item.expected)
        #expect(worst <= Double(item.tolerance), "\(item.name): \(worst)")
      }
    }
  }

  private static func worstDifference(_ stored: StoredPixels, _ expected: [UInt8]) -> Double {
    guard stored.bytes.count == expected.count else { return .infinity }
    let other = StoredPixels(
      bytes: expected, columns: stored.columns, rows: stored.rows, samples: stored.samples, type: stored.type)
    return (0..<stored.rows * stored.columns * stored.samples).map { abs(stored[$0] - other[$0]) }.max() ?? 0
  }

  /// A frame cut anywhere is refused, or lacks nothing but what follows its samples: no picture is ever half there.
  @Test func cutFramesAreRefused() throws {
    for item in try Self.cases() {
      let whole = try item.decode(item.frame)
      let step = max(item.frame.count / 60, 1)
      for length in stride(from: 0, to: item.frame.count, by: step) {
        do throws(DecodeFailure) {
          let cut = try item.decode(Array(item.frame.prefix(length)))
          #expect(cut == whole, "\(item.name) cut to \(length) of \(item.frame.count)")
        } catch { #expect([.truncated, .corrupt].contains(error.code), "\(item.name): \(error)") }
      }
    }
  }

  /// Changed bytes give a picture of the header's size or a reason, never a crash.
  @Test func changedFramesDoNoHarm() throws {
    var state: UInt64 = 4
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    var outcomes: [String: Int] = [:]
    for item in try Self.cases() {
      for _ in 0..<40 {
        var frame = item.frame
        for _ in 0...random(4) { frame[random(frame.count)] = UInt8(random(256)) }
        do throws(DecodeFailure) {
          let stored = try item.decode(frame)
          #expect(stored.rows == item.header.rows && stored.columns == item.header.columns)
          outcomes["decoded", default: 0] += 1
        } catch { outcomes[error.code.rawValue, default: 0] += 1 }
      }
    }
    #expect(outcomes["corrupt", default: 0] > 100 && outcomes["decoded", default: 0] > 100, "\(outcomes)")
  }

  /// Of the 2¹⁹ colours tried, all come out as pydicom's.
  @Test func everyColourIsConvertedAsPydicomConvertsIt() throws {
    let lumas: [UInt8] = [0, 1, 17, 76, 128, 200, 254, 255]
    var ybr: [UInt8] = []
    for luma in lumas {
      for blue in UInt8.min...UInt8.max { for red in UInt8.min...UInt8.max { ybr += [luma, blue, red] } }
    }
    let description = PixelDescription(
      rows: 2048, columns: 256, samples: 3, bitsAllocated: 8, bitsStored: 8, highBit: 7, photometric: "YBR_FULL")
    let rgb = try ybr.withUnsafeBytes { try FrameDecoder.decode($0, Self.root + ".1", description) }
    #expect(Array(SHA256.hash(data: rgb.bytes)) == (try Fixture("Imaging/codecs")).bytes("every colour"))
  }

  /// A header of another size, depth or number of samples than the code stream's is not believed.
  @Test func contradictionsAreCorrupt() throws {
    for item in try Self.cases() where item.transferSyntax.contains(".1.2.4.") {
      var others: [PixelDescription] = []
      var other = item.header
      other.rows += 1
      others.append(other)
      other = item.header
      (other.rows, other.columns) = (other.columns, other.rows)
      if other.rows != other.columns { others.append(other) }
      other = item.header
      other.samples = 4 - other.samples
      others.append(other)
      for other in others {
        let failure = #expect(throws: DecodeFailure.self, "\(item.name)") {
          try item.frame.withUnsafeBytes { try FrameDecoder.decode($0, item.transferSyntax, other) }
        }
        #expect(failure?.code == .corrupt, "\(item.name): \(failure?.message ?? "")")
      }
    }
  }

  /// Fractions of the size: half as many pixels each way, of about the same mean.
  @Test func reductionsAreSmallerPictures() throws {
    let names = ["j2k 12 False", "j2k rct", "baseline grey", "baseline ybr 444", "htj2k any uint16 x1"]
    let cases = try Self.cases().filter { names.contains($0.name) }
    #expect(cases.count == names.count)
    for item in cases {
      let whole = try item.decode(item.frame)
      for reduction in 1...2 {
        let part = try item.decode(item.frame, reduction: reduction)
        let side = 1 << reduction
        #expect(part.columns == (whole.columns + side - 1) / side && part.rows == (whole.rows + side - 1) / side)
        #expect(abs(Self.mean(part) - Self.mean(whole)) < 0.1 * Self.mean(whole), "\(item.name)")
      }
    }
  }

  private static func mean(_ stored: StoredPixels) -> Double {
    let count = stored.rows * stored.columns * stored.samples
    return (0..<count).map { stored[$0] }.reduce(0, +) / Double(count)
  }

  /// Video is read elsewhere; what is no identifier is not repeated.
  @Test(arguments: [
    (".4.100", true), (".4.102", true), (".4.108", true), (".4.94", true), (".7.1", true), (".4.50 Meier", false),
    ("..4", false), (".x", false), (String(repeating: ".1", count: 40), false),
  ]) func otherSyntaxesAreRefused(_ suffix: String, isNamed: Bool) {
    let description = PixelDescription(rows: 1, columns: 1, bitsAllocated: 8, bitsStored: 8, highBit: 7)
    let failure = #expect(throws: DecodeFailure.self) {
      try [UInt8](repeating: 0, count: 8).withUnsafeBytes {
        try FrameDecoder.decode($0, Self.root + suffix, description)
      }
    }
    #expect(failure?.code == .unsupportedEncoding)
    #expect(failure?.message.contains(Self.root + suffix) == isNamed)
  }

  @Test func absurdHeadersAreRefused() {
    let good = PixelDescription(rows: 2, columns: 2, bitsAllocated: 8, bitsStored: 8, highBit: 7)
    let changes: [((inout PixelDescription) -> Void, Rejection.Code)] = [
      ({ $0.rows = 0 }, .corrupt), ({ $0.columns = -1 }, .corrupt), ({ $0.bitsStored = 9 }, .corrupt),
      ({ $0.bitsStored = 0 }, .corrupt), ({ $0.samples = 2 }, .unsupportedEncoding),
      ({ $0.bitsAllocated = 24 }, .unsupportedEncoding), ({ $0.bitsAllocated = 0 }, .corrupt),
      ({ $0.number = .float32 }, .unsupportedEncoding), ({ $0.rows = 1 << 40 }, .tooLarge),
      (
        {
          $0.rows = 10_000; $0.columns = 10_000; $0.samples = 3; $0.bitsAllocated = 64; $0.bitsStored = 64
        }, .tooLarge
      ),
      ({ $0.rows = 3 }, .truncated),
    ]
    for (change, code) in changes {
      var description = good
      change(&description)
      let failure = #expect(throws: DecodeFailure.self) {
        try [UInt8](repeating: 0, count: 4).withUnsafeBytes {
          try FrameDecoder.decode($0, Self.root + ".1", description)
        }
      }
      #expect(failure?.code == code, "\(description)")
    }
  }
}
