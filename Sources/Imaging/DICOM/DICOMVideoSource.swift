import Records

extension VideoSource {
  /// The moving pictures of a DICOM file of transfer syntax 1.2.840.10008.1.2.4.100 to .108: MPEG-2, H.264 or HEVC.
  ///
  /// The stream decides how large its frames are and how many; what the header states is not asked. A container's time stamps tell when frames are
  /// shown; bare streams have none, and Frame Time, Frame Time Vector or a rate of the header (PS3.3 C.7.6.5) come before the rate that the
  /// stream states for itself. Samples are RGB by the stream's own matrix and range, not windowed.
  ///
  /// - Throws: `no_pixels`, `truncated`, `too_large` as `DICOMFile.joinedFragments`; `corrupt`, `unsupported_encoding`.
  convenience init(_ file: DICOMFile, _ sampling: ClipSampling) throws(DecodeFailure) {
    let stream = try file.joinedFragments()
    // A bare stream's start codes would pass for the lengths of a container's parts.
    if stream.bytes.dropFirst(4).starts(with: Array("ftyp".utf8)), ClipEnd(stream.bytes).isCutShort {
      throw DecodeFailure(.truncated, "the moving pictures end before their container says")
    }
    let frames = try VideoFrames(bitStream: stream)
    let stated = FrameChoice.seconds(file.dataSet, count: frames.count)
    var facts = VideoSource.facts(.dicom, frames)
    facts.describe(file.dataSet)
    self.init(
      frames, facts, times: frames.hasStamps ? frames.times ?? stated : stated ?? frames.times, isCutShort: false,
      sampling,
      place: SlicePlace([file.dataSet], frame: 0))
  }
}
