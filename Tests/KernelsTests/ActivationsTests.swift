import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// GELU and the gated activation against their definitions in 64 bits. GELU's slope is the edge of a product: see `ProductsTests`.
struct ActivationsTests {
  private let sizes = Array(0...70) + [127, 128, 192, 193]
  private let f32 = Int32(number_f32)
  private let bf16 = Int32(number_bf16)

  private func gelu(_ x: Double) -> Double { 0.5 * x * erfc(-x / 2.0.squareRoot()) }

  /// Two million arguments: the relative error stays small even in the tail, where 1 + erf would have lost everything.
  @Test func geluIsExact() {
    let x = (-1_000_000...1_000_000).map { Float($0) * 1.3e-5 }
    var y = x
    gelu_forward(&y, x, x.count, f32)
    let worst = x.indices.reduce(0.0) {
      let wanted = gelu(Double(x[$1]))
      return max($0, abs(Double(y[$1]) - wanted) / max(abs(wanted), 1e-36))
    }
    #expect(worst < 1e-6)
  }

  /// Every bf16 up to a hundred: Φ within 1.2e-5, and one rounding.
  @Test func geluOfHalvesIsWithinItsRounding() {
    let bits = (0...UInt16.max).filter { abs(Float(bitPattern: UInt32($0) << 16)) <= 100 }
    let x = bits.map { Double(Float(bitPattern: UInt32($0) << 16)) }
    var y = [UInt16](repeating: 0, count: bits.count)
    gelu_forward(&y, bits, bits.count, bf16)
    var worst = 0.0
    for i in x.indices {
      let wanted = gelu(x[i])
      let allowed = abs(x[i]) * 1.2e-5 + abs(wanted) / 256 + 1e-37
      worst = max(worst, abs(Double(Float(bitPattern: UInt32(y[i]) << 16)) - wanted) / allowed)
    }
    #expect(worst <= 1)
  }

  @Test func geluKeepsToItsRange() {
    var generator = Seed(3).generator()
    withEvery("type", in: [f32, bf16]) { type in
      withEvery("count", in: sizes) { count in
        let (x, y) = (Operand(count + 1, type, &generator), Operand(count + 1, type, &generator))
        gelu_forward(y.pointer, x.pointer, count, type)
        let found = y.read(as: type)
        #expect(found[count] == y.values[count])
        let wanted = x.values.dropLast().map { gelu(Double($0)) }
        #expect(normalizedError(found.dropLast().map(Double.init), wanted) < (type == bf16 ? 4e-3 : 1e-6))
        gelu_forward(x.pointer, x.pointer, count, type)
        #expect(x.read(as: type).dropLast() == found.dropLast(), "in place")
      }
    }
    var special: [Float] = [.nan, 0, 100, -100]
    gelu_forward(&special, special, 4, f32)
    #expect(special[0].isNaN && special[1] == 0 && special[2] == 100 && special[3] == 0)
    let halves: [UInt16] = [0x7fc0, 0, 0x42c8]
    var results: [UInt16] = [0, 1, 0]
    gelu_forward(&results, halves, 3, bf16)
    #expect(Float(bitPattern: UInt32(results[0]) << 16).isNaN && results[1] == 0 && results[2] == 0x42c8)
  }

  @Test func theGateAndItsGradientAreTheDefinition() {
    var generator = Seed(4).generator()
    withEvery("type", in: [f32, bf16]) { type in
      withEvery("width", in: sizes.filter { $0 > 0 }) { width in
        let rows = 3
        let (x, dy) = (Operand(rows * 2 * width, type, &generator), Operand(rows * width, type, &generator))
        let (y, dx) = (Operand(rows * width + 1, type, &generator), Operand(rows * 2 * width + 1, type, &generator))
        swiglu_forward(y.pointer, x.pointer, rows, width, type)
        swiglu_backward(dx.pointer, dy.pointer, x.pointer, rows, width, type)
        var (wanted, wantedGradient) = ([Double](), [Double](repeating: 0, count: rows * 2 * width))
        for row in 0..<rows {
          for i in 0..<width {
            let (gate, value) = (Double(x.values[row * 2 * width + i]), Double(x.values[(row * 2 + 1) * width + i]))
            let (d, sigma) = (Double(dy.values[row * width + i]), 1 / (1 + exp(-gate)))
            wanted.append(gate * sigma * value)
            wantedGradient[row * 2 * width + i] = d * value * sigma * (1 + gate * (1 - sigma))
            wantedGradient[(row * 2 + 1) * width + i] = d * gate * sigma
          }
        }
        let (found, gradient) = (y.read(as: type), dx.read(as: type))
        let tolerance = type == bf16 ? 4e-3 : 1e-6
        #expect(normalizedError(found.dropLast().map(Double.init), wanted) < tolerance)
        #expect(normalizedError(gradient.dropLast().map(Double.init), wantedGradient) < tolerance)
        #expect(found.last == y.values.last && gradient.last == dx.values.last, "beyond the end")
      }
    }
    // Far out the gate is open or shut, never not a number.
    var open: [Float] = [0, 0]
    swiglu_forward(&open, [200, 3] as [Float], 1, 1, f32)
    #expect(open[0] == 600)
    swiglu_forward(&open, [-200, 3] as [Float], 1, 1, f32)
    #expect(abs(open[0]) < 1e-30)
  }
}
