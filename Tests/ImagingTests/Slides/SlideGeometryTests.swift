import Foundation
import Imaging
import Records
import TestSupport
import Testing

/// Slides whose colours say where a pixel lies: red = 60 + 0.18 x, blue = 110 + 0.18 y in pixels of level 0.
struct SlideGeometryTests {
  /// What the issue of exact tiles promises, as a share of the footprint.
  static let footprintTolerance = 0.005
  /// Pixels of level 0 between where a tile says it lies and where its colours say so: colours are rounded to 1/0.18 of a pixel.
  static let placeTolerance = 0.6
  static let slope = 0.18

  private func source(
    _ name: String, size: Int = 128, mpp: Double, change: (inout ReadingOptions) -> Void = { _ in }
  ) throws -> any PictureSource {
    var options = ReadingOptions()
    options.tiles.size = size
    options.tiles.micrometresPerPixel = mpp
    change(&options)
    return try PictureSources.open(Samples.file(name), options)
  }

  /// Line through the means of a channel along an axis: value at the first pixel's edge, and slope a tile pixel.
  static func line(_ stored: StoredPixels, channel: Int, isAcross: Bool) -> (start: Double, slope: Double) {
    let size = stored.columns
    var means = [Double](repeating: 0, count: size)
    for y in 0..<size {
      for x in 0..<size { means[isAcross ? x : y] += stored[3 * (y * size + x) + channel] / Double(size) }
    }
    let centre = Double(size - 1) / 2
    let mean = means.reduce(0, +) / Double(size)
    var (top, bottom) = (0.0, 0.0)
    for i in 0..<size {
      top += (Double(i) - centre) * (means[i] - mean)
      bottom += (Double(i) - centre) * (Double(i) - centre)
    }
    return (mean - top / bottom * Double(size) / 2, top / bottom)
  }

  /// Files of one, two and three levels, of whole and odd sizes, at resolutions above, at and below those of their levels.
  @Test func footprintsAndPlacesAreExact() throws {
    let cases: [(String, (Double, Double), [Double])] = [
      ("slide_quarter.svs", (0.25, 0.25), [0.25, 0.4, 0.5, 0.77, 1, 1.1, 1.3]),
      ("slide_odd.svs", (0.499, 0.499), [0.499, 0.5, 0.75, 1, 2, 2.5]),
      ("slide_centimetre.tif", (0.5, 0.4), [0.5, 0.8, 1.0]),
    ]
    for (name, own, resolutions) in cases {
      for mpp in resolutions {
        let slide = try source(name, mpp: mpp)
        #expect(slide.facts.kind == .slide)
        for index in Set([0, slide.count / 2, slide.count - 1]) {
          let content = try slide.picture(index)
          let place = try #require(content.facts.tile)
          let (x, y) = (
            Self.line(content.stored, channel: 0, isAcross: true),
            Self.line(content.stored, channel: 2, isAcross: false)
          )
          let wanted = (mpp / own.0, mpp / own.1)
          let label = "\(name) at \(mpp), tile \(index): \(x) \(y) \(place)"
          #expect(abs(x.slope / Self.slope / wanted.0 - 1) < Self.footprintTolerance, "\(label)")
          #expect(abs(y.slope / Self.slope / wanted.1 - 1) < Self.footprintTolerance, "\(label)")
          #expect(abs((x.start - 60) / Self.slope - Double(place.x)) < Self.placeTolerance + 0.5 * wanted.0, "\(label)")
          #expect(
            abs((y.start - 110) / Self.slope - Double(place.y)) < Self.placeTolerance + 0.5 * wanted.1, "\(label)")
          #expect(place.levelZeroSize == Int((128 * wanted.0).rounded()))
          #expect(content.facts.item == "\(place.x)_\(place.y)")
          #expect(content.facts.micrometresPerPixel == mpp && content.facts.width == 128)
        }
      }
    }
  }

  /// A tile at the slide's own resolution is the slide's own pixels.
  @Test func tilesAtLevelZeroAreUnchanged() throws {
    let slide = try source("slide_quarter.svs", size: 100, mpp: 0.25)
    #expect(slide.count == 10 * 7)
    let tile = try slide.picture(13)
    let place = try #require(tile.facts.tile)
    #expect(place.x == 300 && place.y == 100 && place.slideWidth == 1016 && place.slideHeight == 760)
    for y in 0..<100 {
      for x in 0..<100 {
        let wanted = [
          60 + Self.slope * (Double(place.x + x) + 0.5), 30, 110 + Self.slope * (Double(place.y + y) + 0.5),
        ].map { ($0 + 0.5).rounded(.down) }
        let got = (0..<3).map { tile.stored[3 * (100 * y + x) + $0] }
        #expect(got == wanted, "\(x), \(y)")
        if got != wanted { return }
      }
    }
  }

  @Test func rowByRowWithOverlapAndLimit() throws {
    let all = try source("slide_quarter.svs", size: 100, mpp: 0.25) { $0.tiles.overlap = 20 }
    let places = try (0..<all.count).map { try #require(try all.picture($0).facts.tile) }
    #expect(all.count == 12 * 9)
    #expect(places[1].x - places[0].x == 80 && places[12].y - places[0].y == 80)
    #expect(places.map { $0.y * 10_000 + $0.x } == places.map { $0.y * 10_000 + $0.x }.sorted())
    let few = try source("slide_quarter.svs", size: 100, mpp: 0.25) {
      $0.tiles.overlap = 20
      $0.tiles.limit = 10
    }
    #expect(few.count == 10)
    let chosen = try (0..<10).map { try #require(try few.picture($0).facts.tile) }
    let indices = chosen.compactMap { place in places.firstIndex(of: place) }
    #expect(indices.count == 10)
    let steps = zip(indices, indices.dropFirst()).map { $1 - $0 }
    #expect(steps.allSatisfy { (10...11).contains($0) }, "\(steps)")
  }

  @Test func whoSaidTheResolutionIsKept() throws {
    func outcome(
      _ name: String, _ policy: TileOptions.MissingResolution, table: Double? = nil
    ) throws -> String? {
      do throws(DecodeFailure) {
        var options = ReadingOptions()
        options.tiles.size = 64
        options.tiles.onMissingResolution = policy
        options.tiles.assumedMicrometresPerPixel = 0.3
        options.micrometresPerPixel = table
        let place = try PictureSources.open(Samples.file(name), options).picture(0).facts.tile
        return place.map { "\($0.resolutionSource) \($0.slideMicrometresPerPixel)" }
      } catch {
        #expect(error.code == .missingResolution)
        return nil
      }
    }
    for policy in TileOptions.MissingResolution.allCases {
      #expect(try outcome("slide_quarter.svs", policy, table: 1) == "slide 0.25")
      #expect(try outcome("slide_inch.tif", policy) == "slide 0.5")
    }
    // An objective's power and a program's 72 dots an inch are no resolution.
    for name in ["slide_power_only.svs", "slide_72.tif"] {
      #expect(try outcome(name, .fail, table: 0.4) == nil)
      #expect(try outcome(name, .csv) == nil)
      #expect(try outcome(name, .csv, table: 0.01) == nil)
      #expect(try outcome(name, .csv, table: 0.4) == "csv 0.4")
      #expect(try outcome(name, .assume, table: 0.4) == "csv 0.4")
      #expect(try outcome(name, .assume) == "assumed 0.3")
    }
  }

  /// Steps between pixels of levels: whole numbers where sides were rounded, the quotient where they were not.
  @Test func levelsAreScaledByWholeSteps() {
    let base = (1001, 763)
    #expect(SlideLevel(width: 500, height: 381, base: base).downsample == (2, 2))
    #expect(SlideLevel(width: 251, height: 191, base: base).downsample == (4, 4))
    let odd = SlideLevel(width: 400, height: 305, base: base).downsample
    #expect(odd.x == 1001.0 / 400 && odd.y == 763.0 / 305)
    #expect(SlideLevel(width: 1001, height: 763, base: base).downsample == (1, 1))
  }

  @Test func brokenSlidesAreRefused() throws {
    try withTemporaryFolder { folder in
      let whole = try Data(contentsOf: URL(filePath: Samples.file("slide_quarter.svs")))
      for tenth in 0...9 {
        let file = folder.appending(path: "cut.svs")
        try (whole.prefix(whole.count * tenth / 10) + Data([0])).write(to: file)
        var options = ReadingOptions()
        options.tiles.size = 64
        do throws(DecodeFailure) {
          // What is left may open; then broken tiles fail one by one, and whole ones are read.
          let slide = try PictureSources.open(file.path, options)
          for index in 0..<slide.count { _ = try? slide.picture(index) }
        } catch {
          #expect([.corrupt, .truncated, .unknownFormat, .noTissue, .unsupportedEncoding].contains(error.code))
        }
      }
    }
  }

  @Test func slidesAreWholeWhereNothingIsCut() throws {
    let slide = try source("slide_quarter.svs", mpp: 1) { $0.tiles.scope = .none }
    #expect(slide.count == 1)
    let content = try slide.picture(0)
    #expect(content.stored.columns == 1016 && content.stored.rows == 760)
    #expect(content.stored[3 * (759 * 1016 + 1015)] == (60 + Self.slope * 1015.5 + 0.5).rounded(.down))
  }

  @Test func ordinaryPicturesAreCutWhenAsked() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "picture.ppm")
      try Samples.ppm(300, 200) { x, y, channel in
        channel == 0 ? UInt8(60 + x / 2) : channel == 1 ? 30 : UInt8(110 + y / 2)
      }.write(to: file)
      var options = ReadingOptions()
      options.tiles.size = 64
      options.tiles.onMissingResolution = .assume
      options.tiles.assumedMicrometresPerPixel = 0.5
      #expect(try PictureSources.open(file.path, options).count == 1)
      options.tiles.scope = .all
      let source = try PictureSources.open(file.path, options)
      #expect(source.count == 4 * 3 && source.facts.kind == .slide)
      let tile = try source.picture(5)
      #expect(tile.facts.tile?.x == 64 && tile.facts.tile?.y == 64)
      #expect(tile.stored[0] == 60 + 32 && tile.stored[2] == 110 + 32)
    }
  }
}
