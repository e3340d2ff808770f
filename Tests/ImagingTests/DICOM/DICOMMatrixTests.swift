import Foundation
import Imaging
import TestSupport
import Testing

/// Photometric interpretation × sign × bits × modality × values of interest × padding × transfer syntax, beside pydicom's own pipeline; where
/// pydicom leaves the standard the fixture's script says so, with the paragraph.
struct DICOMMatrixTests {
  /// pydicom computes in 64 bits, shades hold 32.
  static let tolerance: Float = 1e-6

  @Test func everyCaseIsThatOfPydicom() throws {
    let matrix = try Matrix()
    #expect(matrix.cases.count == 563)
    let folder = FileManager.default.temporaryDirectory.appending(path: "medoid-matrix-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var wrong: [String] = []
    for item in matrix.cases {
      let path = folder.appending(path: "\(item.name).dcm")
      try item.file.write(to: path)
      do {
        let source = try PictureSources.open(path.path, ReadingOptions())
        let content = try source.picture(0)
        let shades = content.picture.planes()
        let error =
          shades.count == item.shades.count
          ? zip(shades, item.shades).map { $0.isNaN ? .infinity : abs($0 - $1) }.max() ?? 0 : .infinity
        if error > Self.tolerance { wrong.append("\(item.name): \(error)") }
        if let expected = item.rendering, content.facts.rendering != expected {
          wrong.append("\(item.name): \(content.facts.rendering)")
        }
      } catch {
        wrong.append("\(item.name): \(error)")
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count) cases\n\(wrong.joined(separator: "\n"))")
  }

  private struct Matrix {
    struct Case {
      let name: String
      let file: Data
      let shades: [Float]

      /// What the name says of how stored values became shades.
      var rendering: Rendering? {
        switch name {
        case let name where name.contains("voi_none") || name.contains("percentiles"): .percentiles
        case let name where name.contains("voi_table"): .table
        case let name where name.contains("-voi_") || name.contains("window"): .window
        case let name where name.contains("RGB") || name.contains("YBR"): .stored
        default: nil
        }
      }
    }

    let cases: [Case]

    init() throws {
      let fixture = try Fixture("Imaging/dicom_matrix")
      let names = String(decoding: fixture.bytes("names"), as: UTF8.self).split(separator: "\n").map(String.init)
      let (files, shades) = (fixture.bytes("files"), fixture.floats("shades"))
      let (fileEnds, shadeEnds) = (fixture.integers("file_ends"), fixture.integers("shade_ends"))
      let beginning = Data(repeating: 0, count: 128) + Data("DICM".utf8)
      cases = names.indices.map { i in
        Case(
          name: names[i], file: beginning + Data(files[(i == 0 ? 0 : fileEnds[i - 1])..<fileEnds[i]]),
          shades: Array(shades[(i == 0 ? 0 : shadeEnds[i - 1])..<shadeEnds[i]]))
      }
    }
  }
}
