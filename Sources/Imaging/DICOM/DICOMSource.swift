import Records

/// A DICOM file as a source of pictures: one frame, the frames of a clip, the slices of a volume.
package final class DICOMSource: PictureSource {
  package let facts: ImageFacts
  private let file: DICOMFile
  private let options: ReadingOptions
  private let description: PixelDescription
  private let groups: FunctionalGroups
  private let frames: Int
  private let order: FrameChoice.Order
  private var chosen: [Int] = []
  private var volumeWindow: PercentileWindow?

  package convenience init(_ path: String, _ options: ReadingOptions) throws(DecodeFailure) {
    try self.init(DICOMFile(path), options)
  }

  /// - Throws: `index_file`, `no_pixels`, `truncated` where no frame is whole, `corrupt`, `unsupported_encoding`, `too_large`.
  package init(_ file: DICOMFile, _ options: ReadingOptions) throws(DecodeFailure) {
    if DICOMDirectory.isDirectory(file) {
      throw DecodeFailure(.indexFile, "the file lists other files; they are read themselves")
    }
    self.file = file
    self.options = options
    description = try file.pixelDescription
    groups = FunctionalGroups(file.dataSet)
    frames = try file.frameCount
    var facts = DICOMSource.facts(file, description)
    // Series are ordered by headers alone.
    if frames == 1 { facts.slice = SlicePlace(groups.dataSets(forFrame: 0), frame: 0) }
    self.facts = facts
    order = frames == 1 ? .clip(seconds: nil) : FrameChoice.order(file.dataSet, groups, count: frames)
    switch order {
    case .volume: chosen = EvenSpread.places(options.slices, of: frames)
    case .clip(let times):
      chosen = ClipSampler.frames(options.clip, count: frames, times: times) { (frame) throws(DecodeFailure) in
        try picture(ofFrame: frame).picture
      }
    }
  }

  package var count: Int { chosen.count }

  package func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture { try picture(ofFrame: chosen[index]) }

  private func picture(ofFrame frame: Int) throws(DecodeFailure) -> SourcePicture {
    let stored = try samples(ofFrame: frame, reduction: reduction)
    let levels = groups.dataSets(forFrame: frame)
    let (tone, rendering) = try DICOMRendering.tone(
      for: stored, description, levels, window: sharedWindow(for: levels))
    var facts = facts
    facts.rendering = rendering
    facts.slice = SlicePlace(levels, frame: frame)
    if facts.frames > 1 {
      facts.item = String(frame)
      facts.frame = frame
      if case .clip(let seconds) = order { facts.seconds = seconds?[frame] }
    }
    return SourcePicture(stored: stored, picture: Picture(stored, tone), facts: facts)
  }

  private func samples(ofFrame frame: Int, reduction: Int) throws(DecodeFailure) -> StoredPixels {
    let syntax = file.frameTransferSyntax
    return try file.withFrame(frame) { (bytes) throws(DecodeFailure) in
      try FrameDecoder.decode(bytes, syntax, description, reduction: reduction)
    }
  }

  /// The window that the slices of a volume share where they name none: of a fixed sample of its frames, whichever are chosen.
  private func sharedWindow(for levels: [DICOMDataSet]) -> PercentileWindow? {
    guard order == .volume, DICOMRendering.needsWindow(description, levels) else { return nil }
    if let volumeWindow { return volumeWindow }
    var values = CountedValues()
    for frame in DICOMRendering.windowFrames(of: frames, pixels: description.rows * description.columns) {
      // A frame that fails says so itself when it is asked for.
      guard let stored = try? samples(ofFrame: frame, reduction: 0) else { continue }
      values.append(DICOMRendering.values(of: stored, description, groups.dataSets(forFrame: frame)))
    }
    let window = values.isEmpty ? nil : PercentileWindow(values)
    volumeWindow = window
    return window
  }

  /// How often a frame may be halved where digests are not asked for and the picture stays large enough; never for indices of a palette.
  private var reduction: Int {
    guard !options.isExact, description.photometric != "PALETTE COLOR", description.bitsAllocated > 1 else { return 0 }
    return JPEGDecoder.reduction(description.columns, description.rows, options.preprocessing).trailingZeroBitCount
  }

  private static func facts(_ file: DICOMFile, _ description: PixelDescription) -> ImageFacts {
    var facts = ImageFacts(
      kind: .dicom, width: description.columns, height: description.rows, frames: file.statedFrameCount,
      bits: description.bitsStored, samples: description.samples)
    facts.describe(file.dataSet)
    return facts
  }
}

extension ImageFacts {
  /// Takes over what a header says of how and of whom a picture was taken.
  mutating func describe(_ header: DICOMDataSet) {
    modality = header.code(.modality)
    bodyPart = header.code(.bodyPartExamined)
    view = header.code(.viewPosition)
    patientID = header.text(.patientID)
    studyUID = header.text(.studyInstanceUID)
    seriesUID = header.text(.seriesInstanceUID)
    institution =
      [.institutionName, .stationName, .manufacturerModelName].lazy.map { header.text($0) }.first { !$0.isEmpty } ?? ""
  }
}
