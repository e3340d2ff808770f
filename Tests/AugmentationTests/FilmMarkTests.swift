import Augmentation
import Foundation
import Tensors
import TestSupport
import Testing

struct FilmMarkTests {
  private func draw(_ marks: [FilmMark], side: Int, grey: UInt8 = 51) -> [Float] {
    let stack = PixelStack(
      count: 1, channels: 1, height: side, width: side,
      samples: .bits8([UInt8](repeating: grey, count: side * side)))
    let augmenter = Augmenter(
      preset: .none, mean: [0, 0, 0], deviation: [1, 1, 1], height: side, width: side, largestSide: side)
    augmenter.load(stack, 0)
    var parameters = CropParameters(box: CropBox(left: 0, top: 0, width: side, height: side))
    parameters.marks = marks
    var target = [Float](repeating: .nan, count: 3 * side * side)
    augmenter.crop(parameters, side: side, into: &target)
    #expect(target.prefix(side * side) == target.suffix(side * side), "grey stays grey")
    return Array(target.prefix(side * side))
  }

  private func pixels(_ side: Int, _ isMarked: (_ x: Int, _ y: Int) -> Bool) -> [Float] {
    (0..<side * side).map { isMarked($0 % side, $0 / side) ? 1 : 0.2 }
  }

  @Test func rimsAndCoversLieWhereTheyAreSaidToLie() {
    let rim = draw([.rim(left: 0.25, top: 0, right: 0.125, bottom: 0.0625, level: 1)], side: 16)
    #expect(normalizedError(rim, pixels(16) { x, y in x < 4 || x >= 14 || y >= 15 }) < 1e-6)
    let cover = draw([.cover(left: 0.5, top: 0.25, width: 0.25, height: 0.125, level: 1)], side: 16)
    #expect(normalizedError(cover, pixels(16) { x, y in (8..<12).contains(x) && (4..<6).contains(y) }) < 1e-6)
    // Half a pixel is half covered.
    let fine = draw([.cover(left: 0, top: 0, width: 0.5, height: 0.125, level: 1)], side: 4)
    #expect(abs(fine[0] - 0.6) < 1e-6 && abs(fine[1] - 0.6) < 1e-6 && fine[2] == fine[4])
  }

  @Test func aLetterIsItsDots() {
    // Seven pixels high in a crop of 14: a dot a pixel.
    let found = draw([.letters([0, 1], left: 1.0 / 14, top: 2.0 / 14, height: 0.5, level: 1)], side: 14)
    let expected = pixels(14) { x, y in
      let (column, row) = (x - 1, y - 2)
      guard (0..<7).contains(row), column >= 0, column % 6 < 5, column / 6 < 2 else { return false }
      return FilmMark.glyphs[column / 6][row] >> UInt8(4 - column % 6) & 1 == 1
    }
    #expect(normalizedError(found, expected) < 1e-6)
    #expect(FilmMark.glyphs.allSatisfy { $0.count == 7 && $0.allSatisfy { $0 < 32 } })
  }

  /// Marks stay near the edges and inside, whatever is drawn.
  @Test func drawnMarksLeaveTheMiddleAlone() {
    let side = 48
    for view in AugmentationPreset.View.allCases {
      var marked = 0
      for i in 0..<400 {
        var generator = Seed(3).split(i).generator()
        let drawn = AugmentationPreset.radiograph.draw(
          view: view, scale: 1...1, height: side, width: side, hasColour: false, &generator)
        if drawn.marks.isEmpty { continue }
        marked += 1
        let found = draw(drawn.marks, side: side)
        let middle = (0..<side * side).filter { (21..<27).contains($0 % side) && (21..<27).contains($0 / side) }
        #expect(middle.allSatisfy { abs(found[$0] - 0.2) < 1e-6 }, "\(drawn.marks)")
        #expect(found.allSatisfy { (0...1).contains($0) })
      }
      #expect(marked > 30, "\(view): \(marked)")
    }
  }
}
