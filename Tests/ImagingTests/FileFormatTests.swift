import Foundation
import Imaging
import TestSupport
import Testing

struct FileFormatTests {
  @Test func contentDecidesAndNotTheName() throws {
    let expected: [String: FileFormat] = [
      "window_linear.dcm": .dicom, "raster_grey.jpg": .jpeg, "raster_grey.png": .png, "raster_colour.tif": .tiff,
      "raster_colour.bmp": .bmp, "raster_colour.webp": .webp, "raster_frames.gif": .gif, "raster_colour.ppm": .pnm,
    ]
    for (name, format) in expected.sorted(by: { $0.key < $1.key }) {
      #expect(FileFormat(prefix: Array(try Data(contentsOf: URL(filePath: Samples.file(name))).prefix(256))) == format)
    }
  }

  @Test func dataSetsWithoutPreambleAreDICOM() throws {
    let whole = Array(try Data(contentsOf: URL(filePath: Samples.file("window_linear.dcm"))))
    #expect(FileFormat(prefix: Array(whole[132..<388])) == .dicom)
    #expect(FileFormat(prefix: [8, 0, 5, 0, 10, 0, 0, 0] + Array("ISO_IR 100".utf8)) == .dicom)
    #expect(FileFormat(prefix: [0, 8, 0, 5] + Array("CS\0\u{0a}ISO_IR 100".utf8)) == .dicom)
  }

  @Test func textsAndNoiseAreNothing() {
    for text in [
      "", "B", "BMW cars of the year and more text", "path,label\n", "PK\u{3}\u{4}", "P5", "%PDF-1.7 and so on",
    ] {
      #expect(FileFormat(prefix: Array(text.utf8)) == nil, "\(text)")
    }
    for byte in 0...255 { #expect(FileFormat(prefix: [UInt8](repeating: UInt8(byte), count: 200)) == nil) }
  }
}
