import Imaging
import TestSupport
import Testing

/// Stain normalisation beside a plain NumPy computation of the same formulas (`slides.py`).
struct StainTests {
  static let tolerance = 1e-4

  private func pixels(_ fixture: Fixture) -> [UInt8] { fixture.integers("stain.pixels").map { UInt8($0) } }

  @Test func macenkoIsThatOfNumPy() throws {
    let fixture = try Fixture("Imaging/slides")
    let stains = try #require(MacenkoStains(pixels(fixture)))
    #expect(normalizedError(stains.haematoxylin + stains.eosin, fixture.doubles("macenko.vectors")) < Self.tolerance)
    #expect(normalizedError(stains.concentrations, fixture.doubles("macenko.concentrations")) < Self.tolerance)
    let normalized = stains.normalized(pixels(fixture))
    #expect(normalizedError(normalized, fixture.doubles("macenko.normalized")) < Self.tolerance)
  }

  @Test func reinhardIsThatOfNumPy() throws {
    let fixture = try Fixture("Imaging/slides")
    let colours = try #require(ReinhardColours(pixels(fixture)))
    #expect(normalizedError(colours.means, fixture.doubles("reinhard.means")) < Self.tolerance)
    #expect(normalizedError(colours.deviations, fixture.doubles("reinhard.deviations")) < Self.tolerance)
    let normalized = colours.normalized(pixels(fixture))
    #expect(normalizedError(normalized, fixture.doubles("reinhard.normalized")) < Self.tolerance)
  }

  @Test func tooLittleTissueSaysNothing() {
    #expect(MacenkoStains([UInt8](repeating: 250, count: 30_000)) == nil)
    #expect(MacenkoStains([UInt8](repeating: 100, count: 300)) == nil)
    // One colour is no pair of stains.
    #expect(MacenkoStains([UInt8](repeating: 100, count: 30_000)) == nil)
    #expect(ReinhardColours([UInt8](repeating: 100, count: 30_000)) == nil)
  }

  /// Every tile of a slide is normalised by the same numbers, whatever the limit.
  @Test func oneSlideHasOneNormalisation() throws {
    for method in [TileOptions.StainNormalization.macenko, .reinhard] {
      var options = ReadingOptions()
      options.tiles.size = 64
      options.tiles.stain = method
      let all = try PictureSources.open(Samples.file("slide_quarter.svs"), options)
      options.tiles.limit = 2
      let few = try PictureSources.open(Samples.file("slide_quarter.svs"), options)
      let (first, other) = (try all.picture(0), try few.picture(1))
      #expect(first.facts.stain.count == (method == .macenko ? 8 : 6))
      #expect(first.facts.stain == other.facts.stain)
      #expect(first.picture.raster != first.stored)
    }
  }
}
