/// A DICOM file of one frame as a picture.
enum DICOMDecoder {
  static func decode(_ path: String) throws(DecodeFailure) -> SourcePicture {
    let file = try DICOMFile(path)
    let description = try file.pixelDescription
    let frames = try file.frameCount
    guard frames == 1 else {
      throw DecodeFailure(.multipleFrames, "\(frames) frames; single-frame files are read")
    }
    let syntax = file.frameTransferSyntax
    let stored = try file.withFrame(0) { (bytes) throws(DecodeFailure) in
      try FrameDecoder.decode(bytes, syntax, description)
    }
    let header = file.dataSet
    let (tone, rendering) = try DICOMRendering.tone(
      for: stored, description, FunctionalGroups(header).dataSets(forFrame: 0))
    var facts = ImageFacts(
      kind: .dicom, width: stored.columns, height: stored.rows, frames: 1, bits: description.bitsStored,
      samples: stored.samples)
    facts.rendering = rendering
    facts.modality = header.code(.modality)
    facts.bodyPart = header.code(.bodyPartExamined)
    facts.view = header.code(.viewPosition)
    facts.patientID = header.text(.patientID)
    facts.studyUID = header.text(.studyInstanceUID)
    facts.seriesUID = header.text(.seriesInstanceUID)
    facts.institution =
      [.institutionName, .stationName, .manufacturerModelName].lazy.map { header.text($0) }.first { !$0.isEmpty } ?? ""
    return SourcePicture(stored: stored, picture: Picture(stored, tone), facts: facts)
  }
}
