import COpenSlide
import Foundation
import Records

/// A slide opened by OpenSlide: the owner of its handle.
///
/// An error sticks to a handle: every later call fails. So it is asked for after each call, and after one the handle is replaced, or one broken tile
/// would take the rest of the slide with it. The library's own words may quote the file and are thrown away.
package final class OpenSlideImage: SlideImage {
  package let levels: [SlideLevel]
  package let resolution: SlideResolution?
  package let bounds: SlideRectangle
  package let background: (red: UInt8, green: UInt8, blue: UInt8)
  package let facts: ImageFacts
  /// OpenSlide's name of the format: `aperio`, `hamamatsu`, `generic-tiff`, …
  package let vendor: String

  private let path: String
  /// OpenSlide's own downsamples: it converts coordinates by them.
  private let downsamples: [Double]
  private var handle: OpenSlideHandle

  /// Which of OpenSlide's formats a file is; nil for none. Reads the file's head, not its name, but for formats that lie in several files.
  /// The corresponding C function is `openslide_detect_vendor`.
  package static func vendor(of path: String) -> String? { openslide_detect_vendor(path).map { String(cString: $0) } }

  /// - Throws: `unknown_format` where OpenSlide knows nothing of the file, `corrupt` where it cannot open it.
  package init(_ path: String) throws(DecodeFailure) {
    let handle = try OpenSlideHandle(path)
    self.handle = handle
    self.path = path
    let count = try handle.ask { Int(openslide_get_level_count($0)) }
    guard (1...64).contains(count) else { throw DecodeFailure(.corrupt, "a slide of \(count) levels") }
    let mostPixels = try OpenSlideImage.mostPixels(of: path, handle)
    var levels: [SlideLevel] = []
    var downsamples: [Double] = []
    for level in 0..<count {
      var width: Int64 = 0
      var height: Int64 = 0
      try handle.ask { openslide_get_level_dimensions($0, Int32(level), &width, &height) }
      let base = levels.first.map { ($0.width, $0.height) } ?? (Int(width), Int(height))
      // 2^26 pixels at 0.1 µm are 6.7 m of glass.
      guard (1...1 << 26).contains(width), (1...1 << 26).contains(height), width <= base.0, height <= base.1 else {
        throw DecodeFailure(.corrupt, "level \(level) of the slide is \(width) × \(height) pixels")
      }
      guard Int(width) * Int(height) <= mostPixels else {
        throw DecodeFailure(.corrupt, "a slide of \(width) × \(height) pixels in a file that is far too small for them")
      }
      // OpenSlide ends the process where there is no memory for a tile.
      let sides = (
        try handle.number("openslide.level[\(level)].tile-width") ?? 0,
        try handle.number("openslide.level[\(level)].tile-height") ?? 0
      )
      guard sides.0 * sides.1 <= Double(SlideReading.regionLimit) else {
        throw DecodeFailure(.tooLarge, "tiles of \(sides.0) × \(sides.1) pixels in the slide")
      }
      levels.append(SlideLevel(width: Int(width), height: Int(height), base: base))
      downsamples.append(try handle.ask { openslide_get_level_downsample($0, Int32(level)) })
    }
    guard downsamples.allSatisfy({ $0.isFinite && $0 >= 1 }) else {
      throw DecodeFailure(.corrupt, "a level of the slide is larger than the first")
    }
    self.levels = levels
    self.downsamples = downsamples
    vendor = try handle.property("openslide.vendor") ?? ""
    resolution = try OpenSlideImage.resolution(handle)
    background = try OpenSlideImage.background(handle)
    bounds = try OpenSlideImage.bounds(handle, levels[0])
    var facts = ImageFacts(
      kind: .slide, width: levels[0].width, height: levels[0].height, frames: 1, bits: 8, samples: 3)
    facts.hasColourProfile = false
    facts.modality = "SM"
    facts.micrometresPerPixel = resolution.map { ($0.x * $0.y).squareRoot() }
    self.facts = facts
  }

  /// Pixels that a level can have: empty tiles of JPEG take a byte for some hundred pixels, so that a thousand for each byte of the file are
  /// those of a damaged header, and hours of work. Formats of several files have their pixels elsewhere.
  private static func mostPixels(of path: String, _ handle: OpenSlideHandle) throws(DecodeFailure) -> Int {
    let several: Set<String> = ["mirax", "hamamatsu"]
    if several.contains(try handle.property("openslide.vendor") ?? "") { return .max }
    return max(1 << 24, 1000 * Int(try FileState(path).size))
  }

  /// The corresponding C function is `openslide_read_region`, which gives premultiplied ARGB: what is transparent shows the background.
  package func region(level: Int, _ rectangle: SlideRectangle) throws(DecodeFailure) -> [UInt8] {
    let count = rectangle.width * rectangle.height
    // OpenSlide takes the corner in pixels of level 0 and divides by its own downsample.
    let x = Int64((Double(rectangle.x) * downsamples[level]).rounded())
    let y = Int64((Double(rectangle.y) * downsamples[level]).rounded())
    var words = [UInt32](repeating: 0, count: count)
    do throws(DecodeFailure) {
      try handle.ask {
        openslide_read_region($0, &words, x, y, Int32(level), Int64(rectangle.width), Int64(rectangle.height))
      }
    } catch {
      if let fresh = try? OpenSlideHandle(path) { handle = fresh }
      throw DecodeFailure(.corrupt, "a region of the slide cannot be decoded")
    }
    let (red, green, blue) = (UInt32(background.red), UInt32(background.green), UInt32(background.blue))
    return [UInt8](unsafeUninitializedCapacity: 3 * count) { target, filled in
      for i in 0..<count {
        let word = words[i]
        let clear = 255 - (word >> 24)
        func laid(_ colour: UInt32, over ground: UInt32) -> UInt8 {
          UInt8(min(255, colour + (ground * clear + 127) / 255))
        }
        target[3 * i] = laid(word >> 16 & 255, over: red)
        target[3 * i + 1] = laid(word >> 8 & 255, over: green)
        target[3 * i + 2] = laid(word & 255, over: blue)
      }
      filled = 3 * count
    }
  }

  /// What the scanner states, else the tags of a plain TIFF, unless they are what programs write that know nothing (72 or 96 dots an inch).
  private static func resolution(_ handle: OpenSlideHandle) throws(DecodeFailure) -> SlideResolution? {
    if let x = try handle.number("openslide.mpp-x"), let y = try handle.number("openslide.mpp-y"),
      let stated = SlideResolution(x: x, y: y)
    {
      return stated
    }
    guard let x = try handle.number("tiff.XResolution"), let y = try handle.number("tiff.YResolution"), x > 0, y > 0
    else { return nil }
    switch try handle.property("tiff.ResolutionUnit") {
    case "centimeter": return SlideResolution(x: 10_000 / x, y: 10_000 / y, most: 50)
    case "inch": return SlideResolution(x: 25_400 / x, y: 25_400 / y, most: 50)
    default: return nil
    }
  }

  private static func background(_ handle: OpenSlideHandle) throws(DecodeFailure) -> (UInt8, UInt8, UInt8) {
    guard let text = try handle.property("openslide.background-color"), text.utf8.count == 6,
      let colour = UInt32(text, radix: 16)
    else { return (255, 255, 255) }
    return (UInt8(colour >> 16), UInt8(colour >> 8 & 255), UInt8(colour & 255))
  }

  /// The scanned part, where the format states one that lies in the slide.
  private static func bounds(_ handle: OpenSlideHandle, _ base: SlideLevel) throws(DecodeFailure) -> SlideRectangle {
    let whole = SlideRectangle(x: 0, y: 0, width: base.width, height: base.height)
    var numbers: [Int] = []
    for name in ["x", "y", "width", "height"] {
      guard let text = try handle.property("openslide.bounds-" + name), let number = Int(text) else { return whole }
      numbers.append(number)
    }
    let (x, y, width, height) = (numbers[0], numbers[1], numbers[2], numbers[3])
    guard x >= 0, y >= 0, width > 0, height > 0, x < base.width, y < base.height else { return whole }
    return SlideRectangle(x: x, y: y, width: min(width, base.width - x), height: min(height, base.height - y))
  }
}

/// Owns one `openslide_t`: `init` throws or holds a good one, `deinit` closes it.
private final class OpenSlideHandle {
  private let pointer: OpaquePointer

  init(_ path: String) throws(DecodeFailure) {
    guard let pointer = openslide_open(path) else {
      throw DecodeFailure(.unknownFormat, "no slide format that is read")
    }
    self.pointer = pointer
    if openslide_get_error(pointer) != nil {
      throw DecodeFailure(
        .corrupt, "the slide cannot be opened: it is damaged, incomplete, or compressed in a way that is not read")
    }
  }

  deinit { openslide_close(pointer) }

  /// The check of every call.
  @discardableResult
  func ask<R>(_ body: (OpaquePointer) -> R) throws(DecodeFailure) -> R {
    let result = body(pointer)
    if openslide_get_error(pointer) != nil { throw DecodeFailure(.corrupt, "the slide cannot be decoded") }
    return result
  }

  func property(_ name: String) throws(DecodeFailure) -> String? {
    try ask { openslide_get_property_value($0, name).map { String(cString: $0) } }
  }

  func number(_ name: String) throws(DecodeFailure) -> Double? {
    try property(name).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
  }
}
