/// Which frames of a multi-frame file are taken: slices where frames have a place, moments where they have a time.
enum FrameChoice {
  /// What the frames of a file are to each other.
  enum Order: Equatable {
    /// Frames at different places of a body.
    case volume
    /// Frames at these seconds from the beginning, where the file tells them.
    case clip(seconds: [Double]?)
  }

  /// Frames looked at for their place: files of thousands are not read through for it.
  private static let placesLookedAt = 256

  /// - Parameter count: frames that there are.
  static func order(_ root: DICOMDataSet, _ groups: FunctionalGroups, count: Int) -> Order {
    if hasPlaces(root, groups, count: count) { return .volume }
    return .clip(seconds: seconds(root, count: count))
  }

  /// Whether two frames have different positions, or the file lists the planes: offsets of RT Dose (PS3.3 C.8.8.3.2), slices of nuclear medicine
  /// (C.8.4.15).
  private static func hasPlaces(_ root: DICOMDataSet, _ groups: FunctionalGroups, count: Int) -> Bool {
    if root.numbers(.gridFrameOffsetVector).count > 1 { return true }
    let pointers = root.words(.frameIncrementPointer)
    if zip(pointers, pointers.dropFirst()).contains(where: { DICOMTag($0, $1) == .sliceVector }) { return true }
    guard groups.count > 1 else { return false }
    let frames = min(count, groups.count)
    let first = position(groups, 0)
    if first.isEmpty { return false }
    return EvenSpread.places(placesLookedAt, of: frames).contains { position(groups, $0) != first }
  }

  private static func position(_ groups: FunctionalGroups, _ frame: Int) -> [Double] {
    groups.frame(frame)?.items(.planePositionSequence).first?.numbers(.imagePosition) ?? []
  }

  /// Seconds of each frame, of Frame Time, Frame Time Vector, or a rate (PS3.3 C.7.6.5); nil where the file tells none of them.
  static func seconds(_ root: DICOMDataSet, count: Int) -> [Double]? {
    let increments = root.numbers(.frameTimeVector)
    if increments.count >= count, count > 1, increments.prefix(count).allSatisfy({ $0 >= 0 }) {
      var sum = 0.0
      // The first increment is that before the first frame: 0 by rule, and left out where it is not.
      return (0..<count).map { index in
        if index > 0 { sum += increments[index] / 1000 }
        return sum
      }
    }
    var interval = root.number(.frameTime).map { $0 / 1000 } ?? 0
    for rate in [DICOMTag.cineRate, .recommendedDisplayFrameRate] where !(interval > 0) {
      if let rate = root.number(rate), rate > 0 { interval = 1 / rate }
    }
    return interval > 0 ? (0..<count).map { Double($0) * interval } : nil
  }
}
