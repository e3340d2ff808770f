import Records

extension DICOMTag {
  package static let totalPixelMatrixColumns = Self(0x0048, 0x0006)
  package static let totalPixelMatrixRows = Self(0x0048, 0x0007)
  package static let imagedVolumeWidth = Self(0x0048, 0x0001)
  package static let imagedVolumeHeight = Self(0x0048, 0x0002)
  package static let specimenLabelInImage = Self(0x0048, 0x0010)
  package static let opticalPathSequence = Self(0x0048, 0x0105)
  package static let opticalPathIdentifier = Self(0x0048, 0x0106)
  package static let opticalPathIdentificationSequence = Self(0x0048, 0x0207)
  package static let columnPositionInTotalPixelMatrix = Self(0x0048, 0x021e)
  package static let rowPositionInTotalPixelMatrix = Self(0x0048, 0x021f)
  package static let zOffsetInSlideCoordinateSystem = Self(0x0040, 0x074a)
  package static let concatenationFrameOffset = Self(0x0020, 0x9228)
  package static let dimensionOrganizationType = Self(0x0020, 0x9311)
}

/// One level of a DICOM slide: a file whose frames are tiles of a large picture (PS3.3 A.32.8, VL Whole Slide Microscopy).
///
/// TILED_FULL: frame after frame along rows, then down (PS3.3 C.7.6.17.3). TILED_SPARSE: every frame says where it lies; what none covers was not
/// scanned. Of several optical paths and focal planes the first is taken.
final class DICOMSlideLevel {
  let file: DICOMFile
  let width: Int
  let height: Int
  /// Micrometres a pixel as the file states it.
  let resolution: SlideResolution?
  private let description: PixelDescription
  private let frames: Frames
  private var cache = FrameCache()

  /// Which frame shows which place.
  private enum Frames {
    /// So many frames along a row; the file's first frame is number `offset` of the whole.
    case grid(across: Int, down: Int, offset: Int)
    /// Upper left corners from 0, by the row and column of frames they lie in; at one place in the order of the file.
    case placed([Place: [(x: Int, y: Int, frame: Int)]])
  }

  private struct Place: Hashable {
    let column: Int
    let row: Int
  }

  /// Frames of a sparse file at most.
  private static let mostFrames = 4_000_000

  /// - Throws: `corrupt`, `unsupported_encoding`, and what the file's pixels throw.
  init(_ file: DICOMFile) throws(DecodeFailure) {
    let header = file.dataSet
    description = try file.pixelDescription
    guard let width = header.integer(.totalPixelMatrixColumns), let height = header.integer(.totalPixelMatrixRows),
      (1...1 << 26).contains(width), (1...1 << 26).contains(height)
    else { throw DecodeFailure(.corrupt, "the slide does not state its size") }
    guard description.number == .integer, description.photometric != "PALETTE COLOR" else {
      throw DecodeFailure(.unsupportedEncoding, "a slide of \(description.photometric) pixels")
    }
    self.file = file
    self.width = width
    self.height = height
    let groups = FunctionalGroups(header)
    resolution = DICOMSlideLevel.resolution(header, groups, width: width, height: height)
    if header.code(.dimensionOrganizationType) == "TILED_SPARSE" || groups.count > 0 {
      let placed = try DICOMSlideLevel.positions(groups, header)
      if !placed.isEmpty {
        var places: [Place: [(x: Int, y: Int, frame: Int)]] = [:]
        for frame in placed {
          let place = Place(
            column: DICOMSlideLevel.part(frame.x, of: description.columns),
            row: DICOMSlideLevel.part(frame.y, of: description.rows))
          places[place, default: []].append(frame)
        }
        frames = .placed(places)
        return
      }
    }
    frames = .grid(
      across: (width - 1) / description.columns + 1, down: (height - 1) / description.rows + 1,
      offset: max(header.integer(.concatenationFrameOffset) ?? 0, 0))
  }

  /// Pixel Spacing (millimetres between rows, then between columns), else the imaged volume over the number of pixels.
  private static func resolution(
    _ header: DICOMDataSet, _ groups: FunctionalGroups, width: Int, height: Int
  ) -> SlideResolution? {
    let spacing = groups.dataSets(forFrame: 0).numbers(.pixelSpacing)
    if spacing.count >= 2, let known = SlideResolution(x: spacing[1] * 1000, y: spacing[0] * 1000) { return known }
    guard let across = header.number(.imagedVolumeWidth), let down = header.number(.imagedVolumeHeight) else {
      return nil
    }
    return SlideResolution(x: across * 1000 / Double(width), y: down * 1000 / Double(height))
  }

  private static func positions(
    _ groups: FunctionalGroups, _ header: DICOMDataSet
  ) throws(DecodeFailure) -> [(x: Int, y: Int, frame: Int)] {
    guard groups.count <= mostFrames else { throw DecodeFailure(.tooLarge, "a slide of \(groups.count) frames") }
    let path = header.items(.opticalPathSequence).first?.text(.opticalPathIdentifier)
    var plane: Double?
    var found: [(x: Int, y: Int, frame: Int)] = []
    for index in 0..<groups.count {
      guard let frame = groups.frame(index) else { continue }
      let identified = frame.items(.opticalPathIdentificationSequence).first?.text(.opticalPathIdentifier)
      if let path, let identified, path != identified { continue }
      guard let place = frame.items(.planePositionSlideSequence).first,
        let column = place.integer(.columnPositionInTotalPixelMatrix),
        let row = place.integer(.rowPositionInTotalPixelMatrix), abs(column) < 1 << 27, abs(row) < 1 << 27
      else { continue }
      let depth = place.number(.zOffsetInSlideCoordinateSystem) ?? 0
      if plane == nil { plane = depth }
      if depth == plane { found.append((column - 1, row - 1, index)) }
    }
    return found
  }

  /// Lays the frames that touch `rectangle` over `target`, `[y, x, RGB]` of that rectangle. What no frame shows stays as it is.
  func draw(_ rectangle: SlideRectangle, over target: inout [UInt8]) throws(DecodeFailure) {
    let (columns, rows) = (description.columns, description.rows)
    let right = min(rectangle.x + rectangle.width, width)
    let bottom = min(rectangle.y + rectangle.height, height)
    let (left, top) = (max(rectangle.x, 0), max(rectangle.y, 0))
    guard left < right, top < bottom else { return }
    switch frames {
    case .grid(let across, let down, let offset):
      let count = try file.frameCount
      for row in top / rows...min((bottom - 1) / rows, down - 1) {
        for column in left / columns...min((right - 1) / columns, across - 1) {
          let frame = row * across + column - offset
          if frame < 0 || frame >= count { continue }
          try draw(frame, x: column * columns, y: row * rows, rectangle, over: &target)
        }
      }
    case .placed(let places):
      for row in DICOMSlideLevel.part(top - rows + 1, of: rows)...(bottom - 1) / rows {
        for column in DICOMSlideLevel.part(left - columns + 1, of: columns)...(right - 1) / columns {
          for frame in places[Place(column: column, row: row)] ?? []
          where frame.x < right && frame.x + columns > left && frame.y < bottom && frame.y + rows > top {
            try draw(frame.frame, x: frame.x, y: frame.y, rectangle, over: &target)
          }
        }
      }
    }
  }

  /// Which part of that size a coordinate lies in, rounded down below 0 too.
  private static func part(_ coordinate: Int, of size: Int) -> Int {
    coordinate >= 0 ? coordinate / size : -((size - 1 - coordinate) / size)
  }

  private func draw(
    _ frame: Int, x: Int, y: Int, _ rectangle: SlideRectangle, over target: inout [UInt8]
  ) throws(DecodeFailure) {
    let (columns, rows) = (description.columns, description.rows)
    let pixels = try colours(of: frame)
    // The last frames of a row and column are filled up beyond the picture.
    let xs = max(x, rectangle.x, 0)..<max(x, rectangle.x, 0, min(x + columns, rectangle.x + rectangle.width, width))
    let ys = max(y, rectangle.y, 0)..<max(y, rectangle.y, 0, min(y + rows, rectangle.y + rectangle.height, height))
    if xs.isEmpty { return }
    for line in ys {
      let source = 3 * ((line - y) * columns + xs.lowerBound - x)
      let place = 3 * ((line - rectangle.y) * rectangle.width + xs.lowerBound - rectangle.x)
      for i in 0..<3 * xs.count { target[place + i] = pixels[source + i] }
    }
  }

  /// The RGB bytes of a frame. Grey becomes three equal channels; more than 8 bits are scaled by the bits that are stored.
  private func colours(of frame: Int) throws(DecodeFailure) -> [UInt8] {
    if let known = cache[frame] { return known }
    let syntax = file.frameTransferSyntax
    let description = description
    let stored = try file.withFrame(frame) { (bytes) throws(DecodeFailure) in
      try FrameDecoder.decode(bytes, syntax, description)
    }
    guard stored.rows == description.rows, stored.columns == description.columns,
      stored.type == .uint8 || stored.type == .uint16, stored.samples == 1 || stored.samples == 3
    else {
      throw DecodeFailure(.unsupportedEncoding, "a slide of \(stored.samples) samples of \(stored.type.rawValue)")
    }
    let pixels = DICOMSlideLevel.colours(stored, description)
    cache.insert(pixels, at: frame)
    return pixels
  }

  private static func colours(_ stored: StoredPixels, _ description: PixelDescription) -> [UInt8] {
    let isInverted = description.photometric == "MONOCHROME1"
    if stored.type == .uint8 && stored.samples == 3 { return stored.bytes }
    let most = (1 << min(max(description.bitsStored, 1), 16)) - 1
    var pixels = [UInt8](repeating: 0, count: 3 * stored.rows * stored.columns)
    for i in 0..<stored.rows * stored.columns {
      for channel in 0..<3 {
        let index = stored.samples == 3 ? 3 * i + channel : i
        let sample =
          stored.type == .uint8
          ? Int(stored.bytes[index]) : Int(stored.bytes[2 * index]) | Int(stored.bytes[2 * index + 1]) << 8
        let shade = min(sample, most) * 255 / most
        pixels[3 * i + channel] = UInt8(isInverted ? 255 - shade : shade)
      }
    }
    return pixels
  }
}

/// Frames that were decoded last, up to 64 MB of them: tiles cut frames in parts.
private struct FrameCache {
  private static let capacity = 64 << 20
  private var frames: [Int: [UInt8]] = [:]
  private var order: [Int] = []
  private var bytes = 0

  subscript(frame: Int) -> [UInt8]? { frames[frame] }

  mutating func insert(_ pixels: [UInt8], at frame: Int) {
    frames[frame] = pixels
    order.append(frame)
    bytes += pixels.count
    while bytes > FrameCache.capacity && order.count > 1 {
      bytes -= frames.removeValue(forKey: order.removeFirst())?.count ?? 0
    }
  }
}
