import Tensors
import TestSupport
import Testing
import VisionModels

/// Packing again is packing: nothing of the numbers before remains.
struct PackedWeightsTests {
  /// Wide enough that some matrices are packed in several pieces, and with odd ends.
  private static let configurations = [
    VisionTransformer.Configuration(imageSize: 8, patchSize: 4, width: 384, depth: 1, heads: 6, hiddenWidth: 1000),
    .init(
      imageSize: 15, patchSize: 5, width: 36, depth: 2, heads: 3, hiddenWidth: 50, feedForward: .swiglu,
      positions: .rotary, registers: 2, hasLayerScale: true),
  ]

  @Test(arguments: configurations, Precision.allCases)
  func renewingIsPackingAfresh(_ configuration: VisionTransformer.Configuration, _ precision: Precision) {
    let model = VisionTransformer(configuration)
    let parameters = ParameterBuffer(model.layout)
    var generator = Seed(6).generator()
    func draw() {
      for entry in model.layout.entries {
        parameters.set(entry.path, entry.range.map { _ in Float(0.1 * generator.normal()) })
      }
    }
    let side = configuration.imageSize
    let images = (0..<2 * 3 * side * side).map { _ in Float(generator.normal()) }
    let cotangent = (0..<2 * configuration.width).map { _ in Float(generator.normal()) }
    func numbers(_ weights: PackedWeights) -> [Float] {
      let tape = model.makeTape(images: 2, side: side, precision: precision)
      let gradient = ParameterBuffer(model.layout)
      model.forward(images, count: 2, weights: weights, tape: tape)
      let outputs = Array(UnsafeBufferPointer(start: tape.outputs, count: 2 * configuration.width))
      model.backward(cotangent, count: 2, weights: weights, tape: tape, adding: gradient.pointer)
      return outputs + UnsafeBufferPointer(start: gradient.pointer, count: gradient.count)
    }
    draw()
    let weights = model.pack(parameters, precision: precision, forTraining: true)
    let before = numbers(weights)
    for threads in 1...3 {
      draw()
      weights.refresh(on: WorkerPool(threads: threads))
      let after = numbers(weights)
      #expect(after == numbers(model.pack(parameters, precision: precision, forTraining: true)))
      #expect(after != before)
    }
  }
}
