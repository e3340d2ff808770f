import Tensors
import TestSupport
import Testing
import VisionModels

struct GridResamplingTests {
  /// Rows of the matrix 37 → 16 as PyTorch has them (bicubic by size, no antialiasing).
  @Test func tapsArePyTorchs() {
    let resampling = GridResampling(from: 37, to: 16)
    var weights = [[Double]](repeating: [Double](repeating: 0, count: 37), count: 16)
    // Column 0 of the image of targets: summing over the source columns leaves the weights of one axis.
    resampling.forEachTap { target, source, weight in
      if target % 16 == 0 { weights[target / 16][source / 37] += Double(weight) }
    }
    let seventh: [Int: Double] = [15: -0.015450, 16: 0.149040, 17: 0.949837, 18: -0.083427]
    let first: [Int: Double] = [0: 0.326126, 1: 0.784904, 2: -0.111031]
    for place in 0..<37 {
      #expect(abs(weights[7][place] - seventh[place, default: 0]) < 1e-6)
      #expect(abs(weights[0][place] - first[place, default: 0]) < 1e-6)
    }
  }

  /// Every interpolation of all small grids, up and down, on a random table.
  @Test(arguments: VisionTransformer.Configuration.PositionInterpolation.allCases)
  func everyInterpolationIsTheReference(_ kind: VisionTransformer.Configuration.PositionInterpolation) {
    var generator = Seed(2).generator()
    withEvery("source", in: 1...9) { source in
      let table = (0..<source * source).map { _ in generator.normal() }
      withEvery("target", in: (1...9).filter { $0 != source }) { target in
        var (own, sums) = (
          [Double](repeating: 0, count: target * target), [Double](repeating: 0, count: target * target)
        )
        GridResampling(from: source, to: target, kind).forEachTap { place, tap, weight in
          own[place] += table[tap] * Double(weight)
          sums[place] += Double(weight)
        }
        let wanted = ReferenceResampling.resampled(table, from: source, to: target, width: 1, kind)
        #expect(normalizedError(own, wanted) < 2e-6, "\(source) to \(target)")
        #expect(sums.allSatisfy { abs($0 - 1) < 1e-5 }, "\(source) to \(target)")
      }
    }
  }
}
