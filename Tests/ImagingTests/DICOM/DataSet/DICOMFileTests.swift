import Crypto
import Foundation
import Imaging
import Records
import Tensors
import TestSupport
import Testing

struct DICOMFileTests {
  /// Preambles, byte orders, deflation, lengths, offset tables, fragments, frames of single bits: the elements and the frames are pydicom's.
  @Test func everyStructureIsReadAsPydicomReadsIt() throws {
    let cases = try StructureCases().all
    #expect(cases.count == 43)
    for item in cases {
      let file = try DICOMFile(contents: item.file)
      #expect(outline(file) == item.outline, "\(item.name)")
      let count = try file.frameCount
      try #require(count == item.frames.count, "\(item.name)")
      for index in 0..<count {
        var frame = try file.withFrame(index) { Array($0) }
        // Behind the 21 bits of a frame stand those of the next.
        if item.name == "one_bit" { frame[2] &= 0x1f }
        #expect(frame == item.frames[index], "frame \(index) of \(item.name)")
      }
    }
  }

  @Test func nestedValuesAreReadInEveryByteOrder() throws {
    let cases = try StructureCases()
    for name in [
      "implicit_defined", "explicit_undefined", "big_defined", "big_undefined", "deflated_defined",
      "no_preamble_no_meta",
    ] {
      let root = try DICOMFile(contents: cases[name].file).dataSet
      #expect(root.code(.modality) == "OT" && root.integer(.instanceNumber) == 3, "\(name)")
      #expect(root.words(.rows) == [3] && root.number(.columns) == 5, "\(name)")
      let sources = root.items(DICOMTag(0x0008, 0x2112))
      #expect(sources.count == 3 && sources[1].elements.isEmpty, "\(name)")
      let codes = sources[2].items(DICOMTag(0x0040, 0xa170))
      #expect(codes.map { $0.text(DICOMTag(0x0008, 0x0100)) } == ["121311", "121312"], "\(name)")
      #expect(
        root.items(DICOMTag(0x0008, 0x1032)).isEmpty && root.bytes(DICOMTag(0x0011, 0x1003)) == [1, 2, 3, 4], "\(name)")
    }
  }

  @Test func missingSyntaxIsGuessed() throws {
    let cases = try StructureCases()
    #expect(try DICOMFile(contents: cases["implicit_no_meta"].file).transferSyntax == "1.2.840.10008.1.2")
    #expect(try DICOMFile(contents: cases["no_preamble_no_meta"].file).transferSyntax == "1.2.840.10008.1.2.1")
    #expect(try DICOMFile(contents: cases["big_no_meta"].file).transferSyntax == "1.2.840.10008.1.2.2")
  }

  /// A file that ends anywhere is read as far as it goes, and a frame is whole or refused.
  @Test func everyPrefixOfAFileIsHarmless() throws {
    let cases = try StructureCases()
    for name in [
      "explicit_undefined", "implicit_defined", "big_undefined", "deflated_defined", "table_and_fragments",
      "extended_table", "functional_groups_undefined",
    ] {
      let item = cases[name]
      for end in 0..<item.file.count {
        exercise(Array(item.file.prefix(end))) { index, frame in
          #expect(frame == item.frames[index], "frame \(index) of \(name) cut at \(end)")
        }
      }
    }
  }

  @Test func cutFilesKeepTheirWholeFrames() throws {
    let item = try StructureCases()["explicit_defined"]
    let file = try DICOMFile(contents: item.file.dropLast(31))
    #expect(try file.frameCount == 2 && file.statedFrameCount == 3)
    #expect(try file.withFrame(0) { Array($0) } == item.frames[0])
    #expect(code { try file.withFrame(1) { _ in } } == .truncated)
    let single = try StructureCases()["no_preamble"]
    let cut = try DICOMFile(contents: single.file.dropLast(2))
    #expect(code { _ = try cut.frameCount } == .truncated)
    let header = try DICOMFile(contents: Array(single.file.prefix(300)))
    #expect(code { _ = try header.pixelDescription } == .truncated)
  }

  @Test func damagedFilesAreHarmless() throws {
    var random = RandomGenerator(seed: Seed(17))
    let cases = try StructureCases().all
    for _ in 0..<4000 {
      var bytes = cases[Int(random.next() % UInt64(cases.count))].file
      for _ in 0...random.next() % 8 {
        let at = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[at] = 0xff
        case 1: bytes[at] ^= 1 << UInt8(random.next() % 8)
        default: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      exercise(bytes) { _, _ in }
    }
  }

  /// Nothing but items in items, and elements that claim all there is.
  @Test func depthAndLengthsAreBounded() throws {
    let open: [UInt8] = [
      0x08, 0x00, 0x12, 0x21, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff,
    ]
    exercise((0..<20_000).flatMap { _ in open }) { _, _ in }
    var huge = try StructureCases()["no_preamble_no_meta"].file
    huge += [0xfe, 0x7f, 0x01, 0x00, 0x4f, 0x42, 0, 0, 0xfe, 0xff, 0xff, 0xff]
    #expect(try DICOMFile(contents: huge).frameCount == 1)
    // A number of frames that no file holds.
    var many = try StructureCases()["explicit_defined"].file
    let at = try #require(many.firstRange(of: [0x28, 0x00, 0x08, 0x00, 0x49, 0x53, 0x02, 0x00])).upperBound
    many[at..<at + 2] = [0x39, 0x39]
    #expect(try DICOMFile(contents: many).frameCount == 4)
  }

  @Test func functionalGroupsAreLaidOverTheFile() throws {
    for name in ["functional_groups", "functional_groups_undefined"] {
      let file = try DICOMFile(contents: StructureCases()[name].file)
      let groups = FunctionalGroups(file.dataSet)
      #expect(groups.count == 3)
      for frame in 0..<3 {
        let levels = groups.dataSets(forFrame: frame)
        #expect(levels.number(.rescaleSlope) == Double(frame + 1) && levels.number(.windowCentre) == Double(40 + frame))
        #expect(levels.numbers(.imagePosition) == [-10, 20.5, 2.5 * Double(frame)])
        #expect(levels.numbers(.pixelSpacing) == [0.5, 0.25] && levels.number(.rows) == 3)
        #expect(levels.number(.temporalPositionIndex) == Double(1 + frame % 2))
      }
      #expect(groups.frame(3) == nil && groups.dataSets(forFrame: 3).number(.rescaleSlope) == nil)
    }
  }

  /// Opens, looks at everything, and hands on the frames that are whole. Failures are what is expected.
  private func exercise(_ bytes: [UInt8], _ body: (Int, [UInt8]) -> Void) {
    do throws(DecodeFailure) {
      let file = try DICOMFile(contents: bytes)
      _ = outline(file)
      _ = DICOMHeader.deidentified(file)
      _ = FunctionalGroups(file.dataSet).dataSets(forFrame: 1).number(.rescaleSlope)
      _ = try file.pixelDescription
      for index in 0..<min(try file.frameCount, 8) {
        do throws(DecodeFailure) {
          let frame = try file.withFrame(index) { Array($0) }
          body(index, frame)
        } catch {}
      }
    } catch {}
  }

  private func code(_ body: () throws -> Void) -> Rejection.Code? {
    do {
      try body()
      return nil
    } catch { return (error as? DecodeFailure)?.code }
  }
}

/// The file kit: what pydicom finds in each file is what we find.
@Suite(.enabled(if: RealData.isPresent, "the real images are not here (MEDOID_DATA)"))
struct DICOMKitTests {
  /// Files in which pydicom finds other elements, or none, and why ours are right.
  static let better: Set<String> = [
    // Ends behind the last fragment without a delimiter; pydicom drops the whole data set.
    "fo-dicom__GH1339.dcm", "pydicom-data__emri_small_jpeg_2k_lossless_too_short.dcm",
    // An unknown sequence in a big endian file is little endian (PS3.5 6.2.2).
    "fo-dicom__GH177_D_CLUNIE_CT1_IVRLE_BigEndian_undefined_length.dcm",
    // The length of a sequence leaves out the last four bytes of its delimiter; pydicom loses the pixel data behind it.
    "fo-dicom__GH626.dcm",
  ]

  @Test func elementsAndFramesAreThoseOfPydicom() throws {
    let lines = try String(contentsOf: Fixture.folder.appending(path: "Imaging/dicom_kit.csv"), encoding: .utf8)
      .split(separator: "\n").dropFirst()
    #expect(lines.count == 181)
    for line in lines {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let file = try DICOMFile(RealData.file("dicom/files/\(fields[0])").path)
      let text = outline(file)
      if Self.better.contains(fields[0]) {
        #expect(try file.frameCount > 0, "\(fields[0])")
        continue
      }
      #expect(digest(Array(text.utf8)) == fields[1], "\(fields[0])")
      if fields[2].isEmpty { continue }
      var joined: [UInt8] = []
      for index in 0..<(try file.frameCount) { joined += try file.withFrame(index) { Array($0) } }
      #expect(digest(joined) == fields[2], "\(fields[0])")
    }
  }

  private func digest(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: Data(bytes)).prefix(8).map { String(format: "%02x", $0) }.joined()
  }
}
