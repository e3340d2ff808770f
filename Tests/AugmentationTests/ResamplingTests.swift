import Augmentation
import Foundation
import TestSupport
import Testing

struct ResamplingTests {
  private static let tolerance = 2e-6

  private func apply(_ weights: ResamplingWeights, _ input: [Double]) -> [Double] {
    weights.first.indices.map { i in
      (0..<Int(weights.taps[i])).reduce(0) {
        $0 + Double(weights.weights[i * weights.stride + $1]) * input[Int(weights.first[i]) + $1]
      }
    }
  }

  /// The definition: every input weighed by the widened kernel at its distance, over the sum of the weights.
  private func direct(_ input: [Double], origin: Double, scale: Double, count: Int) -> [Double] {
    func kernel(_ x: Double) -> Double {
      let x = abs(x)
      if x <= 1 { return 1.5 * x * x * x - 2.5 * x * x + 1 }
      return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0
    }
    return (0..<count).map { i in
      let centre = origin + (Double(i) + 0.5) * scale
      let weights = input.indices.map { kernel((Double($0) + 0.5 - centre) / max(scale, 1)) }
      return zip(weights, input).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
    }
  }

  @Test func weightsEqualTheDefinition() {
    let input = (0..<23).map { sin(Double($0) * 1.3) }
    withEvery("count", in: [1, 2, 5, 11, 23, 24, 46, 70]) { count in
      var weights = ResamplingWeights()
      weights.setBicubic(origin: 0, scale: 23 / Double(count), count: count, within: 0..<23)
      let expected = direct(input, origin: 0, scale: 23 / Double(count), count: count)
      #expect(normalizedError(apply(weights, input), expected) < ResamplingTests.tolerance, "\(count) from 23")
      weights.setBicubic(origin: 0, scale: 23 / Double(count), count: count, within: 0..<23, reversed: true)
      #expect(normalizedError(apply(weights, input), expected.reversed()) < ResamplingTests.tolerance)
    }
  }

  @Test func equalSizesChangeNothing() {
    var weights = ResamplingWeights()
    weights.setBicubic(origin: 3, scale: 1, count: 8, within: 3..<11)
    #expect(weights.first == [3, 4, 5, 6, 7, 8, 9, 10])
    #expect(weights.taps.allSatisfy { $0 == 1 })
    #expect(weights.extent == 3..<11)
  }

  @Test func beyondTheEdgeTheEdgeGoesOn() {
    var weights = ResamplingWeights()
    weights.setBicubic(origin: -40, scale: 2, count: 60, within: 0..<9)
    let constant = apply(weights, [Double](repeating: 0.7, count: 9))
    #expect(constant.allSatisfy { abs($0 - 0.7) < 1e-6 })
  }

  @Test func gaussianEqualsTheDefinition() {
    let input = (0..<17).map { cos(Double($0 * $0)) }
    withEvery("deviation", in: [0.1, 0.5, 1, 2, 5]) { deviation in
      var weights = ResamplingWeights()
      weights.setGaussian(deviation: deviation, count: 17)
      let radius = Int((3 * deviation).rounded(.up))
      let expected = (0..<17).map { i -> Double in
        let near = input.indices.filter { abs($0 - i) <= radius }
        let bell = near.map { exp(-Double(($0 - i) * ($0 - i)) / (2 * deviation * deviation)) }
        return zip(near, bell).reduce(0) { $0 + input[$1.0] * $1.1 } / bell.reduce(0, +)
      }
      #expect(normalizedError(apply(weights, input), expected) < ResamplingTests.tolerance)
    }
  }
}
