import Foundation
import SelfSupervision
import Tensors
import TestSupport
import Testing

struct KoLeoTests {
  private func evaluate(_ features: [Float], width: Int, weight: Double = 1) -> (loss: Double, gradient: [Float]) {
    var gradient = [Float](repeating: .nan, count: features.count)
    let loss = KoLeo().evaluate(
      features, count: features.count / width, width: width, weight: weight, gradient: &gradient)
    return (loss, gradient)
  }

  /// The formula in 64 bits. - Parameter nearest: held fixed while differentiating, as the formula holds it.
  private func naive(_ features: [Double], width: Int, nearest fixed: [Int]?) -> (loss: Double, nearest: [Int]) {
    let units = stride(from: 0, to: features.count, by: width).map { start -> [Double] in
      let row = Array(features[start..<start + width])
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / norm }
    }
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let nearest =
      fixed
      ?? units.indices.map { i in
        units.indices.filter { $0 != i }.max { product(units[i], units[$0]) < product(units[i], units[$1]) }!
      }
    let loss = units.indices.reduce(0.0) { sum, i in
      let square = zip(units[i], units[nearest[i]]).reduce(0) { $0 + pow($1.0 - $1.1 + 1e-8, 2) }
      return sum - log(square.squareRoot() + 1e-8)
    }
    return (loss / Double(units.count), nearest)
  }

  /// By hand; the two last rows are each other's neighbour, the two first likewise.
  @Test func handComputedCase() {
    let result = evaluate([1, 0, 0, 0.9, 0.1, 0, 0, 1, 0, 0, 0.2, 1], width: 3)
    #expect(abs(result.loss - 0.98220238) < 1e-6)
  }

  @Test func lossAndGradientEqualTheFormula() {
    var generator = Seed(9).generator()
    withEvery("width", in: [2, 3, 16, 33, 192]) { width in
      withEvery("count", in: [2, 3, 7, 32]) { count in
        let features = (0..<count * width).map { _ in Float(generator.normal()) }
        let exact = features.map { Double($0) }
        let result = evaluate(features, width: width, weight: 0.3)
        let twin = naive(exact, width: width, nearest: nil)
        #expect(abs(result.loss - twin.loss) < 1e-5)
        let differences = exact.indices.map { i -> Float in
          var moved = exact
          moved[i] += 1e-5
          let up = naive(moved, width: width, nearest: twin.nearest).loss
          moved[i] -= 2e-5
          return Float(0.3 * (up - naive(moved, width: width, nearest: twin.nearest).loss) / 2e-5)
        }
        #expect(normalizedError(result.gradient, differences) < 1e-4, "\(count) vectors of \(width)")
      }
    }
  }

  /// Nothing to be apart from: no loss and no push, instead of the gradient's old contents.
  @Test func oneVectorHasNoNeighbour() {
    let result = evaluate([1, 2, 3], width: 3)
    #expect(result.loss == 0)
    #expect(result.gradient == [0, 0, 0])
  }

  /// Copies of one image may give one vector, and a dead network gives zeros.
  @Test func equalAndZeroVectorsStayFinite() {
    withEvery("vectors", in: [[1, 2, 1, 2, 1, 2], [0, 0, 0, 0, 0, 0], [0, 0, 1, 2, 3, 4]]) { (vectors: [Float]) in
      let result = evaluate(vectors, width: 2)
      #expect(result.loss.isFinite)
      #expect(result.gradient.allSatisfy { $0.isFinite })
    }
  }
}
