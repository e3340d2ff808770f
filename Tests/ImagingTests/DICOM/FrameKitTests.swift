import Crypto
import Foundation
import Imaging
import Records
import TestSupport
import Testing

/// The kit of real DICOM files, frame by frame: our samples are those that pydicom's `pixel_array` has.
@Suite(.enabled(if: RealData.isPresent, "the real images are not here (MEDOID_DATA)"))
struct FrameKitTests {
  /// Decoders of lossy JPEG round differently: least, greatest and mean may differ by so much.
  static let meanTolerance = 1.0
  static let extremeTolerance = 2.0

  /// Files that the reference refuses and that hold pictures, and why ours are right.
  private static let readByUsAlone: Set<String> = [
    // No transfer syntax is stated; the pixels are native and as many as the header says.
    "fo-dicom__GH340.dcm", "pydicom-data__OT-PAL-8-face.dcm",
    // A syntax that the reference does not know; equal to the same segmentation in other syntaxes.
    "pydicom-data__liver_deflate.dcm", "pydicom-data__liver_nonbyte_aligned_deflate.dcm",
    // One-bit pixels that it does not unpack; equal to the same segmentation in other syntaxes.
    "pydicom-data__liver_rle.dcm", "pydicom-data__liver_nonbyte_aligned_rle.dcm",
    // The scan header's empty field is none of the decoder's concern: equal to pydicom__JPGExtended.dcm.
    "pydicom__JPEG-lossy.dcm",
    // Elements before the pixels that it cannot read.
    "fo-dicom__GH364.dcm", "pydicom__badVR.dcm", "fo-dicom__GH1339.dcm",
    "pydicom-data__emri_small_jpeg_2k_lossless_too_short.dcm",
  ]

  private struct Reference {
    let name: String
    let fields: [String: String]
    var isDecoded: Bool { fields["reference"] == "decoded" }
    var digest: String { fields["pixel_sha256"] ?? "" }
    func number(_ column: String) -> Double { Double(fields[column] ?? "") ?? .nan }
  }

  private static func references() throws -> [Reference] {
    let text = try String(contentsOf: RealData.file("dicom/reference.csv"), encoding: .utf8)
    let lines = text.split(separator: "\n").map(fields)
    return lines.dropFirst().map { line in
      let fields = Dictionary(zip(lines[0], line), uniquingKeysWith: { first, _ in first })
      return Reference(name: String((fields["path"] ?? "").dropFirst("files/".count)), fields: fields)
    }
  }

  /// The fields of a line of CSV; quoted ones may hold commas.
  private static func fields(_ line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  /// All frames of a file, one behind the other.
  private static func frames(_ name: String) throws(DecodeFailure) -> (bytes: [UInt8], first: StoredPixels) {
    let file = try DICOMFile(RealData.file("dicom/files/" + name).path)
    let description = try file.pixelDescription
    let syntax = file.frameTransferSyntax
    var bytes: [UInt8] = []
    var first: StoredPixels?
    for index in 0..<(try file.frameCount) {
      let stored = try file.withFrame(index) { (raw) throws(DecodeFailure) in
        try FrameDecoder.decode(raw, syntax, description)
      }
      bytes += stored.bytes
      if first == nil { first = stored }
    }
    guard let first else { throw DecodeFailure(.noPixels, "no frame") }
    return (bytes, first)
  }

  @Test func everyFileIsReadAsTheReferenceReadsIt() throws {
    var equal = 0
    var close: [String] = []
    var alone: [String] = []
    var refused: [String: [String]] = [:]
    for reference in try Self.references() {
      do throws(DecodeFailure) {
        let (bytes, first) = try Self.frames(reference.name)
        let digest = SHA256.hash(data: bytes).prefix(16).map { String(format: "%02x", $0) }.joined()
        if !reference.isDecoded {
          alone.append(reference.name)
        } else if digest == reference.digest {
          equal += 1
        } else {
          let isLossyJPEG = ["50", "51"].contains { reference.fields["transfer_syntax"] == "1.2.840.10008.1.2.4." + $0 }
          #expect(isLossyJPEG, "\(reference.name) differs")
          let count = bytes.count / first.type.width
          let all = StoredPixels(bytes: bytes, columns: count, rows: 1, samples: 1, type: first.type)
          let values = (0..<count).map { all[$0] }
          #expect(abs(values.reduce(0, +) / Double(count) - reference.number("mean")) < Self.meanTolerance)
          #expect(abs((values.min() ?? .nan) - reference.number("min")) <= Self.extremeTolerance)
          #expect(abs((values.max() ?? .nan) - reference.number("max")) <= Self.extremeTolerance)
          close.append(reference.name)
        }
      } catch {
        #expect(!reference.isDecoded, "\(reference.name): \(error.code.rawValue) \(error.message)")
        refused[error.code.rawValue, default: []].append(reference.name)
      }
    }
    print("equal \(equal), within the tolerance \(close), read by us alone \(alone), refused \(refused)")
    #expect(equal + close.count == 133)
    #expect(close.count <= 8)
    #expect(Self.readByUsAlone.isSubset(of: alone))
  }

  /// One segmentation in five transfer syntaxes is one picture.
  @Test(arguments: ["liver", "liver_nonbyte_aligned"]) func oneBitPixelsAreTheSameInEverySyntax(_ name: String) throws {
    let plain = name == "liver" ? "pydicom-data__liver_expb.dcm" : "pydicom-data__liver_nonbyte_aligned.dcm"
    let expected = try Self.frames(plain).bytes
    for coding in ["deflate", "rle", "j2k"] {
      #expect(try Self.frames("pydicom-data__\(name)_\(coding).dcm").bytes == expected, "\(coding)")
    }
  }

  /// Of the file that ends early, the frames before its end are there.
  @Test func framesBeforeTheEndAreWhole() throws {
    let part = try Self.frames("pydicom-data__emri_small_jpeg_2k_lossless_too_short.dcm").bytes
    let whole = try Self.frames("pydicom-data__emri_small_jpeg_2k_lossless.dcm").bytes
    #expect(!part.isEmpty && whole.starts(with: part))
  }

  /// Two writers of one lossy picture, of which the reference reads one.
  @Test func emptySpectralFieldsChangeNothing() throws {
    let (read, other) = (
      try Self.frames("pydicom__JPEG-lossy.dcm").first, try Self.frames("pydicom__JPGExtended.dcm").first
    )
    #expect(read == other)
  }
}
