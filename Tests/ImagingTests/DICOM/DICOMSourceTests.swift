import Foundation
import Imaging
import Records
import TestSupport
import Testing

struct DICOMSourceTests {
  private func source(_ name: String, _ options: ReadingOptions = ReadingOptions()) throws -> DICOMSource {
    try DICOMSource(DICOMFile(contents: StructureCases()[name].file), options)
  }

  @Test func framesOfAVolumeHaveTheirPlaceAndTheirOwnRescale() throws {
    let source = try source("functional_groups")
    #expect(source.count == 3 && source.facts.frames == 3 && source.facts.item.isEmpty)
    for index in 0..<3 {
      let facts = try source.picture(index).facts
      #expect(facts.item == "\(index)" && facts.frame == index && facts.seconds == nil)
      let place = try #require(facts.slice)
      #expect(place.position == [-10, 20.5, 2.5 * Double(index)] && place.orientation == [1, 0, 0, 0, 1, 0])
      #expect(place.pixelSpacing == [0.5, 0.25] && place.thickness == 2 && place.instance == 3)
      #expect(place.moments == ["acquisition_number=7.0", "temporal_position=\(Double(1 + index % 2))"])
    }
  }

  @Test func slicesAreEvenlySpread() throws {
    var options = ReadingOptions()
    options.slices = 1
    #expect(try source("functional_groups", options).picture(0).facts.frame == 1)
    options.slices = 2
    let two = try source("functional_groups", options)
    #expect(try (0..<2).map { try two.picture($0).facts.frame } == [0, 2])
  }

  @Test func framesWithoutPlaceOrTimeAreAllTaken() throws {
    let source = try source("explicit_defined")
    #expect(source.count == 3)
    let frames = try StructureCases()["explicit_defined"].frames
    for index in 0..<3 {
      let picture = try source.picture(index)
      #expect(picture.stored.bytes == frames[index] && picture.facts.seconds == nil && picture.facts.item == "\(index)")
    }
    #expect(try self.source("no_preamble").picture(0).facts.item.isEmpty)
  }

  /// Elements put before the rows: a file's own, of explicit little endian.
  private func timed(_ elements: [UInt8]..., clip: ClipSampling) throws -> DICOMSource {
    var file = try StructureCases()["explicit_defined"].file
    // Number of Frames (0028,0008) is the first of its group but two: order makes no difference.
    let at = try #require(file.firstRange(of: [0x28, 0x00, 0x02, 0x00])).lowerBound
    file.insert(contentsOf: elements.joined(), at: at)
    var options = ReadingOptions()
    options.clip = clip
    return try DICOMSource(DICOMFile(contents: file), options)
  }

  private func decimal(_ group: UInt8, _ element: (UInt8, UInt8), _ representation: String, _ value: String) -> [UInt8]
  {
    let padded = Array((value.utf8.count % 2 == 0 ? value : value + " ").utf8)
    return [group, 0, element.1, element.0] + Array(representation.utf8) + [UInt8(padded.count), 0] + padded
  }

  @Test func framesOfAClipHaveTheirTime() throws {
    let all = ClipSampling(.all)
    let even = try timed(decimal(0x18, (0x10, 0x63), "DS", "40"), clip: all)
    #expect(try (0..<3).map { try even.picture($0).facts.seconds } == [0, 0.04, 0.08])
    let vector = try timed(decimal(0x18, (0x10, 0x65), "DS", "0\\100\\900"), clip: all)
    #expect(try (0..<3).map { try vector.picture($0).facts.seconds } == [0, 0.1, 1])
    let rate = try timed(decimal(0x18, (0x00, 0x40), "IS", "4"), clip: all)
    #expect(try (0..<3).map { try rate.picture($0).facts.seconds } == [0, 0.25, 0.5])
    let sampled = try timed(decimal(0x18, (0x10, 0x65), "DS", "0\\100\\900"), clip: ClipSampling(.rate, rate: 1))
    #expect(try (0..<sampled.count).map { try sampled.picture($0).facts.frame } == [0, 2])
    let changed = try timed(decimal(0x18, (0x10, 0x63), "DS", "40"), clip: ClipSampling(.change, change: 0))
    #expect(changed.count == 3)
  }

  @Test func framesFailOneByOne() throws {
    let file = try StructureCases()["explicit_defined"].file
    let source = try DICOMSource(DICOMFile(contents: file.dropLast(2)), ReadingOptions())
    #expect(source.count == 3 && source.facts.frames == 3)
    _ = try source.picture(1)
    #expect(throws: DecodeFailure.self) { try source.picture(2) }
  }
}

struct DICOMDirectoryTests {
  /// The bytes of a DICOMDIR of records with these file names, explicit little endian without anything else.
  private func directory(_ files: [String]) -> [UInt8] {
    func element(_ number: [UInt8], _ representation: String, _ value: [UInt8]) -> [UInt8] {
      let isLong = representation == "SQ"
      let length = (0..<(isLong ? 4 : 2)).map { UInt8(truncatingIfNeeded: value.count >> (8 * $0)) }
      return number + Array(representation.utf8) + (isLong ? [0, 0] : []) + length + value
    }
    let items = files.flatMap { name -> [UInt8] in
      let padded = Array((name.utf8.count % 2 == 0 ? name : name + " ").utf8)
      let record = element([4, 0, 0x30, 0x14], "CS", Array("IMAGE ".utf8)) + element([4, 0, 0, 0x15], "CS", padded)
      return [0xfe, 0xff, 0, 0xe0, UInt8(record.count), 0, 0, 0] + record
    }
    return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8)
      + element([2, 0, 2, 0], "UI", Array("1.2.840.10008.1.3.10".utf8))
      + element([2, 0, 0x10, 0], "UI", Array("1.2.840.10008.1.2.1\0".utf8)) + element([4, 0, 0x20, 0x12], "SQ", items)
  }

  @Test func filesAreFoundWhateverTheirCase() throws {
    try withTemporaryFolder { (folder: URL) in
      try FileManager.default.createDirectory(
        at: folder.appending(path: "Images/a1"), withIntermediateDirectories: true)
      for name in ["Images/a1/im1", "Images/IM2;1", "top."] { try Data([1]).write(to: folder.appending(path: name)) }
      let names = [
        "IMAGES\\A1\\IM1", "IMAGES\\IM2", "TOP", "IMAGES\\A1", "GONE", "..\\etc\\passwd", "IMAGES\\A1\\IM1",
        "/etc/passwd",
      ]
      let path = folder.appending(path: "DICOMDIR")
      try Data(directory(names)).write(to: path)
      #expect(try DICOMDirectory.referencedFiles(path.path) == ["Images/a1/im1", "Images/IM2;1", "top."])
      var code: Rejection.Code?
      do throws(DecodeFailure) { _ = try DICOMSource(path.path, ReadingOptions()) } catch { code = error.code }
      #expect(code == .indexFile)
    }
  }

  @Test func otherFilesAreNoDirectories() throws {
    #expect(throws: DecodeFailure.self) { try DICOMDirectory.referencedFiles(Samples.file("window_linear.dcm")) }
  }
}

struct DICOMHeaderTests {
  @Test func onlyHarmlessValuesAreShown() throws {
    let lines = DICOMHeader.deidentified(try DICOMFile(contents: StructureCases()["explicit_undefined"].file))
    #expect(lines.contains("(0008,0060) CS Modality: OT") && lines.contains("(0028,0010) US Rows: 3"))
    #expect(lines.contains("(0010,0010) PN (removed)") && lines.contains("(0011,1001) LO (removed)"))
    #expect(lines.contains("(0002,0010) UI TransferSyntaxUID: 1.2.840.10008.1.2.1"))
    #expect(lines.contains("(0002,0003) UI (removed)") && lines.contains("(7fe0,0010) OW PixelData: 90 bytes"))
    #expect(!lines.joined().contains("Probe") && !lines.joined().contains("private word"))
  }

  /// A word in the place of every value that is long enough, of any element: it is never shown.
  @Test func aNameInAnyPlaceStaysHidden() throws {
    let secret = Array("Zwiebelkuchen^Q".utf8)
    for name in ["implicit_defined", "explicit_undefined", "functional_groups", "deflated_undefined"] {
      let item = try StructureCases()[name]
      for at in stride(from: 132, to: item.file.count - secret.count, by: 1) {
        var bytes = item.file
        bytes.replaceSubrange(at..<at + secret.count, with: secret)
        guard let file = try? DICOMFile(contents: bytes) else { continue }
        let text = DICOMHeader.deidentified(file).joined()
        #expect(!text.contains("Zwiebel") && !text.contains("kuchen"), "\(name) at \(at)")
      }
    }
  }

  @Test func fieldsOfOtherFormAreHidden() throws {
    let item = try StructureCases()["functional_groups"]
    let lines = DICOMHeader.deidentified(try DICOMFile(contents: item.file))
    #expect(lines.contains("        (0028,1053) DS RescaleSlope: 2.0"))
    #expect(lines.contains { $0.contains("(5200,9230) SQ PerFrameFunctionalGroupsSequence: 3 items") })
    let at = try #require(item.file.firstRange(of: Array("CS\u{2}\0OT".utf8))).upperBound
    var bytes = item.file
    bytes[at - 1] = UInt8(ascii: "t")
    #expect(DICOMHeader.deidentified(try DICOMFile(contents: bytes)).contains("(0008,0060) CS Modality: (removed)"))
  }
}
