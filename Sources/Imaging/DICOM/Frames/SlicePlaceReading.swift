extension SlicePlace {
  /// Reads the place and moment of a frame, of its functional groups or of the plain header; nil where the header tells neither.
  ///
  /// - Parameters:
  ///   - levels: where attributes stand, nearest first: `FunctionalGroups.dataSets(forFrame:)`.
  ///   - frame: the frame's number, which picks its plane where the file lists the planes' offsets (RT Dose, PS3.3 C.8.8.3.2).
  init?(_ levels: [DICOMDataSet], frame: Int) {
    self.init()
    // The plane's position and direction of one level are no match for those of another, but files split them over macros.
    position = SlicePlace.vector(levels.numbers(.imagePosition), 3)
    orientation = SlicePlace.vector(levels.numbers(.imageOrientation), 6)
    let offsets = levels.numbers(.gridFrameOffsetVector)
    // Offsets that begin with 0 count from the position, along the normal; others are coordinates, which only axial planes have.
    if offsets.indices.contains(frame), offsets[0] == 0, position.count == 3, orientation.count == 6 {
      let (row, column) = (orientation[0..<3], orientation[3..<6])
      for k in 0..<3 {
        let (a, b) = ((k + 1) % 3, (k + 2) % 3)
        position[k] += offsets[frame] * (row[a] * column[3 + b] - row[b] * column[3 + a])
      }
    }
    pixelSpacing = SlicePlace.vector(levels.numbers(.pixelSpacing), 2)
    if pixelSpacing.isEmpty { pixelSpacing = SlicePlace.vector(levels.numbers(.imagerPixelSpacing), 2) }
    thickness = levels.number(.sliceThickness)
    spacing = levels.number(.spacingBetweenSlices)
    gantryTilt = levels.number(.gantryDetectorTilt)
    instance = levels.integer(.instanceNumber)
    isMosaic = levels.contains { $0.texts(.imageType).contains("MOSAIC") }
    moments = SlicePlace.moments(levels)
    if position.isEmpty && orientation.isEmpty && pixelSpacing.isEmpty && instance == nil && moments.isEmpty {
      return nil
    }
  }

  /// So many numbers, or none.
  private static func vector(_ numbers: [Double], _ count: Int) -> [Double] { numbers.count == count ? numbers : [] }

  /// The attributes that tell slices at one place apart, `name=value`, by name; numbers in their shortest form.
  private static func moments(_ levels: [DICOMDataSet]) -> [String] {
    names.compactMap { name, tags in
      for tag in tags {
        if let number = levels.number(tag), !clockTimes.contains(tag) { return "\(name)=\(number)" }
        let text = levels.text(tag)
        if !text.isEmpty && clockTimes.contains(tag) { return "\(name)=\(text)" }
      }
      return nil
    }
  }

  private static let names: [(String, [DICOMTag])] = [
    ("acquisition_number", [.frameAcquisitionNumber, .acquisitionNumber]),
    ("acquisition_time", [.frameAcquisitionDateTime, .acquisitionDateTime, .acquisitionTime]),
    ("b_value", [.diffusionBValue]),
    ("echo_number", [.echoNumbers]),
    ("echo_time", [.effectiveEchoTime, .echoTime]),
    ("inversion_time", [.inversionTime]),
    ("repetition_time", [.repetitionTime]),
    ("temporal_position", [.temporalPositionIndex, .temporalPositionIdentifier]),
    ("trigger_time", [.nominalCardiacTriggerDelayTime, .triggerTime]),
  ]
  /// Written as hours, minutes and seconds.
  private static let clockTimes: Set<DICOMTag> = [.frameAcquisitionDateTime, .acquisitionDateTime, .acquisitionTime]
}

extension [DICOMDataSet] {
  fileprivate func integer(_ tag: DICOMTag) -> Int? { lazy.compactMap { $0.integer(tag) }.first }
}
