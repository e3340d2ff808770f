import Kernels
import Tensors
import VisionModels

/// The Kozachenko–Leonenko regulariser: pushes every feature vector of a batch away from its nearest neighbour.
///
///     L(x₁…xₙ) = − 1/n · Σᵢ log(‖x̂ᵢ − x̂ₙₙ₍ᵢ₎ + ε‖ + ε),   x̂ = x/‖x‖,   nn(i) = argmax_{j ≠ i} x̂ᵢ·x̂ⱼ,   ε = 1e-8
///
/// (Sablayrolles et al. 2019, arXiv 1806.03198; as DINOv2 applies it, arXiv 2304.07193, to the student's class tokens of each
/// global crop apart.) The centre of DINO keeps one output from winning every image, but not one difference, such as grey against colour,
/// from filling all features: on a small archive that is what happens without this term. Its pull grows as 1/distance, so the finer
/// differences are the ones it widens.
package struct KoLeo: Sendable {
  private static let epsilon = 1e-8

  package init() {}

  /// The regulariser of `count` vectors and its gradient, times `weight`.
  /// - Parameters:
  ///   - features: [count, width]. gradient: [count, width], overwritten.
  /// - Returns: the loss, not weighted; 0 for fewer than two vectors.
  /// - Complexity: O(count² · width). Sums in 64 bits, in order: the same bytes at any number of threads.
  package func evaluate(
    _ features: UnsafePointer<Float>, count: Int, width: Int, weight: Double, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    gradient.update(repeating: 0, count: count * width)
    if count < 2 { return 0 }
    let units = FloatBuffer(count * width)
    let norms = (0..<count).map { dino_unit(features + $0 * width, width, units.pointer + $0 * width) }
    var difference = [Double](repeating: 0, count: width)
    var loss = 0.0
    for (i, j) in neighbors(units.pointer, count, width).enumerated() {
      let (a, b) = (units.pointer + i * width, units.pointer + j * width)
      var square = 0.0
      for c in 0..<width {
        difference[c] = Double(a[c]) - Double(b[c]) + KoLeo.epsilon
        square += difference[c] * difference[c]
      }
      let distance = square.squareRoot()
      loss -= logarithm(distance + KoLeo.epsilon)
      let factor = -weight / (Double(count) * distance * (distance + KoLeo.epsilon))
      for c in 0..<width {
        let push = Float(factor * difference[c])
        gradient[i * width + c] += push
        gradient[j * width + c] -= push
      }
    }
    for i in 0..<count {
      let row = gradient + i * width
      _ = dino_tangent(units.pointer + i * width, row, width, 1 / norms[i], row)
    }
    return loss / Double(count)
  }

  /// Of each unit vector the one of largest product with it, the first of equals.
  private func neighbors(_ units: UnsafePointer<Float>, _ count: Int, _ width: Int) -> [Int] {
    let products = FloatBuffer(count * count)
    let packed = PackedMatrix(inputs: width, outputs: count, precision: .f32, forTraining: false)
    for piece in 0..<packed.pieces { packed.pack(units, piece: piece) }
    product(
      UnsafeMutableRawPointer(mutating: units), stride: width, rows: count, columns: count, depth: width,
      right: packed.forward, .f32, .sums(into: products.pointer, stride: count))
    return (0..<count).map { i in
      var best = i == 0 ? 1 : 0
      for j in 0..<count where j != i && products.pointer[i * count + j] > products.pointer[i * count + best] {
        best = j
      }
      return best
    }
  }
}
