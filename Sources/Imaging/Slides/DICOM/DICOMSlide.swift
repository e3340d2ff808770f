import Foundation
import Records
import Synchronization

/// A DICOM whole slide: its levels, each in a file of its own, read frame by frame.
package final class DICOMSlide: SlideImage {
  package let levels: [SlideLevel]
  package let resolution: SlideResolution?
  package let bounds: SlideRectangle
  package let background: (red: UInt8, green: UInt8, blue: UInt8) = (255, 255, 255)
  package let facts: ImageFacts
  private let files: [DICOMSlideLevel]

  /// VL Whole Slide Microscopy Image Storage.
  static let sopClass = "1.2.840.10008.5.1.4.1.1.77.1.6"

  /// The slide whose largest level is `file`, with those of `smaller` that are the same scene.
  ///
  /// - Throws: `slide_label` for labels, overviews and thumbnails, which are not the tissue and may show a name; what a level throws.
  package init(_ file: DICOMFile, smaller: [DICOMFile] = []) throws(DecodeFailure) {
    guard DICOMSlide.showsTissue(file.dataSet) else {
      throw DecodeFailure(.slideLabel, "the label, the overview or the thumbnail of a slide")
    }
    let first = try DICOMSlideLevel(file)
    var files = [first]
    for other in smaller {
      guard let level = try? DICOMSlideLevel(other) else { continue }
      let (x, y) = (Double(first.width) / Double(level.width), Double(first.height) / Double(level.height))
      // The same scene: as much smaller along one axis as along the other.
      if x > 1.2 && y > 1.2 && abs(x - y) < 0.02 * x { files.append(level) }
    }
    files.sort { $0.width > $1.width }
    self.files = files
    levels = files.map { SlideLevel(width: $0.width, height: $0.height, base: (first.width, first.height)) }
    resolution = first.resolution
    bounds = SlideRectangle(x: 0, y: 0, width: first.width, height: first.height)
    let header = file.dataSet
    var facts = ImageFacts(
      kind: .slide, width: first.width, height: first.height, frames: 1, bits: header.integer(.bitsStored) ?? 8,
      samples: header.integer(.samplesPerPixel) ?? 1)
    facts.describe(header)
    facts.micrometresPerPixel = resolution.map { ($0.x * $0.y).squareRoot() }
    self.facts = facts
  }

  package func region(level: Int, _ rectangle: SlideRectangle) throws(DecodeFailure) -> [UInt8] {
    var pixels = [UInt8](repeating: 255, count: 3 * rectangle.width * rectangle.height)
    try files[level].draw(rectangle, over: &pixels)
    return pixels
  }

  /// Image Type value 3 says what is shown (PS3.3 C.8.12.4.1.1): VOLUME is the tissue. Nothing that has the label in it is shown.
  static func showsTissue(_ header: DICOMDataSet) -> Bool {
    let kind = header.texts(.imageType).dropFirst(2).first?.uppercased() ?? "VOLUME"
    return !["LABEL", "OVERVIEW", "THUMBNAIL", "LOCALIZER"].contains(kind)
      && header.text(.specimenLabelInImage).uppercased() != "YES"
  }

  static func isSlide(_ file: DICOMFile) -> Bool { file.dataSet.text(.sopClass) == sopClass }
}

/// Which file of a folder carries the tiles of a DICOM slide: the largest of its series, with the others as levels.
enum DICOMSlides {
  /// The tiles of a slide; nil where the file is none.
  /// - Throws: `slide_label`; `pyramid_level` for a file of which a larger one lies beside it; what keeps the slide from being read.
  static func open(
    _ file: DICOMFile, at path: String, _ options: ReadingOptions
  ) throws(DecodeFailure) -> (any PictureSource)? {
    guard DICOMSlide.isSlide(file), options.tiles.scope != .none else { return nil }
    guard DICOMSlide.showsTissue(file.dataSet) else {
      throw DecodeFailure(.slideLabel, "the label, the overview or the thumbnail of a slide")
    }
    let own = DICOMSlideFolder.Member(file, path)
    let family = own.series.isEmpty ? [] : DICOMSlideFolder.members(of: own.series, beside: path)
    if family.contains(where: { $0.isLarger(than: own) }) {
      throw DecodeFailure(.pyramidLevel, "a smaller copy of a slide that is there at full size")
    }
    let smaller = family.filter { own.isLarger(than: $0) }.compactMap { try? DICOMFile($0.path) }
    return try SlideSource(try DICOMSlide(file, smaller: smaller), options)
  }
}

/// The slides of a folder by series: looked at once for all files of the folder.
enum DICOMSlideFolder {
  /// What is needed of a file to find its place in a pyramid.
  struct Member: Sendable, Equatable {
    let path: String
    let series: String
    let columns: Int
    let rows: Int

    init(_ file: DICOMFile, _ path: String) {
      self.path = path
      series = file.dataSet.text(.seriesInstanceUID)
      columns = file.dataSet.integer(.totalPixelMatrixColumns) ?? 0
      rows = file.dataSet.integer(.totalPixelMatrixRows) ?? 0
    }

    /// Whether it is a larger picture of the same scene, by its shape.
    func isLarger(than other: Member) -> Bool {
      guard other.columns > 0, other.rows > 0 else { return false }
      let (x, y) = (Double(columns) / Double(other.columns), Double(rows) / Double(other.rows))
      // A side of a small level is rounded to a pixel.
      let slack: Double = 0.02 * x + 2 * y / Double(other.rows)
      return x > 1.2 && y > 1.2 && abs(x - y) < slack
    }
  }

  private struct Known {
    var folder = ""
    var state: [Int] = []
    var members: [String: [Member]] = [:]
  }

  private static let last = Mutex(Known())

  /// The slides of one series in the folder of `path`, in the order of their names; empty where the folder cannot be listed.
  static func members(of series: String, beside path: String) -> [Member] {
    let folder = URL(filePath: path).deletingLastPathComponent()
    var status = stat()
    guard stat(folder.path, &status) == 0 else { return [] }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    let state = [Int(status.st_ino), Int(time.tv_sec), Int(time.tv_nsec)]
    return last.withLock { known in
      if known.folder != folder.path || known.state != state {
        known = Known(folder: folder.path, state: state, members: list(folder))
      }
      return known.members[series] ?? []
    }
  }

  private static func list(_ folder: URL) -> [String: [Member]] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    var found: [String: [Member]] = [:]
    for name in names.sorted() {
      let path = folder.appending(path: name).path
      guard (try? FileState(path)) != nil, PictureSources.looksLikeDICOM(path), let file = try? DICOMFile(path),
        DICOMSlide.isSlide(file), DICOMSlide.showsTissue(file.dataSet)
      else { continue }
      let member = Member(file, path)
      if !member.series.isEmpty { found[member.series, default: []].append(member) }
    }
    return found
  }
}
