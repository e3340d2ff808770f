import CTIFF
import Records

/// The pages of a TIFF file through libtiff, one at a time.
///
/// Stored samples are those of tifffile's array: no inversion, palette indices kept, one-bit pixels as bytes of 0 and 1, 2 and 4 bits as they are, 9…15
/// bits in 16; half floats become 32-bit ones; JPEG and YCbCr come as RGB. As looked at: the orientation tag undone, WhiteIsZero inverted, alpha
/// over black, CMYK by `inksAsColour`; unsigned samples over the range of their bits, signed and floating ones and those of 32 bits and more between
/// the page's 0.5th and 99.5th percentiles. Profiles are ignored. A page that repeats the largest one at a smaller size (the levels of a pyramid,
/// a thumbnail) is no picture, nor is a mask.
final class TIFFSource: PictureSource {
  let facts: ImageFacts
  let count: Int
  private let file: TIFFFile
  private let pages: [TIFFFile.Page]

  init(_ path: String) throws(DecodeFailure) {
    file = try TIFFFile(path)
    pages = TIFFSource.pictures(file.pages)
    count = pages.count
    facts = TIFFSource.facts(of: pages[0], frames: pages.count)
  }

  /// Those that are pictures of their own. Never empty.
  private static func pictures(_ pages: [TIFFFile.Page]) -> [TIFFFile.Page] {
    let isReduced = UInt32(FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)
    guard let largest = pages.max(by: { $0.width * $0.height < $1.width * $1.height }) else { return pages }
    let whole = pages.filter { page in
      if page.offset == largest.offset { return true }
      if page.header.subfileType & isReduced != 0 { return false }
      if page.width >= largest.width || page.height >= largest.height { return true }
      // The same shape up to a pixel of rounding at the smaller size.
      let across = Double(page.width) / Double(max(largest.width, 1)) * Double(largest.height)
      let down = Double(page.height) / Double(max(largest.height, 1)) * Double(largest.width)
      return abs(across - Double(page.height)) > 1 && abs(down - Double(page.width)) > 1
    }
    return whole.isEmpty ? [largest] : whole
  }

  private static func facts(of page: TIFFFile.Page, frames: Int) -> ImageFacts {
    let orientation = (1...8).contains(page.header.orientation) ? Int(page.header.orientation) : 1
    let isTransposed = orientation >= 5
    var facts = ImageFacts(
      kind: .tiff, width: isTransposed ? page.height : page.width, height: isTransposed ? page.width : page.height,
      frames: frames, bits: Int(page.header.bits), samples: Int(page.header.samples))
    facts.orientation = orientation
    facts.hasColourProfile = page.header.hasColourProfile != 0
    return facts
  }

  func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture {
    let page = pages[index]
    try file.select(page)
    let reader = try TIFFPageReader(file, page)
    let stored = try reader.stored()
    var facts = TIFFSource.facts(of: page, frames: count)
    facts.samples = stored.samples
    if count > 1 {
      facts.item = String(index)
      facts.frame = index
    }
    let upright = stored.turned(by: facts.orientation)
    let (picture, rendering) = try reader.rendered(upright)
    facts.rendering = rendering
    return SourcePicture(stored: stored, picture: picture, facts: facts)
  }
}
