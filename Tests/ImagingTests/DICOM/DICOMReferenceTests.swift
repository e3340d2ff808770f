import Crypto
import Foundation
import Imaging
import Records
import TestSupport
import Testing

/// The file kit of real and broken DICOM: what pydicom decodes is what we decode, and nothing harms the run.
@Suite(.enabled(if: RealData.isPresent, "the real images are not here (MEDOID_DATA)"))
struct DICOMReferenceTests {
  /// Two codecs for lossy streams may differ by a level here and there: in the mean of all samples, and in the least and the greatest.
  static let lossyTolerance = (mean: 1.0, ends: 2.0)
  /// Read by us alone, and why that is right: `DICOMKitTests.better`, files without a transfer syntax or with a number of frames that is no number,
  /// 12-bit pixels in 12 bits, deflated frames, single bits in run lengths.
  static let readByUsAlone = 12...20

  private struct Row {
    let name: String
    let isDecoded: Bool
    let least, greatest, mean: Double?
    let hash: String
  }

  @Test func everyFileIsReadAsPydicomReadsItOrRefused() throws {
    var options = ReadingOptions()
    options.clip = ClipSampling(.all)
    var verdicts: [String: [String]] = [:]
    for row in try rows() {
      let path = RealData.file("dicom/files/" + row.name).path
      let verdict: String
      do throws(DecodeFailure) {
        verdict = try self.verdict(DICOMSource(path, options), row)
      } catch {
        verdict = error.code.rawValue
      }
      verdicts[verdict, default: []].append(row.name)
      #expect(!(row.isDecoded && Rejection.Code(rawValue: verdict) != nil), "\(row.name): \(verdict)")
    }
    print(verdicts.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }.joined(separator: ", "))
    print("read by us alone: \(verdicts["read by us alone", default: []].sorted())")
    #expect(verdicts.values.reduce(0) { $0 + $1.count } == 181)
    #expect(verdicts["differs", default: []].isEmpty, "\(verdicts["differs", default: []])")
    #expect(Self.readByUsAlone.contains(verdicts["read by us alone", default: []].count))
    #expect(verdicts["index_file", default: []].count == 3)
  }

  /// The samples of all frames, one after the other as in a `pixel_array`.
  private func verdict(_ source: DICOMSource, _ row: Row) throws(DecodeFailure) -> String {
    var hash = SHA256()
    var (least, greatest, sum, count) = (Double.infinity, -Double.infinity, 0.0, 0)
    for index in 0..<source.count {
      let picture = try source.picture(index)
      picture.stored.bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
      for i in 0..<picture.stored.rows * picture.stored.columns * picture.stored.samples {
        let value = picture.stored[i]
        least = min(least, value)
        greatest = max(greatest, value)
        sum += value
        count += 1
      }
      let shades = picture.picture.planes()
      #expect(shades.allSatisfy { (0...1).contains($0) }, "\(row.name)")
    }
    let digest = hash.finalize().prefix(16).map { String(format: "%02x", $0) }.joined()
    if digest == row.hash { return "equal" }
    if !row.isDecoded { return "read by us alone" }
    guard let low = row.least, let high = row.greatest, let mean = row.mean else { return "differs" }
    let tolerance = Self.lossyTolerance
    return abs(low - least) <= tolerance.ends && abs(high - greatest) <= tolerance.ends
      && abs(mean - sum / Double(count)) <= tolerance.mean ? "equal up to lossy coding" : "differs"
  }

  private func rows() throws -> [Row] {
    let text = try String(contentsOf: RealData.file("dicom/reference.csv"), encoding: .utf8)
    return text.split(separator: "\n").dropFirst().map { line in
      // Some fields hold commas, in quotes: what is wanted stands at the beginning and behind the word.
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let name = String(fields[0].dropFirst("files/".count))
      guard let at = fields.lastIndex(of: "decoded"), fields.count > at + 6 else {
        return Row(name: name, isDecoded: false, least: nil, greatest: nil, mean: nil, hash: "none")
      }
      return Row(
        name: name, isDecoded: true, least: Double(fields[at + 3]), greatest: Double(fields[at + 4]),
        mean: Double(fields[at + 5]), hash: fields[at + 6])
    }
  }
}
