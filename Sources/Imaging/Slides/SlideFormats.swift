import Foundation
import Records

/// Which files are slides: OpenSlide is asked for TIFF files and for the few formats that cannot be told by their first bytes.
enum SlideFormats {
  /// MIRAX is a JPEG or nothing known beside a folder, Hamamatsu's are texts, Sakura's is a database: the name says that OpenSlide should look.
  private static let extensions: Set<String> = ["mrxs", "vms", "vmu", "svslide", "svs", "ndpi", "scn", "bif"]

  /// The tiles of a slide; nil where the file is none, and another reader's.
  ///
  /// A tiled TIFF of one level that states no resolution is an ordinary picture, not a slide.
  /// - Throws: what keeps a file that is a slide from being read.
  static func open(
    _ path: String, _ format: FileFormat?, _ options: ReadingOptions
  ) throws(DecodeFailure) -> (any PictureSource)? {
    let name = URL(filePath: path).pathExtension.lowercased()
    guard format == .tiff || extensions.contains(name) else { return nil }
    guard let vendor = OpenSlideImage.vendor(of: path) else {
      // A file called a slide that OpenSlide does not know may still be a plain TIFF.
      return nil
    }
    let slide: OpenSlideImage
    do throws(DecodeFailure) { slide = try OpenSlideImage(path) } catch {
      if vendor == "generic-tiff" { return nil }
      throw error
    }
    if options.tiles.scope == .none {
      return vendor == "generic-tiff" ? nil : SinglePicture(try SlideReading.whole(slide))
    }
    if vendor == "generic-tiff" && slide.levels.count == 1 && slide.resolution == nil && options.tiles.scope == .slides
    {
      return nil
    }
    return try SlideSource(slide, options)
  }

  /// The tiles of any other raster that is larger than one, if all rasters are to be cut.
  static func cut(
    _ source: any PictureSource, _ options: ReadingOptions
  ) throws(DecodeFailure) -> any PictureSource {
    let size = options.tiles.size
    guard options.tiles.scope == .all, source.count == 1, source.facts.width > size || source.facts.height > size
    else { return source }
    let content = try source.picture(0)
    let stated = content.facts.micrometresPerPixel.flatMap { SlideResolution(x: $0, y: $0, most: 50) }
    return try SlideSource(RasterSlide(content.picture, facts: content.facts, resolution: stated), options)
  }
}
