import Crypto
import Foundation
import Imaging
import Records
import TestSupport
import Testing

/// The file kit of real and broken DICOM: what pydicom decodes is what we decode, and nothing harms the run.
@Suite(.enabled(if: RealData.isPresent, "the real images are not here (MEDOID_DATA)"))
struct DICOMReferenceTests {
  /// Two codecs for lossy JPEG may differ by a level here and there: the means of all samples then differ by less than this.
  static let lossyTolerance = 0.1

  @Test func everyFileIsReadAsPydicomReadsItOrRefused() throws {
    let text = try String(contentsOf: RealData.file("dicom/reference.csv"), encoding: .utf8)
    let lines = text.split(separator: "\n").dropFirst()
    let pool = try Samples.pool(seconds: 30)
    var counts: [String: Int] = [:]
    for line in lines {
      let name = String(line.prefix { $0 != "," })
      let short = String(name.dropFirst("files/".count))
      let path = RealData.file("dicom/" + name).path
      let verdict: String
      do throws(DecodeFailure) {
        let image = try pool.decode(path, nil)
        // What a child has survived, this process survives.
        let stored = try GDCMFile(path).dicomPixels()
        let hashes = [
          DICOMReferenceTests.hash(stored.pydicomBytes), DICOMReferenceTests.hash(image.interleavedBytes),
        ]
        if let index = hashes.firstIndex(where: { line.contains($0) }) {
          verdict = index == 0 ? "equal stored values" : "equal after conversion to RGB"
        } else {
          // pydicom's mean of all samples is the third field from the end.
          let mean = Double(line.split(separator: ",", omittingEmptySubsequences: false).suffix(3).first ?? "") ?? .nan
          let ours = image.channels == 3 || stored.samples == 3 ? image.interleavedBytes.mean : stored.words.mean
          verdict =
            !line.contains(",decoded,")
            ? "read by us alone" : abs(ours - mean) < Self.lossyTolerance ? "equal up to lossy JPEG" : "differs"
          if verdict == "differs" { Issue.record("\(short) differs from the reference: mean \(ours), not \(mean)") }
        }
        #expect(image.pixels.allSatisfy { (0...1).contains($0) })
      } catch {
        verdict = error.code.rawValue
      }
      counts[verdict, default: 0] += 1
    }
    print(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    #expect(counts.values.reduce(0, +) == 181)
    #expect(counts["equal stored values", default: 0] + counts["equal after conversion to RGB", default: 0] >= 80)
    #expect(counts["decoder_timed_out"] == nil)
  }

  private static func hash(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: Data(bytes)).prefix(16).map { String(format: "%02x", $0) }.joined()
  }
}

extension DICOMPixels {
  /// Unsigned samples of 8 or 16 bits.
  fileprivate var words: [UInt16] {
    bitsAllocated == 16
      ? (0..<bytes.count / 2).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 } : bytes.map { UInt16($0) }
  }

  /// As pydicom hands them out: one byte a pixel for single bits, sign extended, samples of a pixel together.
  fileprivate var pydicomBytes: [UInt8] {
    let pixels = rows * columns
    if bitsAllocated == 1 { return (0..<pixels).map { (bytes[$0 >> 3] >> UInt8($0 & 7)) & 1 } }
    let width = bitsAllocated / 8
    if samples == 3 && isPlanar {
      return (0..<pixels).flatMap { pixel in
        (0..<3).flatMap { channel in (0..<width).map { bytes[(channel * pixels + pixel) * width + $0] } }
      }
    }
    guard isSigned && bitsStored < bitsAllocated && width == 2 else { return bytes }
    return (0..<pixels).flatMap { pixel -> [UInt8] in
      let shift = UInt16(16 - bitsStored)
      let word = (UInt16(bytes[2 * pixel]) | UInt16(bytes[2 * pixel + 1]) << 8) << shift
      let value = UInt16(bitPattern: Int16(bitPattern: word) >> Int16(shift))
      return [UInt8(value & 255), UInt8(value >> 8)]
    }
  }
}

extension Array where Element: BinaryInteger {
  fileprivate var mean: Double { Double(reduce(0) { $0 + Int($1) }) / Double(count) }
}

extension DecodedImage {
  fileprivate var interleavedBytes: [UInt8] {
    let plane = height * width
    return (0..<plane).flatMap { i in (0..<3).map { UInt8(pixels[(channels == 3 ? $0 * plane : 0) + i] * 255 + 0.5) } }
  }
}
