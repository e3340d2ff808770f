import Foundation
import Imaging
import TestSupport
import Testing

/// Files cut short and files with wrong bytes: refused with a reason, or read, but never more than that.
struct DamagedFilesTests {
  private static func readAll(_ file: URL) throws {
    let source = try PictureSources.open(file.path, ReadingOptions())
    for index in 0..<min(source.count, 6) { _ = try source.picture(index) }
  }

  private static let rasters = [
    "png.rgb8", "png.grey16", "png.palette4", "png.rgba16.interlaced", "png.grey2.interlaced", "png.key-palette",
    "tiff.rgb8",
    "tiff.planar-tiled", "tiff.pages", "tiff.palette", "tiff.bits12", "tiff.strips", "tiff.float32", "jpeg.cmyk",
    "jpeg.profile",
  ]
  private static let volumes = [
    "nifti.int16.little.1.file", "nifti.float64.big.2.file", "nifti.int8.little.2.file", "nifti.negative-slope.file",
    "nifti.rgba.file", "nifti.five-axes.file", "numpy.stack.npy.file", "numpy.fortran.npy.file", "numpy.grey.npz.file",
    "numpy.grey-plain.npz.file", "numpy.volume.npz.file", "numpy.colour.npz.file",
  ]

  private static func files() throws -> [(name: String, bytes: [UInt8])] {
    let (one, two) = (try Fixture("Imaging/rasters"), try Fixture("Imaging/volumes"))
    return rasters.map { ($0, one.bytes($0 + ".file")) } + volumes.map { ($0, two.bytes($0)) }
  }

  @Test func everyTenthOfAFileIsRefused() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "cut")
      for (name, bytes) in try DamagedFilesTests.files() {
        for tenth in 1...9 {
          try Data(bytes.prefix(bytes.count * tenth / 10)).write(to: file)
          #expect(throws: DecodeFailure.self, "\(name) at \(tenth) tenths") { try DamagedFilesTests.readAll(file) }
        }
      }
    }
  }

  /// Seeded; a failure must be a `DecodeFailure`, and nothing may trap.
  @Test func wrongBytesAreSurvived() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "wrong")
      var state: UInt64 = 0x9e37_79b9_7f4a_7c15
      func random(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
      }
      for (name, bytes) in try DamagedFilesTests.files() {
        for round in 0..<60 {
          var wrong = bytes
          for _ in 0...random(4) {
            // Headers matter most.
            let place = round % 2 == 0 ? random(wrong.count) : random(min(wrong.count, 400))
            wrong[place] = [UInt8(random(256)), 0, 0xff, 0x7f, 0x80, wrong[place] ^ UInt8(1 << random(8))][random(6)]
          }
          if name.hasPrefix("png") { DamagedFilesTests.mendChecksums(&wrong) }
          try Data(wrong).write(to: file)
          do { try DamagedFilesTests.readAll(file) } catch {
            #expect(error is DecodeFailure, "\(name), round \(round)")
          }
        }
      }
    }
  }

  /// So that wrong bytes come further than the first check.
  private static func mendChecksums(_ png: inout [UInt8]) {
    var position = 8
    while position + 12 <= png.count {
      let length = png[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= png.count - position - 12 else { return }
      var sum: UInt32 = 0xffff_ffff
      for byte in png[position + 4..<position + 8 + length] {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
      }
      for k in 0..<4 { png[position + 8 + length + k] = UInt8(truncatingIfNeeded: ~sum >> UInt32(24 - 8 * k)) }
      position += 12 + length
    }
  }

  /// A slope under which all numbers but zero are infinite: still a picture, and shades are numbers.
  @Test func numbersBeyondAllBoundsAreBlackOrWhite() throws {
    var volume = try Fixture("Imaging/volumes").bytes("nifti.uint16.little.2.file")
    for slope in [Double.greatestFiniteMagnitude, -.greatestFiniteMagnitude] {
      withUnsafeBytes(of: slope.bitPattern.littleEndian) { volume.replaceSubrange(176..<184, with: $0) }
      try withTemporaryFolder { folder in
        let file = folder.appending(path: "volume.nii")
        try Data(volume).write(to: file)
        let pixels = try DirectDecoder().decode(file.path, nil).pixels
        #expect(pixels.allSatisfy { $0 == 0 || $0 == 1 })
      }
    }
  }

  @Test func damageHasItsReason() throws {
    let fixture = try Fixture("Imaging/rasters")
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "file")
      func code(_ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: file)
        do {
          try DamagedFilesTests.readAll(file)
          return "read"
        } catch { return (error as? DecodeFailure)?.code.rawValue ?? "\(error)" }
      }
      let png = fixture.bytes("png.rgb8.file")
      #expect(try code(Array(png.dropLast(30))) == "truncated")
      var wrong = png
      wrong[60] ^= 1
      #expect(try code(wrong) == "corrupt")
      // 20,000 × 20,000 pixels of which nothing follows.
      wrong = png
      wrong.replaceSubrange(16..<24, with: [0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20])
      DamagedFilesTests.mendChecksums(&wrong)
      #expect(try code(wrong) == "too_large")
      wrong.replaceSubrange(16..<24, with: [0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10])
      DamagedFilesTests.mendChecksums(&wrong)
      #expect(try code(wrong) == "truncated")
      let cut = try code(Array(fixture.bytes("tiff.rgb8.file").dropLast(600)))
      #expect(cut != "read")
    }
  }
}
