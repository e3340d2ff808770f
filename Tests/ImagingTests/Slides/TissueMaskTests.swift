import Imaging
import TestSupport
import Testing

struct TissueMaskTests {
  private typealias Colour = (Float, Float, Float)
  private static let glass: Colour = (243, 240, 242)
  private static let tissue: Colour = (190, 120, 180)

  /// A thumbnail of 8 µm a pixel, a little noise over it.
  private func mask(_ width: Int, _ height: Int, _ colour: (Int, Int) -> Colour) -> TissueMask {
    var colours: [Float] = []
    var state: UInt32 = 1
    for y in 0..<height {
      for x in 0..<width {
        let (red, green, blue) = colour(x, y)
        for value in [red, green, blue] {
          state = state &* 1_664_525 &+ 1_013_904_223
          colours.append(min(max(value + Float(state >> 24) / 64 - 2, 0), 255))
        }
      }
    }
    return TissueMask(
      SlideThumbnail(
        width: width, height: height, colours: colours, downsample: (16, 16), micrometresPerPixel: (8, 8)))
  }

  private func share(_ mask: TissueMask) -> Double { Double(mask.isTissue.count { $0 }) / Double(mask.isTissue.count) }

  @Test func discWithHoleSpeckPenAndBlack() {
    let mask = mask(120, 100) { x, y in
      func within(_ cx: Int, _ cy: Int, _ radius: Int) -> Bool {
        (x - cx) * (x - cx) + (y - cy) * (y - cy) <= radius * radius
      }
      if x < 4 { return (4, 4, 4) }
      if within(90, 85, 2) { return Self.tissue }
      if y < 10 && x > 60 { return (30, 110, 60) }
      if within(50, 50, 30) && !within(50, 50, 8) { return Self.tissue }
      return Self.glass
    }
    func at(_ x: Int, _ y: Int) -> Bool { mask.isTissue[y * 120 + x] }
    #expect(at(50, 30) && at(30, 50) && at(50, 75))
    #expect(at(50, 50), "a hole of 200 squares of 8 µm is filled")
    #expect(!at(90, 85), "a speck of 13 squares is removed")
    #expect(!at(2, 50), "black is no tissue")
    #expect(!at(100, 3) && mask.isInk[3 * 120 + 100], "green ink is no tissue")
    #expect(!at(100, 50))
  }

  @Test func allGlassAndAllTissue() {
    #expect(share(mask(80, 80) { _, _ in Self.glass }) == 0)
    #expect(share(mask(80, 80) { _, _ in (255, 255, 255) }) == 0)
    // Pale and dense tissue, and no glass: Otsu alone would take the pale for glass.
    let both = mask(80, 80) { x, _ in x < 40 ? (215, 180, 210) : (150, 70, 150) }
    #expect(share(both) > 0.98)
    // Tinted glass.
    let tinted = mask(80, 80) { x, _ in x < 40 ? (228, 215, 226) : Self.tissue }
    #expect((0.45...0.56).contains(share(tinted)))
  }

  @Test func largeHolesStay() {
    let mask = mask(100, 100) { x, y in
      let square = (x - 50) * (x - 50) + (y - 50) * (y - 50)
      return square < 45 * 45 && square > 30 * 30 ? Self.tissue : Self.glass
    }
    #expect(!mask.isTissue[50 * 100 + 50])
  }

  /// The share of any rectangle by sums over the grid is that of counting.
  @Test func sharesAreExact() {
    let mask = mask(40, 30) { x, y in (x / 8 + y / 10) % 2 == 0 ? Self.tissue : Self.glass }
    withEvery("corner", in: [(0, 0), (16, 32), (100, 200), (560, 400), (630, 470), (-40, -8)]) { x, y in
      for side in [16, 48, 100] {
        var count = 0
        for py in y..<y + side {
          for px in x..<x + side where px >= 0 && py >= 0 && px < 640 && py < 480 {
            if mask.isTissue[py / 16 * 40 + px / 16] { count += 1 }
          }
        }
        let share = mask.share(x: x, y: y, footprint: (Double(side), Double(side)))
        #expect(abs(share - Double(count) / Double(side * side)) < 1e-9)
      }
    }
  }
}
