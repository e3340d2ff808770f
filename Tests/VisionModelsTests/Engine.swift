import TestSupport
import Testing
import VisionModels

/// A model with its weights, ready to be asked: the only place where the oracles of this folder touch the network's interface.
struct Engine {
  let model: VisionTransformer
  let parameters: ParameterBuffer
  let precision: Precision
  private let weights: PackedWeights
  private var configuration: VisionTransformer.Configuration { model.configuration }

  /// - Parameter values: the numbers of a tensor, by name.
  init(
    _ configuration: VisionTransformer.Configuration, precision: Precision = .f32,
    _ values: (ParameterEntry) throws -> [Float]
  ) rethrows {
    model = VisionTransformer(configuration)
    parameters = ParameterBuffer(model.layout)
    for entry in model.layout.entries { parameters.set(entry.path, try values(entry)) }
    self.precision = precision
    weights = model.pack(parameters, precision: precision, forTraining: true)
  }

  /// Of a fixture that has the weights of every tensor, and of no other.
  init(_ family: PublishedFamily, _ fixture: Fixture, precision: Precision = .f32) {
    self.init(family.configuration, precision: precision) { entry in
      #expect(fixture.shape("parameters." + entry.path) == entry.shape, "\(entry.path)")
      return fixture.floats("parameters." + entry.path)
    }
    #expect(
      PublishedFamily.tensors(fixture, under: "parameters.").map(\.name) == model.layout.entries.map(\.path).sorted())
  }

  private func count(_ images: [Float], side: Int) -> Int { images.count / (configuration.channels * side * side) }

  private func tokensPerImage(side: Int) -> Int {
    let grid = side / configuration.patchSize
    return configuration.prefixTokens + grid * grid
  }

  private func tape(_ images: [Float], side: Int, forTraining: Bool) -> VisionTransformer.Tape {
    // Room for one image more than there are: nothing may depend on the capacity.
    model.makeTape(images: count(images, side: side) + 1, side: side, precision: precision, forTraining: forTraining)
  }

  /// [count, tokens, width]: as block `layer` takes them, or after the final norm.
  func tokens(_ images: [Float], side: Int, layer: Int? = nil) -> [Float] {
    let count = count(images, side: side)
    let tape = tape(images, side: side, forTraining: false)
    var result = [Float](repeating: .nan, count: count * tokensPerImage(side: side) * configuration.width)
    model.tokens(images, count: count, weights: weights, tape: tape, layer: layer, into: &result)
    return result
  }

  /// [count, width]: the class tokens after the final norm, by the way that makes no other.
  func classFeatures(_ images: [Float], side: Int, forTraining: Bool = false) -> [Float] {
    let count = count(images, side: side)
    let tape = tape(images, side: side, forTraining: forTraining)
    model.forward(images, count: count, weights: weights, tape: tape)
    return Array(UnsafeBufferPointer(start: tape.outputs, count: count * configuration.width))
  }

  /// [count, heads, tokens, tokens], rows that sum to one.
  func attention(_ images: [Float], side: Int, block: Int) -> [Float] {
    let count = count(images, side: side)
    let tape = tape(images, side: side, forTraining: false)
    let tokens = tokensPerImage(side: side)
    var result = [Float](repeating: .nan, count: count * configuration.heads * tokens * tokens)
    model.attention(images, count: count, weights: weights, tape: tape, block: block, into: &result)
    return result
  }

  /// [count, tokens, 3 · width], after any rotation.
  func queriesKeysValues(_ images: [Float], side: Int, block: Int) -> [Float] {
    let count = count(images, side: side)
    let tape = tape(images, side: side, forTraining: false)
    var result = [Float](repeating: .nan, count: count * tokensPerImage(side: side) * 3 * configuration.width)
    model.queriesKeysValues(images, count: count, weights: weights, tape: tape, block: block, into: &result)
    return result
  }

  /// Of sum(output · cotangent): with respect to every parameter, and to the pixels.
  /// - Parameters:
  ///   - cotangent: of the class tokens, [count, width], or of all tokens, [count, tokens, width].
  ///   - residualScale: nil, or factors of every branch and image, [2 · depth, count].
  func gradients(
    _ images: [Float], side: Int, cotangent: [Float], residualScale: [Float]? = nil, recomputes: Bool = false
  ) -> (parameters: ParameterBuffer, pixels: [Float]) {
    let count = count(images, side: side)
    let output: VisionTransformer.Output = cotangent.count == count * configuration.width ? .classTokens : .tokens
    let tape = model.makeTape(images: count + 1, side: side, precision: precision, recomputes: recomputes)
    let gradient = ParameterBuffer(model.layout)
    var pixels = [Float](repeating: .nan, count: images.count)
    residualScale.withPointer { factors in
      model.forward(images, count: count, weights: weights, tape: tape, output: output, residualScale: factors)
    }
    model.backward(cotangent, count: count, weights: weights, tape: tape, adding: gradient.pointer, pixels: &pixels)
    return (gradient, pixels)
  }
}

extension [Float]? {
  fileprivate func withPointer(_ body: (UnsafePointer<Float>?) -> Void) {
    if let self { self.withUnsafeBufferPointer { body($0.baseAddress) } } else { body(nil) }
  }
}
