import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// Layer norm and the optimiser against their definitions in 64 bits, on all sizes around the vector lengths.
struct KernelsTests {
  /// Of one elementwise function or one short sum.
  let tolerance = 1e-6
  let sizes = Array(0...70) + [127, 128, 192, 193]

  private func normals(_ count: Int, _ seed: Int, deviation: Double = 1) -> [Float] {
    var generator = Seed(UInt64(seed)).generator()
    return (0..<count).map { _ in Float(deviation * generator.normal()) }
  }

  @Test func theInstructionSetHasAName() {
    #expect(
      ["x86-64-v4", "x86-64-v3", "x86-64", "portable", "amx-emulated"].contains(
        String(cString: kernels_instruction_set())))
  }

  @Test func layerNormForwardAndBackward() {
    withEvery("width", in: sizes.filter { $0 > 0 }) { width in
      let (rows, strideX, strideDX) = (3, width + 5, width + 2)
      let x = normals(rows * strideX, width).map { 3 * $0 + 10 }
      let (gamma, beta, dy) = (normals(width, 1), normals(width, 2), normals(rows * width, 3))
      var y = [Float](repeating: 0, count: rows * width)
      var (mean, reciprocal) = ([Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
      layer_norm_forward(&y, 0, &mean, &reciprocal, x, strideX, rows, width, gamma, beta, 1e-6)
      // Statistics that nobody asked for change nothing, nor does the type of the result but for its rounding.
      var again = [Float](repeating: 0, count: rows * width)
      layer_norm_forward(&again, 0, nil, nil, x, strideX, rows, width, gamma, beta, 1e-6)
      #expect(again == y)
      var (halves, rounded) = (
        [UInt16](repeating: 7, count: rows * width + 1), [UInt16](repeating: 7, count: rows * width + 1)
      )
      layer_norm_forward(&halves, 1, nil, nil, x, strideX, rows, width, gamma, beta, 1e-6)
      convert(&rounded, 1, y, rows * width)
      #expect(halves == rounded)
      let before = normals(rows * strideDX, 4)
      var dx = before
      var (dGamma, dBeta) = ([Float](repeating: 0.5, count: width), [Float](repeating: -0.5, count: width))
      layer_norm_backward(&dx, strideDX, &dGamma, &dBeta, dy, x, strideX, mean, reciprocal, rows, width, gamma)
      var wantedGamma = [Double](repeating: 0.5, count: width)
      var wantedBeta = [Double](repeating: -0.5, count: width)
      var wantedY: [Double] = []
      var wantedDX = before.map(Double.init)
      for row in 0..<rows {
        let v = (0..<width).map { Double(x[row * strideX + $0]) }
        let centre = v.reduce(0, +) / Double(width)
        let variance = v.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(width)
        let factor = 1 / (variance + 1e-6).squareRoot()
        let normalised = v.map { ($0 - centre) * factor }
        wantedY += (0..<width).map { normalised[$0] * Double(gamma[$0]) + Double(beta[$0]) }
        let d = (0..<width).map { Double(dy[row * width + $0]) }
        for i in 0..<width {
          wantedGamma[i] += d[i] * normalised[i]
          wantedBeta[i] += d[i]
        }
        let inner = (0..<width).map { d[$0] * Double(gamma[$0]) }
        let a = inner.reduce(0, +) / Double(width)
        let b = zip(inner, normalised).reduce(0) { $0 + $1.0 * $1.1 } / Double(width)
        for i in 0..<width { wantedDX[row * strideDX + i] += factor * (inner[i] - a - normalised[i] * b) }
      }
      // One value a row has no variance: its own rounding, times 1/√eps, is all there is.
      if width == 1 { return }
      #expect(normalizedError(y.map(Double.init), wantedY) < 10 * tolerance)
      #expect(normalizedError(dx.map(Double.init), wantedDX) < 10 * tolerance)
      #expect(normalizedError(dGamma.map(Double.init), wantedGamma) < 10 * tolerance)
      #expect(normalizedError(dBeta.map(Double.init), wantedBeta) < tolerance)
    }
  }

  @Test func optimiser() {
    withEvery("count", in: sizes) { count in
      let (p, g, m) = (normals(count, 1), normals(count, 2), normals(count, 3))
      let v = normals(count, 4).map { $0 * $0 }
      var (newP, newM, newV) = (p, m, v)
      let (lr, beta1, beta2, eps, decay) = (0.01, 0.9, 0.999, 1e-8, 0.4)
      let (c1, c2) = (1 - 0.9 * 0.9 * 0.9, 1 - 0.999 * 0.999 * 0.999)
      adamw(
        &newP, g, &newM, &newV, count, Float(lr), Float(beta1), Float(beta2), Float(eps), Float(decay), Float(c1),
        Float(c2))
      let wantedM = (0..<count).map { beta1 * Double(m[$0]) + (1 - beta1) * Double(g[$0]) }
      let wantedV = (0..<count).map { beta2 * Double(v[$0]) + (1 - beta2) * Double(g[$0]) * Double(g[$0]) }
      let wantedP = (0..<count).map {
        Double(p[$0]) * (1 - lr * decay) - lr * (wantedM[$0] / c1) / ((wantedV[$0] / c2).squareRoot() + eps)
      }
      #expect(normalizedError(newM.map(Double.init), wantedM) < tolerance)
      #expect(normalizedError(newV.map(Double.init), wantedV) < tolerance)
      #expect(normalizedError(newP.map(Double.init), wantedP) < 2 * tolerance)

      var target = p
      ema(&target, g, count, 0.996)
      let average = (0..<count).map { 0.996 * Double(p[$0]) + 0.004 * Double(g[$0]) }
      #expect(normalizedError(target.map(Double.init), average) < tolerance)

      let squares = g.reduce(0) { $0 + Double($1) * Double($1) }
      #expect(abs(sum_of_squares(g, count) - squares) <= 1e-12 * squares)
    }
  }
}
