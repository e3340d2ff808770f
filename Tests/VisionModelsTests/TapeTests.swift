import Tensors
import TestSupport
import Testing
import VisionModels

/// A tape is scratch: what it was used for before leaves no trace.
struct TapeTests {
  private static let families = PublishedFamily.all.filter {
    ["timm", "timm_swiglu", "timm_registers", "dinov2", "dinov3_gated"].contains($0.name)
  }

  private func normals(_ count: Int, _ seed: UInt64) -> [Float] {
    var generator = Seed(seed).generator()
    return (0..<count).map { _ in Float(generator.normal()) }
  }

  /// The gradients of two images' class tokens, and their outputs, on a tape that has seen nothing or much.
  @Test(arguments: families, Precision.allCases)
  func fewerImagesLeaveNoTrace(_ family: PublishedFamily, _ precision: Precision) throws {
    let engine = try Engine(family, family.fixture(), precision: precision)
    let (model, width) = (engine.model, family.configuration.width)
    let weights = model.pack(engine.parameters, precision: precision, forTraining: true)
    let (images, cotangent) = (normals(2 * 3 * 256, 1), normals(2 * width, 2))
    let (others, otherCotangent) = (normals(5 * 3 * 256, 3).map { 9 * $0 }, normals(5 * 21 * width, 4))
    let scale = [Float](repeating: 0, count: 2 * 2 * 5) + [3]
    func numbers(_ tape: VisionTransformer.Tape) -> [Float] {
      let gradient = ParameterBuffer(model.layout)
      var pixels = [Float](repeating: .nan, count: images.count)
      model.forward(images, count: 2, weights: weights, tape: tape)
      let outputs = Array(UnsafeBufferPointer(start: tape.outputs, count: 2 * width))
      model.backward(cotangent, count: 2, weights: weights, tape: tape, adding: gradient.pointer, pixels: &pixels)
      return outputs + pixels + UnsafeBufferPointer(start: gradient.pointer, count: gradient.count)
    }
    for recomputes in [false, true] {
      let wanted = numbers(model.makeTape(images: 2, side: 16, precision: precision, recomputes: recomputes))
      let used = model.makeTape(images: 5, side: 16, precision: precision, recomputes: recomputes)
      let waste = ParameterBuffer(model.layout)
      model.forward(others, count: 5, weights: weights, tape: used, output: .tokens, residualScale: Array(scale[1...]))
      model.backward(otherCotangent, count: 5, weights: weights, tape: used, adding: waste.pointer)
      #expect(numbers(used) == wanted, "after training, recomputes: \(recomputes)")
      var vectors = [Float](repeating: 0, count: 5 * 2 * width)
      model.features(others, count: 5, weights: weights, tape: used, layer: nil, pool: .clsMean, into: &vectors)
      #expect(numbers(used) == wanted, "after inference, recomputes: \(recomputes)")
    }
  }

  @Test(arguments: families, Precision.allCases)
  func inferenceLeavesNoTrace(_ family: PublishedFamily, _ precision: Precision) throws {
    let engine = try Engine(family, family.fixture(), precision: precision)
    let (model, width) = (engine.model, family.configuration.width)
    let weights = model.pack(engine.parameters, precision: precision)
    // Twenty images are more rows than a thread takes at a time, one is fewer.
    let images = normals(20 * 3 * 256, 5)
    func features(_ tape: VisionTransformer.Tape, _ count: Int, _ layer: Int?) -> [Float] {
      var vectors = [Float](repeating: .nan, count: count * 2 * width)
      model.features(images, count: count, weights: weights, tape: tape, layer: layer, pool: .clsMean, into: &vectors)
      return vectors
    }
    func fresh(_ count: Int) -> VisionTransformer.Tape {
      model.makeTape(images: count, side: 16, precision: precision, forTraining: false)
    }
    let used = fresh(20)
    for (count, layer) in [(20, nil), (1, 1), (1, nil), (13, nil), (2, 0), (20, 1)] as [(Int, Int?)] {
      #expect(features(used, count, layer) == features(fresh(count), count, layer), "\(count) images")
    }
  }
}
