import Foundation
import Imaging
import TestSupport
import Testing

/// Volumes beside what nibabel reads from them (`Tests/Fixtures/Imaging/volumes.py`).
struct NIfTITests {
  /// Shades are worked out in 64 bits here and there, and kept in 32.
  private static let tolerance = 1e-6

  /// The pictures of a file, their stored bytes joined.
  private static func read(_ file: URL, _ options: ReadingOptions = ReadingOptions()) throws -> (
    source: any PictureSource, bytes: [UInt8], pictures: [SourcePicture]
  ) {
    let source = try PictureSources.open(file.path, options)
    let pictures = try (0..<source.count).map { try source.picture($0) }
    return (source, pictures.flatMap(\.stored.bytes), pictures)
  }

  @Test func everyKindIsAsNibabelHasIt() throws {
    let fixture = try Fixture("Imaging/volumes")
    let names = fixture.names.filter { $0.hasPrefix("nifti.") && $0.hasSuffix(".file") }.map { String($0.dropLast(5)) }
    #expect(names.count > 80)
    try withTemporaryFolder { folder in
      for name in names {
        let isPair = fixture.names.contains(name + ".voxels")
        let file = folder.appending(path: isPair ? "\(name).hdr" : "volume")
        try Data(fixture.bytes(name + ".file")).write(to: file)
        if isPair { try Data(fixture.bytes(name + ".voxels")).write(to: folder.appending(path: "\(name).img")) }
        do {
          let (source, bytes, pictures) = try NIfTITests.read(file)
          let shape = fixture.integers(name + ".shape")
          #expect(bytes == fixture.bytes(name + ".stored"), "\(name)")
          #expect(source.count == shape[2] * shape[3] && source.facts.frames == source.count, "\(name)")
          for (index, picture) in pictures.enumerated() {
            let stored = picture.stored
            let found = [stored.columns, stored.rows, stored.samples, stored.type.width]
            #expect(found == [shape[0], shape[1], shape[4], shape[5]], "\(name)")
            #expect(picture.facts.frame == index && picture.facts.item == "\(index)", "\(name)")
          }
          guard fixture.names.contains(name + ".shades") else { continue }
          #expect(
            [pictures.count, pictures[0].picture.height, pictures[0].picture.width] == fixture.shape(name + ".shades"))
          let error = normalizedError(pictures.flatMap { $0.picture.planes() }, fixture.floats(name + ".shades"))
          #expect(error <= NIfTITests.tolerance, "\(name)")
        } catch { Issue.record("\(name): \(error)") }
      }
    }
  }

  /// The 48 ways a volume can lie give one and the same look of every plane, at the place that nibabel's affine says.
  @Test func everyOrientationLiesAsOnALightBox() throws {
    let fixture = try Fixture("Imaging/volumes")
    let names = fixture.names.filter { $0.hasPrefix("turn.") && $0.hasSuffix(".file") }.map { String($0.dropLast(5)) }
    #expect(names.count == 48)
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "volume.nii")
      for name in names {
        try Data(fixture.bytes(name + ".file")).write(to: file)
        let (_, _, pictures) = try NIfTITests.read(file)
        #expect(
          [pictures.count, pictures[0].picture.height, pictures[0].picture.width] == fixture.shape(name + ".shades"))
        let shades = pictures.flatMap { $0.picture.planes() }
        #expect(normalizedError(shades, fixture.floats(name + ".shades")) <= NIfTITests.tolerance, "\(name)")
        let places = pictures.flatMap { ($0.facts.slice?.position ?? []) + ($0.facts.slice?.orientation ?? []) }
        #expect(normalizedError(places, fixture.doubles(name + ".place")) <= 1e-6, "\(name)")
      }
    }
  }

  @Test func slicesAreSpreadAndTimesFollow() throws {
    let fixture = try Fixture("Imaging/volumes")
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "volume.nii")
      try Data(fixture.bytes("nifti.time.file")).write(to: file)
      var options = ReadingOptions()
      options.slices = 2
      let pictures = try NIfTITests.read(file, options).pictures
      let frames: [Int?] = pictures.map(\.facts.frame)
      #expect(frames == [0, 2, 3, 5])
      let moments: [[String]] = pictures.map { $0.facts.slice?.moments ?? [] }
      #expect(moments == [1, 1, 2, 2].map { ["temporal_position=\($0)"] })
      options.slices = 1
      let middles: [Int?] = try NIfTITests.read(file, options).pictures.map(\.facts.frame)
      #expect(middles == [1, 4])
    }
  }

  @Test func brokenVolumesHaveTheirReason() throws {
    let fixture = try Fixture("Imaging/volumes")
    try withTemporaryFolder { folder in
      func code(_ bytes: [UInt8], _ name: String = "volume.nii") throws -> String {
        try Data(bytes).write(to: folder.appending(path: name))
        do {
          _ = try NIfTITests.read(folder.appending(path: name))
          return "read"
        } catch { return (error as? DecodeFailure)?.code.rawValue ?? "\(error)" }
      }
      let good = fixture.bytes("nifti.int16.little.1.file")
      #expect(try code(good) == "read")
      func changed(_ place: Int, _ new: [UInt8]) -> [UInt8] {
        var bytes = good
        bytes.replaceSubrange(place..<place + new.count, with: new)
        return bytes
      }
      #expect(try code(Array(good.dropLast())) == "truncated")
      #expect(try code(changed(40, [0, 0])) == "corrupt")
      #expect(try code(changed(40, [8, 0])) == "corrupt")
      #expect(try code(changed(42, [0, 0])) == "corrupt")
      #expect(try code(changed(44, [0xff, 0xff])) == "corrupt")
      #expect(try code(changed(42, [0xff, 0x7f])) == "truncated")
      #expect(try code(changed(70, [32, 0])) == "unsupported_encoding")
      // Voxels that begin at 100, at 10⁹, and at no number.
      #expect(try code(changed(108, [0, 0, 0xc8, 0x42])) == "corrupt")
      #expect(try code(changed(108, [0x28, 0x6b, 0x6e, 0x4e])) == "truncated")
      #expect(try code(changed(108, [0, 0, 0xc0, 0x7f])) == "corrupt")
      #expect(try code(changed(108, [0, 0, 0, 0])) == "read")
      let header = fixture.bytes("nifti.int16.little.1pair.file")
      #expect(try code(header, "alone.hdr") == "missing_companion")
      try Data(fixture.bytes("nifti.int16.little.1pair.voxels")).write(to: folder.appending(path: "alone.img"))
      #expect(try code(header, "alone.hdr") == "read")
      #expect(try code(fixture.bytes("nifti.int16.little.1pair.voxels"), "alone.img") == "companion_file")
    }
  }

  @Test func formatsAreKnownByTheirFirstBytes() throws {
    let (volumes, rasters) = (try Fixture("Imaging/volumes"), try Fixture("Imaging/rasters"))
    func format(_ bytes: [UInt8]) -> FileFormat? { FileFormat(prefix: Array(bytes.prefix(4096))) }
    for name in volumes.names where name.hasSuffix(".file") {
      let expected: FileFormat = name.contains(".npz.") ? .npz : name.contains(".npy.") ? .npy : .nifti
      #expect(format(volumes.bytes(name)) == expected, "\(name)")
    }
    for name in rasters.names where name.hasPrefix("jpegxl.") && name.hasSuffix(".file") {
      #expect(format(rasters.bytes(name)) == .jpegxl, "\(name)")
    }
    // A gzip file of something else, and a zip file without arrays.
    #expect(format([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 4, 0, 0x43, 0xbe, 0xb7, 0xe8, 1, 0, 0, 0]) == nil)
    #expect(format([0x50, 0x4b, 3, 4] + [UInt8](repeating: 0, count: 60)) == nil)
  }

  @Test(.enabled(if: RealData.isPresent, "needs ../shared/data"))
  func realVolumesAreAsTheReferenceSays() throws {
    let table = try String(contentsOf: RealData.file("nifti/reference.csv"), encoding: .utf8)
    for line in table.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let file = RealData.file("nifti/\(fields[0])")
      guard fields[9].isEmpty == false, let mean = Double(fields[9]) else {
        #expect(throws: DecodeFailure.self) { try NIfTITests.read(file) }
        continue
      }
      let shape = fields[3].split(separator: "x").compactMap { Int($0) }
      let (source, _, pictures) = try NIfTITests.read(file)
      #expect(source.count == shape.dropFirst(2).reduce(1, *), "\(fields[0])")
      #expect([pictures[0].stored.columns, pictures[0].stored.rows] == Array(shape.prefix(2)), "\(fields[0])")
      let zooms = fields[5].split(separator: " ").compactMap { Double($0) }
      let spacing = pictures[0].facts.slice
      let between: [Int] = (spacing?.pixelSpacing ?? []).map { Int(($0 * 1e3).rounded()) }
      let stated: [Int] = zooms.prefix(2).map { Int(($0 * 1e3).rounded()) }
      #expect(Set(between) == Set(stated), "\(fields[0])")
      #expect(abs((spacing?.spacing ?? 0) - zooms[2]) < 1e-3, "\(fields[0])")
      // The reference has values after scaling: their range and mean follow from those stored by one line.
      var (least, greatest, sum, count) = (Double.infinity, -Double.infinity, 0.0, 0)
      for picture in pictures {
        let stored = picture.stored
        for i in 0..<stored.rows * stored.columns {
          let value = stored[i]
          (least, greatest, sum, count) = (min(least, value), max(greatest, value), sum + value, count + 1)
        }
      }
      guard let low = Double(fields[7]), let high = Double(fields[8]), greatest > least else { continue }
      let scaled = low + (sum / Double(count) - least) * (high - low) / (greatest - least)
      #expect(abs(scaled - mean) <= 2e-3 * max(1, abs(mean)), "\(fields[0])")
    }
  }
}
