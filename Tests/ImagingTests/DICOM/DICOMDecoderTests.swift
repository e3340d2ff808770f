import Imaging
import TestSupport
import Testing

struct DICOMDecoderTests {
  /// pydicom computes in 64 bits, the table holds 32.
  static let tolerance = 1e-6

  @Test func shadesAreThoseOfPydicom() throws {
    let fixture = try Fixture("Imaging/dicom")
    #expect(fixture.names.count == 16)
    try withEvery("case", in: fixture.names) { name in
      let image = try DirectDecoder().decode(Samples.file("\(name).dcm"), nil)
      #expect([image.height, image.width] == fixture.shape(name), "\(name)")
      #expect(image.channels == 1)
      #expect(normalizedError(image.pixels, fixture.floats(name)) <= Self.tolerance, "\(name)")
    }
  }

  @Test func headerFactsAreRead() throws {
    let facts = try DirectDecoder().decode(Samples.file("window_linear.dcm"), Preprocessing(size: 8)).facts
    #expect(facts.kind == .dicom && facts.modality == "CR" && facts.patientID == "P-17")
    #expect(facts.bits == 12 && facts.samples == 1 && facts.height == 12 && facts.width == 14)
  }
}
