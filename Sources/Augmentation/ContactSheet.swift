public import Tensors

/// A sheet to look at: a row an image, with the image itself, the two global crops, and local ones at twice their size.
///
/// Crops are as the networks get them, before they are standardised. The same images, preset and seed give the same sheet.
public struct ContactSheet: Sendable {
  public let width: Int
  public let height: Int
  /// Interleaved [height, width, 3].
  public let pixels: [UInt8]

  private static let gap = 4
  /// Between the image, the global crops and the local ones.
  private static let widerGap = 12
  private static let ground: UInt8 = 200

  /// - Parameters:
  ///   - images: stacks of one square image each, all of `side` pixels, which the global crops have too; local ones have half.
  ///   - crops: how many an image, the two global ones among them.
  /// - Precondition: `crops` is 2 or more, `side` 16 or more and even; there is an image.
  public init(_ images: [PixelStack], preset: AugmentationPreset, side: Int, crops: Int, seed: Seed) {
    precondition(!images.isEmpty, "a sheet of no images")
    precondition(crops >= 2 && side >= 16 && side % 2 == 0, "\(crops) crops of \(side) pixels")
    precondition(images.allSatisfy { $0.height == side && $0.width == side && $0.count == 1 }, "images that don't fit")
    let gap = ContactSheet.gap
    let width = gap + (crops + 1) * (side + gap) + (crops > 2 ? 2 : 1) * (ContactSheet.widerGap - gap)
    let height = gap + images.count * (side + gap)
    var sheet = [UInt8](repeating: ContactSheet.ground, count: width * height * 3)
    let augmenter = Augmenter(
      preset: preset, mean: [0, 0, 0], deviation: [1, 1, 1], height: side, width: side, largestSide: side)
    var tile = [Float](repeating: 0, count: 3 * side * side)
    for (row, image) in images.enumerated() {
      let top = gap + row * (side + gap)
      var left = gap
      func put(side small: Int) {
        let times = side / small
        for y in 0..<small * times {
          for x in 0..<small * times {
            for channel in 0..<3 {
              let value = tile[(channel * small + y / times) * small + x / times]
              sheet[((top + y) * width + left + x) * 3 + channel] = UInt8(min(max(value, 0), 1) * 255 + 0.5)
            }
          }
        }
      }
      image.read(0, into: &tile)
      put(side: side)
      left += side + ContactSheet.widerGap
      augmenter.load(image, 0)
      for crop in 0..<crops {
        var generator = seed.split(row).split(crop).generator()
        let view: AugmentationPreset.View = crop == 0 ? .firstGlobal : crop == 1 ? .secondGlobal : .local
        let isLocal = crop >= 2
        augmenter.crop(
          view, scale: isLocal ? preset.localScale : preset.globalScale, side: isLocal ? side / 2 : side, &generator,
          into: &tile)
        put(side: isLocal ? side / 2 : side)
        left += side + (crop == 1 ? ContactSheet.widerGap : gap)
      }
    }
    self.width = width
    self.height = height
    pixels = sheet
  }
}
