import Foundation
import Imaging
import TestSupport
import Testing

@Suite(.enabled(if: RealData.isPresent, "the real images are not here (MEDOID_DATA)"))
struct KitOutlineTests {
  @Test func dump() throws {
    let out = URL(filePath: "/tmp/dicomwork/ours")
    try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: RealData.file("dicom/files").path) {
      var text: String
      do throws(DecodeFailure) {
        text = outline(try DICOMFile(RealData.file("dicom/files/\(name)").path))
      } catch { text = "FAILED \(error)" }
      try Data(text.utf8).write(to: out.appending(path: name + ".txt"))
    }
  }
}
