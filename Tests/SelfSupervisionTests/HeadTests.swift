import Foundation
import SelfSupervision
import Tensors
import TestSupport
import Testing
import VisionModels

/// Values against a twin in 64 bits, gradients against the twin's central differences.
struct HeadTests {
  private static let rows = 3

  private struct Setting {
    let head: ProjectionHead
    let layout: ParameterLayout
    let parameters: ParameterBuffer
    let features: [Float]
    /// The loss is the sum of logits times these.
    let weights: [Float]
  }

  private func setting() -> Setting {
    var layout = ParameterLayout()
    layout.append("something.before", [5])
    let head = ProjectionHead(input: 6, hidden: 9, bottleneck: 4, output: 7, appendingTo: &layout)
    let parameters = ParameterBuffer(layout)
    var generator = Seed(11).generator()
    for entry in layout.entries { for i in entry.range { parameters.pointer[i] = Float(generator.normal()) * 0.5 } }
    return Setting(
      head: head, layout: layout, parameters: parameters,
      features: (0..<HeadTests.rows * 6).map { _ in Float(generator.normal()) },
      weights: (0..<HeadTests.rows * 7).map { _ in Float(generator.normal()) })
  }

  private func twin(_ s: Setting, _ parameters: [Double], _ features: [Double]) -> [Double] {
    func tensor(_ path: String) -> [Double] { Array(parameters[s.layout.entry(path)!.range]) }
    func linear(_ x: [Double], _ index: Int, _ outputs: Int) -> [Double] {
      let (w, b) = (tensor("head.mlp.\(index).weight"), tensor("head.mlp.\(index).bias"))
      return (0..<outputs).map { o in x.indices.reduce(b[o]) { $0 + w[o * x.count + $1] * x[$1] } }
    }
    func gelu(_ x: [Double]) -> [Double] { x.map { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) } }
    let (v, g) = (tensor("head.last_layer.weight_v"), tensor("head.last_layer.weight_g"))
    return (0..<HeadTests.rows).flatMap { row -> [Double] in
      let x = Array(features[row * 6..<row * 6 + 6])
      let z = linear(gelu(linear(gelu(linear(x, 0, 9)), 2, 9)), 4, 4)
      let length = z.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return (0..<7).map { k in
        let direction = Array(v[k * 4..<k * 4 + 4])
        let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return g[k] * zip(direction, z).reduce(0) { $0 + $1.0 * $1.1 } / (norm * length)
      }
    }
  }

  @Test func namesAndShapesAreTheReferences() {
    let layout = setting().layout
    let shapes = Dictionary(uniqueKeysWithValues: layout.entries.dropFirst().map { ($0.path, $0.shape) })
    #expect(
      shapes == [
        "head.mlp.0.weight": [9, 6], "head.mlp.0.bias": [9], "head.mlp.2.weight": [9, 9], "head.mlp.2.bias": [9],
        "head.mlp.4.weight": [4, 9], "head.mlp.4.bias": [4], "head.last_layer.weight_g": [7, 1],
        "head.last_layer.weight_v": [7, 4],
      ])
  }

  @Test func forwardAndBackwardEqualTheTwin() {
    let s = setting()
    let weights = PackedWeights(s.parameters, precision: .f32, forTraining: true)
    let last = s.head.makeLastLayer(.f32, forTraining: true)
    last.renew(s.parameters, on: WorkerPool(threads: 1))
    let tape = s.head.makeTape(rows: HeadTests.rows + 1, .f32)
    s.head.forward(s.features, count: HeadTests.rows, weights: weights, lastLayer: last, tape: tape)
    let numbers = (0..<s.layout.count).map { Double(s.parameters.pointer[$0]) }
    let features = s.features.map { Double($0) }
    let logits = Array(UnsafeBufferPointer(start: tape.logits, count: HeadTests.rows * 7))
    #expect(normalizedError(logits, twin(s, numbers, features).map { Float($0) }) < 2e-6)

    let gradient = ParameterBuffer(s.layout)
    var dFeatures = [Float](repeating: 0, count: features.count)
    s.head.backward(
      s.weights, count: HeadTests.rows, weights: weights, lastLayer: last, tape: tape,
      adding: gradient.pointer, into: &dFeatures)
    func loss(_ numbers: [Double], _ features: [Double]) -> Double {
      zip(twin(s, numbers, features), s.weights).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    func difference(_ values: [Double], _ i: Int, _ loss: ([Double]) -> Double) -> Float {
      var moved = values
      moved[i] += 1e-5
      let up = loss(moved)
      moved[i] -= 2e-5
      return Float((up - loss(moved)) / 2e-5)
    }
    #expect(
      normalizedError(dFeatures, features.indices.map { i in difference(features, i) { loss(numbers, $0) } }) < 1e-5)
    // The last layer's gradient is finished elsewhere; the distillation fixture holds it to account.
    for entry in s.layout.entries where entry.path.hasPrefix("head.mlp") {
      let expected = entry.range.map { i in difference(numbers, i) { loss($0, features) } }
      #expect(normalizedError(gradient.values(entry.path), expected) < 1e-5, "\(entry.path)")
    }
  }

  /// Odd widths all through: pairs of half-precision numbers have ends, which must be nothing.
  @Test func halfPrecisionIsNear() {
    let s = setting()
    func run(_ precision: Precision) -> (logits: [Float], gradient: [Float], dFeatures: [Float]) {
      let weights = PackedWeights(s.parameters, precision: precision, forTraining: true)
      let last = s.head.makeLastLayer(precision, forTraining: true)
      last.renew(s.parameters, on: WorkerPool(threads: 2))
      let tape = s.head.makeTape(rows: HeadTests.rows, precision)
      s.head.forward(s.features, count: HeadTests.rows, weights: weights, lastLayer: last, tape: tape)
      let gradient = ParameterBuffer(s.layout)
      var dFeatures = [Float](repeating: .nan, count: s.features.count)
      s.head.backward(
        s.weights, count: HeadTests.rows, weights: weights, lastLayer: last, tape: tape, adding: gradient.pointer,
        into: &dFeatures)
      return (
        Array(UnsafeBufferPointer(start: tape.logits, count: HeadTests.rows * 7)),
        Array(UnsafeBufferPointer(start: gradient.pointer, count: gradient.count)), dFeatures
      )
    }
    let (half, single) = (run(.bf16), run(.f32))
    #expect(normalizedError(half.logits, single.logits) < 0.03)
    #expect(normalizedError(half.gradient, single.gradient) < 0.05)
    #expect(normalizedError(half.dFeatures, single.dFeatures) < 0.05)
  }

  @Test func theFreshLastLayerHasUnitRows() {
    let s = setting()
    s.head.initialize(s.parameters, seed: Seed(2))
    let made = s.head.makeLastLayer(.f32, forTraining: false)
    made.renew(s.parameters, on: WorkerPool(threads: 1))
    let last = made.values
    for row in 0..<7 {
      let norm = last[row * 4..<row * 4 + 4].reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - 1) < 1e-6)
    }
    #expect(s.parameters.values("head.mlp.2.bias").allSatisfy { $0 == 0 })
    #expect(s.parameters.values("head.last_layer.weight_v").allSatisfy { abs($0) <= 0.5 })
  }
}
