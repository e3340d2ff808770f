import Foundation
import Records

/// The slices of a NIfTI or Analyze volume through its third axis, volume after volume (time points and further axes) in the order of the file.
///
/// Stored samples are those of the file, the first axis along the rows: `dataobj[:, :, z, t].T` of nibabel. As looked at, a slice is turned as
/// `AxisTurn` says and seen through one window for the whole file: `cal_min`…`cal_max` where at least 1 % of the numbers looked at lie
/// strictly between, else their 0.5th to 99.5th percentiles; the numbers looked at are those of `VolumeSampling.runs`, after slope and intercept.
/// `ReadingOptions.slices` takes that many of every volume. A picture's `frame` and item is its number in the file: volume · slices + slice.
final class NIfTISource: PictureSource {
  let facts: ImageFacts
  let count: Int
  private let header: NIfTIHeader
  private let source: ByteSource
  private let slices: [Int]
  private let turn: AxisTurn?
  private var window: (ValueWindow, Rendering)?

  /// - Throws: `missing_companion`, `truncated`, and what `NIfTIHeader` throws.
  init(_ path: String, _ options: ReadingOptions) throws(DecodeFailure) {
    let bytes = try NIfTIPair.bytes(of: path)
    var parsed: NIfTIHeader?
    var failure: DecodeFailure?
    bytes.withUnsafeBytes { raw in
      do throws(DecodeFailure) { parsed = try NIfTIHeader(raw) } catch { failure = error }
    }
    guard let header = parsed else { throw failure ?? DecodeFailure(.corrupt, "no NIfTI header") }
    self.header = header
    let voxels = header.isSingle ? path : try NIfTIPair.pixelFile(of: path)
    let size = header.offset + header.voxelCount * header.voxel.width
    let source = try ByteSource(size: size) { () throws(DecodeFailure) in try NIfTIPair.stream(voxels) }
    try NIfTISource.checkEnd(voxels, source)
    self.source = source
    slices = EvenSpread.places(options.slices, of: header.slices)
    let (total, overflow) = slices.count.multipliedReportingOverflow(by: header.volumes)
    if overflow { throw DecodeFailure(.tooLarge, "more slices than can be counted") }
    count = total
    turn = header.affine.map { AxisTurn($0, columns: header.columns, rows: header.rows) }
    let isTransposed = (turn?.orientation ?? 1) >= 5
    var facts = ImageFacts(
      kind: .nifti, width: isTransposed ? header.rows : header.columns,
      height: isTransposed ? header.columns : header.rows, frames: header.slices * header.volumes, bits: 8, samples: 1)
    switch header.voxel {
    case .number(let type): facts.bits = 8 * type.width
    case .rgb: facts.samples = 3
    case .rgba: facts.samples = 4
    }
    self.facts = facts
  }

  /// Whether all voxels are there, as far as that can be known without inflating them: by the length of a plain file, and by the length that a gzip file
  /// states at its end. Where the latter is another one, by inflating it.
  private static func checkEnd(_ path: String, _ source: ByteSource) throws(DecodeFailure) {
    let file = try FileStream(path)
    if try NIfTIPair.stream(path) is FileStream {
      if file.size < source.size { throw DecodeFailure(.truncated, "the file ends before its last voxel") }
      return
    }
    var stated: UInt32 = 0
    file.jump(to: max(0, file.size - 4))
    _ = try withUnsafeMutableBytes(of: &stated) { bytes throws(DecodeFailure) in try file.read(into: bytes) }
    if UInt32(littleEndian: stated) != UInt32(truncatingIfNeeded: source.size) {
      var last: UInt8 = 0
      try withUnsafeMutableBytes(of: &last) { bytes throws(DecodeFailure) in
        try source.read(at: source.size - 1, into: bytes)
      }
    }
  }

  func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture {
    let volume = index / slices.count
    let slice = slices[index % slices.count]
    let frame = volume * header.slices + slice
    var facts = facts
    facts.frame = frame
    facts.item = String(frame)
    facts.seconds = header.interval.map { $0 * Double(volume) }
    if var place = turn?.place(slice: slice) {
      place.instance = frame + 1
      if header.volumes > 1 { place.moments = ["temporal_position=\(volume + 1)"] }
      facts.slice = place
    }
    let offset = header.offset + frame * header.sliceBytes
    let pixels = header.columns * header.rows
    let orientation = turn?.orientation ?? 1
    func stored(_ samples: Int, _ type: StoredPixels.SampleType) throws(DecodeFailure) -> StoredPixels {
      let bytes = try source.numbers(
        at: offset, count: pixels * samples, width: type.width, bigEndian: header.isBigEndian)
      return StoredPixels(
        bytes: bytes, columns: header.columns, rows: header.rows, samples: samples, type: type)
    }
    switch header.voxel {
    case .number(let type):
      let pixels = try stored(1, type)
      let (window, rendering) = try chooseWindow(type)
      facts.rendering = rendering
      return SourcePicture(
        stored: pixels, picture: ValueWindow.picture(pixels.turned(by: orientation), window), facts: facts)
    case .rgb:
      let pixels = try stored(3, .uint8)
      return SourcePicture(stored: pixels, picture: Picture(pixels.turned(by: orientation)), facts: facts)
    case .rgba:
      let pixels = try stored(4, .uint8)
      return SourcePicture(stored: pixels, picture: pixels.turned(by: orientation).overBlack(), facts: facts)
    }
  }

  private func chooseWindow(_ type: StoredPixels.SampleType) throws(DecodeFailure) -> (ValueWindow, Rendering) {
    if let window { return window }
    let values = try source.sample(
      at: header.offset, count: header.voxelCount, type: type, bigEndian: header.isBigEndian)
    let (low, high) = (header.leastShown, header.greatestShown)
    var chosen: (ValueWindow, Rendering)
    let inside = values.count { value in
      let value = value * header.slope + header.intercept
      return value > low && value < high
    }
    if low.isFinite && high.isFinite && low < high && inside * 100 >= values.count {
      let window = ValueWindow(low: low, high: high, slope: header.slope, intercept: header.intercept)
      chosen = (window, .window)
    } else {
      chosen = (.percentiles(of: values, slope: header.slope, intercept: header.intercept), .percentiles)
    }
    window = chosen
    return chosen
  }
}
