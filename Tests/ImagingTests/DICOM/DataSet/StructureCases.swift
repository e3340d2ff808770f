import Imaging
import TestSupport

/// Generated files of every structure, with what pydicom finds in them: `Tests/Fixtures/Imaging/dicom_structure.py`.
struct StructureCases {
  struct Case {
    let name: String
    let file: [UInt8]
    let outline: String
    let frames: [[UInt8]]
  }

  let all: [Case]

  init() throws {
    let fixture = try Fixture("Imaging/dicom_structure")
    let names = String(decoding: fixture.bytes("names"), as: UTF8.self).split(separator: "\n").map(String.init)
    let (files, outlines, frames) = (fixture.bytes("files"), fixture.bytes("outlines"), fixture.bytes("frames"))
    let (fileEnds, outlineEnds) = (fixture.integers("file_ends"), fixture.integers("outline_ends"))
    let counts = fixture.integers("frame_counts")
    var lengths = fixture.integers("frame_lengths")[...]
    var end = 0
    var all: [Case] = []
    for i in names.indices {
      var own: [[UInt8]] = []
      for length in lengths.prefix(counts[i]) {
        own.append(Array(frames[end..<end + length]))
        end += length
      }
      lengths = lengths.dropFirst(counts[i])
      all.append(
        Case(
          name: names[i], file: Array(files[(i == 0 ? 0 : fileEnds[i - 1])..<fileEnds[i]]),
          outline: String(decoding: outlines[(i == 0 ? 0 : outlineEnds[i - 1])..<outlineEnds[i]], as: UTF8.self),
          frames: own))
    }
    self.all = all
  }

  subscript(name: String) -> Case {
    guard let found = all.first(where: { $0.name == name }) else { preconditionFailure("no case \(name)") }
    return found
  }
}
