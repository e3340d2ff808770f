import Augmentation
import Foundation
import Tensors
import TestSupport
import Testing

struct JPEGArtefactsTests {
  private static let qualities = [10, 30, 50, 75, 90, 100]

  private func crop(_ planes: [UInt8], channels: Int, side: Int, quality: Int?) -> [Float] {
    let stack = PixelStack(count: 1, channels: channels, height: side, width: side, samples: .bits8(planes))
    let augmenter = Augmenter(
      preset: .none, mean: [0, 0, 0], deviation: [1, 1, 1], height: side, width: side, largestSide: side)
    augmenter.load(stack, 0)
    var parameters = CropParameters(box: CropBox(left: 0, top: 0, width: side, height: side))
    parameters.jpegQuality = quality
    var target = [Float](repeating: .nan, count: 3 * side * side)
    augmenter.crop(parameters, side: side, into: &target)
    return target
  }

  @Test func tablesAreThoseOfTheIndependentJPEGGroup() throws {
    let fixture = try Fixture("Augmentation/jpeg")
    for quality in Self.qualities {
      #expect(JPEGArtefacts.table(quality: quality, isChrominance: false) == fixture.integers("table0.\(quality)"))
      #expect(JPEGArtefacts.table(quality: quality, isChrominance: true) == fixture.integers("table1.\(quality)"))
    }
  }

  /// In levels. A codec rounds its output, and its transform of whole numbers puts some coefficients on the other side of half a step: the
  /// mean difference is half a level and an eighth of what compression itself changed, the worst a step of one coefficient.
  @Test func looksAsThroughACodec() throws {
    let fixture = try Fixture("Augmentation/jpeg")
    let side = fixture.shape("grey")[0]
    for quality in Self.qualities {
      for (name, channels) in [("grey", 1), ("colour", 3)] {
        let source = fixture.bytes(name)
        let ours = crop(source, channels: channels, side: side, quality: quality).prefix(channels * side * side)
        let differences = zip(ours, fixture.bytes("\(name)\(quality)")).map { abs(Double($0) * 255 - Double($1)) }
        let mean = differences.reduce(0, +) / Double(differences.count)
        let losses = zip(source, fixture.bytes("\(name)\(quality)")).map { abs(Double($0) - Double($1)) }
        let loss = losses.reduce(0, +) / Double(losses.count)
        #expect(mean < 0.5 + 0.12 * loss, "\(name) at \(quality): \(mean) of \(loss)")
        #expect(differences.max()! < 11, "\(name) at \(quality)")
      }
    }
  }

  /// The definition of T.81, A.3.3, in 64 bits with four sums a block. Blocks with a coefficient about half way between two steps are left out.
  @Test func equalsTheDefinition() {
    let side = 21
    var generator = Seed(6).generator()
    let picture = (0..<side * side).map { UInt8(128 + 60 * sin(Double($0) / 9) + 30 * generator.uniform()) }
    var compared = 0
    for quality in [5, 40, 80] {
      let table = JPEGArtefacts.table(quality: quality, isChrominance: false).map { Double($0) }
      let ours = crop(picture, channels: 1, side: side, quality: quality)
      for top in stride(from: 0, to: side, by: 8) {
        for left in stride(from: 0, to: side, by: 8) {
          guard let block = naive(picture, side, top, left, table) else { continue }
          for y in top..<min(top + 8, side) {
            for x in left..<min(left + 8, side) {
              compared += 1
              #expect(abs(Double(ours[y * side + x]) - block[(y - top) * 8 + x - left]) < 1e-5)
            }
          }
        }
      }
    }
    #expect(compared > side * side * 2)
  }

  private func naive(_ picture: [UInt8], _ side: Int, _ top: Int, _ left: Int, _ table: [Double]) -> [Double]? {
    func wave(_ i: Int, _ u: Int) -> Double {
      cos(Double((2 * i + 1) * u) * .pi / 16) * (u == 0 ? 0.125 : 0.25).squareRoot()
    }
    var coefficients = [Double](repeating: 0, count: 64)
    for v in 0..<8 {
      for u in 0..<8 {
        for y in 0..<8 {
          for x in 0..<8 {
            let pixel = picture[min(top + y, side - 1) * side + min(left + x, side - 1)]
            coefficients[v * 8 + u] += (Double(pixel) - 128) * wave(x, u) * wave(y, v)
          }
        }
        let steps = coefficients[v * 8 + u] / table[v * 8 + u]
        if abs(abs(steps - steps.rounded(.down)) - 0.5) < 1e-3 { return nil }
        coefficients[v * 8 + u] = steps.rounded() * table[v * 8 + u]
      }
    }
    return (0..<64).map { i in
      var sum = 0.0
      for v in 0..<8 {
        for u in 0..<8 { sum += coefficients[v * 8 + u] * wave(i % 8, u) * wave(i / 8, v) }
      }
      return (min(max(sum, -128), 127) + 128) / 255
    }
  }

  @Test func evenGreyStaysAsItIs() {
    let even = [UInt8](repeating: 128, count: 400)
    for quality in Self.qualities {
      #expect(crop(even, channels: 1, side: 20, quality: quality) == crop(even, channels: 1, side: 20, quality: nil))
    }
  }
}
