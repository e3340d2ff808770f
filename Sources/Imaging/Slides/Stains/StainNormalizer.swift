/// What brings every tile of one slide to the colours of a reference: estimated once a slide, so that its tiles stay comparable.
package enum StainNormalizer: Sendable, Hashable {
  case macenko(MacenkoStains)
  case reinhard(ReinhardColours)

  /// nil where `pixels`, `[pixel, RGB]` of tissue, say too little, or nothing is asked for.
  package init?(_ method: TileOptions.StainNormalization, _ pixels: [UInt8]) {
    switch method {
    case .none: return nil
    case .macenko:
      guard let stains = MacenkoStains(pixels) else { return nil }
      self = .macenko(stains)
    case .reinhard:
      guard let colours = ReinhardColours(pixels) else { return nil }
      self = .reinhard(colours)
    }
  }

  /// What was estimated, for the manifest: haematoxylin, eosin (three numbers each) and their concentrations; or three means and three deviations.
  package var numbers: [Double] {
    switch self {
    case .macenko(let stains): stains.haematoxylin + stains.eosin + stains.concentrations
    case .reinhard(let colours): colours.means + colours.deviations
    }
  }

  /// The normalised picture, rounded to 8 bits.
  package func callAsFunction(_ pixels: [UInt8]) -> [UInt8] {
    let values =
      switch self {
      case .macenko(let stains): stains.normalized(pixels)
      case .reinhard(let colours): colours.normalized(pixels)
      }
    return values.map { UInt8(min($0 + 0.5, 255)) }
  }
}
