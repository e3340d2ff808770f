import Records

/// BMP and JPEG XL through libvips: the only picture, or the first.
///
/// Stored samples are those of libvips: palettes of BMP resolved, alpha kept as the last sample, colour spaces that are none of RGB's turned into sRGB. Orientation is
/// undone, transparency laid over black, profiles of RGB pictures ignored; samples of neither 8 nor 16 unsigned bits are stretched between
/// their 0.5th and 99.5th percentiles.
enum VipsDecoder {
  static func decode(_ path: String, _ format: FileFormat) throws(DecodeFailure) -> SourcePicture {
    let loader = format == .jpegxl ? "jxlload" : "magickload"
    return try VipsImageHandle.reading { isStrict throws(DecodeFailure) in
      let image = try VipsImageHandle(path, loader, allPages: false, isStrict: isStrict)
      try DecodingLimits.check(width: image.width, height: image.height)
      let colours = try image.inRGB()
      let stored = try colours.samples(top: 0, rows: colours.height)
      let (picture, rendering) = try colours.rendered(stored)
      var facts = image.facts(format, frames: 1)
      facts.samples = stored.samples
      facts.rendering = rendering
      return SourcePicture(stored: stored, picture: picture, facts: facts)
    }
  }
}
