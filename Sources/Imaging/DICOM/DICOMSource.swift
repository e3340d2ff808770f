import Records

/// A DICOM file as a source of pictures: one frame, the frames of a clip, the slices of a volume.
package final class DICOMSource: PictureSource {
  package let facts: ImageFacts
  private let file: DICOMFile
  private let description: PixelDescription
  private let groups: FunctionalGroups
  private let seconds: [Double]?
  private let isVolume: Bool
  private var chosen: [Int] = []

  package convenience init(_ path: String, _ options: ReadingOptions) throws(DecodeFailure) {
    try self.init(DICOMFile(path), options)
  }

  /// - Throws: `index_file`, `no_pixels`, `truncated` where no frame is whole, `corrupt`, `unsupported_encoding`, `too_large`.
  package init(_ file: DICOMFile, _ options: ReadingOptions) throws(DecodeFailure) {
    if DICOMDirectory.isDirectory(file) {
      throw DecodeFailure(.indexFile, "the file lists other files; they are read themselves")
    }
    self.file = file
    description = try file.pixelDescription
    groups = FunctionalGroups(file.dataSet)
    let count = try file.frameCount
    facts = DICOMSource.facts(file, description)
    switch count == 1 ? FrameChoice.Order.clip(seconds: nil) : FrameChoice.order(file.dataSet, groups, count: count) {
    case .volume:
      isVolume = true
      seconds = nil
      chosen = EvenSpread.indices(count, limit: options.slices)
    case .clip(let times):
      isVolume = false
      seconds = times
      chosen = ClipSampler.frames(options.clip, count: count, times: times) { (index) throws(DecodeFailure) in
        try picture(ofFrame: index).picture
      }
    }
  }

  package var count: Int { chosen.count }

  package func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture { try picture(ofFrame: chosen[index]) }

  private func picture(ofFrame frame: Int) throws(DecodeFailure) -> SourcePicture {
    let syntax = file.frameTransferSyntax
    let stored = try file.withFrame(frame) { (bytes) throws(DecodeFailure) in
      try FrameDecoder.decode(bytes, syntax, description)
    }
    let levels = groups.dataSets(forFrame: frame)
    let (tone, rendering) = try tone(stored, levels)
    var facts = facts
    facts.width = stored.columns
    facts.height = stored.rows
    facts.rendering = rendering
    facts.slice = SlicePlace(levels)
    if facts.frames > 1 {
      facts.item = String(frame)
      facts.frame = frame
      facts.seconds = seconds?[frame]
    }
    return SourcePicture(stored: stored, picture: Picture(stored, tone), facts: facts)
  }

  private static func facts(_ file: DICOMFile, _ description: PixelDescription) -> ImageFacts {
    let header = file.dataSet
    var facts = ImageFacts(
      kind: .dicom, width: description.columns, height: description.rows, frames: file.statedFrameCount,
      bits: description.bitsStored, samples: description.samples)
    facts.modality = header.code(.modality)
    facts.bodyPart = header.code(.bodyPartExamined)
    facts.view = header.code(.viewPosition)
    facts.patientID = header.text(.patientID)
    facts.studyUID = header.text(.studyInstanceUID)
    facts.seriesUID = header.text(.seriesInstanceUID)
    facts.institution =
      [.institutionName, .stationName, .manufacturerModelName].lazy.map { header.text($0) }.first { !$0.isEmpty } ?? ""
    return facts
  }
}
