import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// Every kernel against its definition in 64 bits, on all sizes around the vector lengths.
struct KernelsTests {
  /// Of one elementwise function or one short sum.
  let tolerance = 1e-6
  let sizes = Array(0...70) + [127, 128, 192, 193]

  private func normals(_ count: Int, _ seed: Int, deviation: Double = 1) -> [Float] {
    var generator = Seed(UInt64(seed)).generator()
    return (0..<count).map { _ in Float(deviation * generator.normal()) }
  }

  private func phi(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  @Test func theInstructionSetHasAName() {
    #expect(["x86-64-v4", "x86-64-v3", "x86-64", "portable"].contains(String(cString: kernels_instruction_set())))
  }

  /// A million arguments: the relative error stays small even in the tail, where 1 + erf would have lost everything.
  @Test func geluIsExact() {
    let x = (-1_000_000...1_000_000).map { Float($0) * 1.3e-5 }
    var y = x
    gelu_forward(&y, x, x.count)
    var derivative = [Float](repeating: 1, count: x.count)
    gelu_backward(&derivative, x, x.count)
    var (worst, worstDerivative) = (0.0, 0.0)
    for i in x.indices {
      let v = Double(x[i])
      let wanted = v * phi(v)
      worst = max(worst, abs(Double(y[i]) - wanted) / max(abs(wanted), 1e-36))
      let slope = phi(v) + v * exp(-v * v / 2) / (2 * .pi).squareRoot()
      worstDerivative = max(worstDerivative, abs(Double(derivative[i]) - slope))
    }
    #expect(worst < tolerance)
    #expect(worstDerivative < tolerance)
  }

  @Test func geluKeepsToItsRange() {
    withEvery("count", in: sizes) { count in
      let x = normals(count, count, deviation: 2)
      var y = [Float](repeating: 7, count: count + 1)
      gelu_forward(&y, x, count)
      #expect(y[count] == 7)
      #expect(normalizedError(Array(y[..<count]).map(Double.init), x.map { Double($0) * phi(Double($0)) }) < tolerance)
      var d = [Float](repeating: 3, count: count + 1)
      gelu_backward(&d, x, count)
      #expect(d[count] == 3)
    }
    var special: [Float] = [.nan, 0, 100, -100]
    gelu_forward(&special, special, 4)
    #expect(special[0].isNaN && special[1] == 0 && special[2] == 100 && special[3] == 0)
  }

  @Test func softmaxForwardAndBackward() {
    withEvery("columns", in: 1...70) { columns in
      let (rows, stride) = (3, softmax_stride(columns))
      let scores = normals(rows * stride, columns, deviation: 5)
      var p = scores
      softmax_forward(&p, rows, columns, stride)
      let cotangent = normals(rows * stride, columns + 100)
      var d = cotangent
      softmax_backward(&d, p, rows, columns, stride)
      for row in 0..<rows {
        let x = (0..<columns).map { Double(scores[row * stride + $0]) }
        let e = x.map { exp($0 - x.max()!) }
        let wanted = e.map { $0 / e.reduce(0, +) }
        let own = (0..<columns).map { Double(p[row * stride + $0]) }
        #expect(normalizedError(own, wanted) < tolerance)
        #expect((columns..<stride).allSatisfy { p[row * stride + $0] == 0 })
        let g = (0..<columns).map { Double(cotangent[row * stride + $0]) }
        let inner = zip(wanted, g).reduce(0) { $0 + $1.0 * $1.1 }
        let dOwn = (0..<columns).map { Double(d[row * stride + $0]) }
        let size = max(1e-30, zip(wanted, g).reduce(0) { max($0, abs($1.0 * $1.1)) })
        for i in 0..<columns { #expect(abs(dOwn[i] - wanted[i] * (g[i] - inner)) < 4 * tolerance * size) }
      }
    }
    // Far apart, equal, and not a number.
    var extremes = [Float](repeating: 0, count: 48)
    extremes[0] = 1e30
    extremes[16...18] = [-1e30, -1e30, -1e30]
    extremes[33] = .nan
    softmax_forward(&extremes, 3, 3, 16)
    #expect(Array(extremes[0..<3]) == [1, 0, 0])
    #expect(extremes[16] == extremes[18] && abs(extremes[16] - 1 / 3) < 1e-6)
    #expect(extremes[32].isNaN && extremes[33].isNaN)
  }

  @Test func layerNormForwardAndBackward() {
    withEvery("width", in: sizes.filter { $0 > 0 }) { width in
      let (rows, strideX, strideDX) = (3, width + 5, width + 2)
      let x = normals(rows * strideX, width).map { 3 * $0 + 10 }
      let (gamma, beta, dy) = (normals(width, 1), normals(width, 2), normals(rows * width, 3))
      var y = [Float](repeating: 0, count: rows * width)
      var (mean, reciprocal) = ([Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
      layer_norm_forward(&y, &mean, &reciprocal, x, strideX, rows, width, gamma, beta, 1e-6)
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

  @Test func rowsAndImages() {
    withEvery("count", in: sizes) { count in
      let (rows, stride) = (19, count + 3)
      let x = normals(rows * stride, count)
      var sums = [Float](repeating: 1, count: count)
      column_sums(&sums, x, rows, count, stride)
      let wanted = (0..<count).map { c in (0..<rows).reduce(1) { $0 + Double(x[$1 * stride + c]) } }
      #expect(normalizedError(sums.map(Double.init), wanted) < tolerance)

      var filled = [Float](repeating: 9, count: rows * stride)
      broadcast_row(&filled, x, rows, count, stride)
      #expect(filled.indices.allSatisfy { filled[$0] == ($0 % stride < count ? x[$0 % stride] : 9) })

      let (base, branch, scale) = (normals(4 * stride, 5), normals(4 * count, 6), [Float(1), 0, 1.25, 2])
      var branchOfNaN = branch
      for i in 0..<count { branchOfNaN[count + i] = .nan }
      var out = [Float](repeating: 9, count: 4 * (count + 1))
      residual_add(&out, count + 1, base, stride, branchOfNaN, scale, 4, count)
      for image in 0..<4 {
        for i in 0..<count {
          let wanted = base[image * stride + i] + (scale[image] == 0 ? 0 : scale[image] * branch[image * count + i])
          #expect(abs(out[image * (count + 1) + i] - wanted) <= 1e-6)
        }
        #expect(out[image * (count + 1) + count] == 9)
      }
      residual_add(&out, count + 1, base, 0, branch, nil, 4, count)
      for image in 0..<4 {
        for i in 0..<count { #expect(out[image * (count + 1) + i] == base[i] + branch[image * count + i]) }
      }
      var scaled = branch
      scale_images(&scaled, branch, scale, 4, count)
      for i in scaled.indices { #expect(scaled[i] == scale[i / max(count, 1)] * branch[i]) }

      var y = normals(count, 8)
      let old = y
      axpby(&y, x, count, 2, -0.5)
      for i in 0..<count { #expect(abs(y[i] - (2 * x[i] - 0.5 * old[i])) <= 1e-6) }
      var fresh = [Float](repeating: .nan, count: count)
      axpby(&fresh, x, count, 3, 0)
      for i in 0..<count { #expect(fresh[i] == 3 * x[i]) }
    }
  }

  @Test func patchesAreCutRowByRow() {
    for (channels, grid, patch) in [(1, 1, 1), (3, 2, 4), (3, 3, 5), (2, 4, 16)] {
      let side = grid * patch
      let images = (0..<2 * channels * side * side).map { Float($0) }
      var rows = [Float](repeating: -1, count: images.count)
      gather_patches(&rows, images, 2, channels, side, patch)
      var wanted: [Float] = []
      for i in 0..<2 {
        for place in 0..<grid * grid {
          for c in 0..<channels {
            for y in 0..<patch {
              for x in 0..<patch {
                let line = (i * channels + c) * side + place / grid * patch + y
                wanted.append(images[line * side + place % grid * patch + x])
              }
            }
          }
        }
      }
      #expect(rows == wanted)
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
