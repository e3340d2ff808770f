/// What may be wrong with a tile of a slide, measured inside its tissue.
///
/// | score | what it says | flag |
/// |---|---|---|
/// | `tissue` | share of the tile's pixels that are tissue | `little_tissue` below the least that was asked for |
/// | `pen` | share of the tile under marker ink | `pen` from 0.05 |
/// | `blur` | 0.5 sharp … 1 blurred (`TissueSharpness`) | `blurred` from 0.79 |
/// | `fold` | evidence of a fold (`TissueFold`) | `fold` from 0.6 |
///
/// Thresholds were set on untouched tissue of four origins and on corruptions planted in it; the tests measure both.
package struct TileQuality: Sendable, Equatable {
  package var scores: [String: Double] = [:]
  /// Sorted.
  package var flags: [String] = []

  static let leastInk = 0.05
  static let leastBlur = 0.79
  static let leastFold = 0.6

  /// - Parameter pixels: `[y, x, RGB]` of `size` × `size`, before any normalisation of stains. - Complexity: O(pixels). Deterministic.
  package init(
    _ pixels: [UInt8], size: Int, micrometresPerPixel: Double, mask: TissueMask, minimumTissue: Double
  ) {
    let tissue = TileTissue(
      pixels, size: size, micrometresPerPixel: micrometresPerPixel, threshold: mask.threshold)
    scores["tissue"] = tissue.tissueShare
    scores["pen"] = tissue.inkShare
    if tissue.tissueShare < minimumTissue { flags.append("little_tissue") }
    if tissue.inkShare >= TileQuality.leastInk { flags.append("pen") }
    if let blur = TissueSharpness.blur(pixels, size: size, isTissue: tissue.isTissue) {
      scores["blur"] = blur
      if blur >= TileQuality.leastBlur { flags.append("blurred") }
    }
    if let fold = TissueFold.evidence(
      pixels, size: size, isTissue: tissue.isTissue, typicalDensity: mask.typicalDensity)
    {
      scores["fold"] = fold
      if fold >= TileQuality.leastFold { flags.append("fold") }
    }
    flags.sort()
  }
}
