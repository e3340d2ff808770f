/// A single-frame DICOM file as a picture: stored bits and sign, modality transform, window, inversion; or colour.
enum DICOMDecoder {
  static func decode(_ path: String) throws(DecodeFailure) -> SourcePicture {
    let file = try GDCMFile(path)
    let stored = try file.dicomPixels()
    let isGrey = stored.samples == 1 && stored.photometric.hasPrefix("MONOCHROME")
    let planes =
      isGrey
      ? try GreyscaleRendering(stored, transform: transform(of: file, stored), padding: padding(of: file, stored))
        .shades()
      : try ColourRendering.planes(of: stored, palette: { palette(of: file, $0) })
    let raster = StoredPixels(
      bytes: stored.canonicalBytes, columns: stored.columns, rows: stored.rows, samples: stored.samples,
      type: stored.bitsAllocated <= 8 ? .uint8 : stored.bitsAllocated == 16 ? .uint16 : .uint32)
    let picture = Picture(raster, .shades(planes, channels: isGrey ? 1 : 3))
    var facts = ImageFacts(
      kind: .dicom, width: stored.columns, height: stored.rows, frames: 1, bits: stored.bitsStored,
      samples: stored.samples)
    facts.modality = file.code(.modality)
    facts.bodyPart = file.code(.bodyPartExamined)
    facts.view = file.code(.viewPosition)
    facts.patientID = file.text(.patientID)
    facts.studyUID = file.text(.studyInstanceUID)
    facts.seriesUID = file.text(.seriesInstanceUID)
    facts.institution =
      [.institutionName, .stationName, .manufacturerModelName].lazy.map { file.text($0) }.first { !$0.isEmpty } ?? ""
    return SourcePicture(stored: raster, picture: picture, facts: facts)
  }

  /// What the header says of shades. Tables win over numbers, and the first window over the others.
  private static func transform(of file: GDCMFile, _ stored: DICOMPixels) -> GreyscaleTransform {
    var modality = GreyscaleTransform.Modality.rescale(slope: 1, intercept: 0)
    var isSigned = stored.isSigned
    if let table = table(of: file, .modalityLUTSequence, isSigned: stored.isSigned) {
      modality = .table(table)
      isSigned = false
    } else {
      let slope = file.number(.rescaleSlope) ?? 1
      let intercept = file.number(.rescaleIntercept) ?? 0
      // A slope of 0 would erase the picture; no equipment means it.
      modality = .rescale(slope: slope == 0 ? 1 : slope, intercept: intercept)
      if intercept < 0 { isSigned = true }
    }
    var transform = GreyscaleTransform(
      modality: modality, valuesOfInterest: nil,
      isInverted: stored.photometric == "MONOCHROME1" || file.code(.presentationLUTShape) == "INVERSE")
    if let table = table(of: file, .voiLUTSequence, isSigned: isSigned) {
      transform.valuesOfInterest = .table(table)
    } else if let centre = file.number(.windowCentre), let width = file.number(.windowWidth) {
      switch file.code(.voiLUTFunction) {
      case "SIGMOID" where width > 0: transform.valuesOfInterest = .sigmoid(centre: centre, width: width)
      case "LINEAR_EXACT" where width > 0: transform.valuesOfInterest = .linearExact(centre: centre, width: width)
      case "SIGMOID", "LINEAR_EXACT": break
      default: if width >= 1 { transform.valuesOfInterest = .linear(centre: centre, width: width) }
      }
    }
    return transform
  }

  private static func table(of file: GDCMFile, _ sequence: GDCMFile.Tag, isSigned: Bool) -> LookupTable? {
    guard let data = file.bytes(.lutData, in: sequence) else { return nil }
    return LookupTable(descriptor: file.words(.lutDescriptor, in: sequence), data: data, isSigned: isSigned)
  }

  /// Stored values that stand for "no picture here".
  private static func padding(of file: GDCMFile, _ stored: DICOMPixels) -> ClosedRange<Int>? {
    func value(_ tag: GDCMFile.Tag) -> Int? {
      file.words(tag).first.map { stored.isSigned ? Int(Int16(bitPattern: $0)) : Int($0) }
    }
    guard let one = value(.pixelPaddingValue) else { return nil }
    let other = value(.pixelPaddingRangeLimit) ?? one
    return min(one, other)...max(one, other)
  }

  /// The red (0), green (1) or blue (2) palette.
  private static func palette(of file: GDCMFile, _ channel: Int) -> LookupTable? {
    let tags = GDCMFile.Tag.palettes[channel]
    let descriptor = file.words(tags.descriptor)
    if let data = file.bytes(tags.data) { return LookupTable(descriptor: descriptor, data: data, isSigned: false) }
    let segments = file.words(tags.segmented)
    return segments.isEmpty ? nil : LookupTable(descriptor: descriptor, segments: segments)
  }
}
