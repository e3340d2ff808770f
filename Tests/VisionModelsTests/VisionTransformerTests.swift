import Tensors
import TestSupport
import Testing
import VisionModels

/// Of one pass in 32 bits against 64.
let forwardTolerance = 2e-6
/// Of a gradient, through the whole network and back.
let backwardTolerance = 5e-6

/// The model of the fixture: every tensor random, so that no bias or norm hides.
struct FixtureModel {
  let fixture: Fixture
  let model: VisionTransformer
  let parameters: ParameterBuffer

  init() throws {
    fixture = try Fixture("VisionModels/vision_transformer")
    model = VisionTransformer(
      .init(imageSize: 16, patchSize: 4, width: fixture.shape("parameters.cls_token")[2], depth: 2, heads: 2))
    parameters = ParameterBuffer(model.layout)
    for entry in model.layout.entries {
      #expect(fixture.shape("parameters." + entry.path) == entry.shape)
      parameters.set(entry.path, fixture.floats("parameters." + entry.path))
    }
  }
}

struct VisionTransformerTests {
  @Test(arguments: ["native", "smaller", "larger"])
  func everyOutputAndGradientIsTimms(_ name: String) throws {
    let case_ = try FixtureModel()
    let (fixture, model, parameters) = (case_.fixture, case_.model, case_.parameters)
    let images = fixture.floats("\(name).images")
    let (count, side) = (fixture.shape("\(name).images")[0], fixture.shape("\(name).images")[3])
    let width = model.configuration.width
    // Room for more images than there are: nothing may depend on the capacity.
    let tape = model.makeTape(images: count + 2, side: side)
    let gradient = ParameterBuffer(model.layout)
    let scale = fixture.floats("\(name).scale")
    // A second round on the same tape must not see the first.
    for round in 1...2 {
      gradient.fill(0)
      model.forward(
        images, count: count, parameters: parameters.pointer, tape: tape,
        residualScale: name == "smaller" ? scale : nil)
      let classFeatures = Array(UnsafeBufferPointer(start: tape.classFeatures, count: count * width))
      let tokens = fixture.floats("\(name).tokens")
      let wanted = (0..<count).flatMap { image in
        tokens[image * tape.tokens * width..<(image * tape.tokens + 1) * width]
      }
      #expect(normalizedError(classFeatures, wanted) < forwardTolerance)
      model.backward(
        fixture.floats("\(name).cotangent"), count: count, parameters: parameters.pointer, tape: tape,
        adding: gradient.pointer)
      for entry in model.layout.entries {
        let error = normalizedError(
          gradient.values(entry.path), fixture.floats("\(name).gradient.\(entry.path)"))
        #expect(error < backwardTolerance, "\(entry.path), round \(round)")
      }
    }
  }

  /// Central differences along a random direction in every tensor, on a twin in 64 bits, for odd widths, depths and ratios.
  @Test(arguments: [
    VisionTransformer.Configuration(imageSize: 4, patchSize: 2, width: 6, depth: 1, heads: 1, hiddenWidth: 12),
    .init(imageSize: 6, patchSize: 2, channels: 1, width: 16, depth: 2, heads: 4, hiddenWidth: 48),
    .init(imageSize: 3, patchSize: 3, width: 5, depth: 3, heads: 5),
    .init(imageSize: 20, patchSize: 4, width: 34, depth: 2, heads: 2, hiddenWidth: 34, layerNormEpsilon: 1e-3),
  ])
  func everyGradientIsTheDerivative(_ configuration: VisionTransformer.Configuration) {
    let model = VisionTransformer(configuration)
    let parameters = ParameterBuffer(model.layout)
    var generator = Seed(11).generator()
    for entry in model.layout.entries {
      parameters.set(entry.path, entry.range.map { _ in Float(0.4 * generator.normal()) })
    }
    let (count, width) = (2, configuration.width)
    let pixels = configuration.channels * configuration.imageSize * configuration.imageSize
    let images = (0..<count * pixels).map { _ in Float(generator.normal()) }
    let cotangent = (0..<count * width).map { _ in Float(generator.normal()) }
    let scale = (0..<2 * configuration.depth * count).map { _ in Float(generator.uniform(0.5...1.5)) }

    let tape = model.makeTape(images: count, side: configuration.imageSize)
    let gradient = ParameterBuffer(model.layout)
    model.forward(images, count: count, parameters: parameters.pointer, tape: tape, residualScale: scale)
    model.backward(
      cotangent, count: count, parameters: parameters.pointer, tape: tape, adding: gradient.pointer)

    var twin = ReferenceTransformer(model, parameters)
    func loss() -> Double {
      (0..<count).reduce(0) { total, image in
        let tokens = twin.stream(
          images[image * pixels..<(image + 1) * pixels].map(Double.init),
          scale: { Double(scale[$0 * count + image]) })
        return total + (0..<width).reduce(0) { $0 + tokens[0][$1] * Double(cotangent[image * width + $1]) }
      }
    }
    for entry in model.layout.entries {
      let original = twin.tensors[entry.path]!
      let direction = original.map { _ in generator.normal() }
      let step = 1e-5
      twin.tensors[entry.path] = zip(original, direction).map { $0 + step * $1 }
      let above = loss()
      twin.tensors[entry.path] = zip(original, direction).map { $0 - step * $1 }
      let below = loss()
      twin.tensors[entry.path] = original
      let own = gradient.values(entry.path).map(Double.init)
      let along = zip(own, direction).reduce(0) { $0 + $1.0 * $1.1 }
      let size = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(along - (above - below) / (2 * step)) <= 2e-5 * max(size, 1e-2), "\(entry.path)")
    }
  }

  @Test func gradientsAddUp() throws {
    let case_ = try FixtureModel()
    let (fixture, model, parameters) = (case_.fixture, case_.model, case_.parameters)
    let tape = model.makeTape(images: 3, side: 16)
    let (once, twice) = (ParameterBuffer(model.layout), ParameterBuffer(model.layout))
    model.forward(fixture.floats("native.images"), count: 3, parameters: parameters.pointer, tape: tape)
    for target in [once, twice, twice] {
      model.backward(
        fixture.floats("native.cotangent"), count: 3, parameters: parameters.pointer, tape: tape, adding: target.pointer
      )
    }
    for entry in model.layout.entries {
      let error = normalizedError(twice.values(entry.path), once.values(entry.path).map { 2 * $0 })
      #expect(error < backwardTolerance, "\(entry.path)")
    }
  }

  /// Chunks on as many tapes as there are threads: which thread takes a chunk, and what its tape held before, makes no difference.
  @Test func gradientsAreTheSameBytesAtAnyThreadCount() throws {
    let model = VisionTransformer(.named("vit_tiny", imageSize: 16, patchSize: 4, depth: 2)!)
    let parameters = ParameterBuffer(model.layout)
    model.initialize(parameters, seed: Seed(3))
    var generator = Seed(4).generator()
    let (chunks, count, pixels) = (7, 3, 3 * 16 * 16)
    let images = (0..<chunks * count * pixels).map { _ in Float(generator.normal()) }
    let cotangent = (0..<count * 192).map { _ in Float(generator.normal()) }
    func gradients(threads: Int) throws -> [[Float]] {
      let tapes = (0..<threads).map { _ in model.makeTape(images: count, side: 16) }
      return try WorkerPool(threads: threads).map(jobs: chunks) { chunk, worker in
        let gradient = ParameterBuffer(model.layout)
        let chunkImages = Array(images[chunk * count * pixels..<(chunk + 1) * count * pixels])
        model.forward(chunkImages, count: count, parameters: parameters.pointer, tape: tapes[worker])
        model.backward(
          cotangent, count: count, parameters: parameters.pointer, tape: tapes[worker], adding: gradient.pointer)
        return Array(UnsafeBufferPointer(start: gradient.pointer, count: gradient.count))
      }
    }
    let alone = try gradients(threads: 1)
    #expect(Set(alone).count == chunks)
    for threads in 2...3 { #expect(try gradients(threads: threads) == alone) }
  }

  /// The usual extents, where whole vectors and BLAS's large kernels are used, against the naive twin.
  @Test func aTinyModelOfTheUsualWidthIsRight() {
    let model = VisionTransformer(.named("vit_tiny", imageSize: 32, patchSize: 8, depth: 2)!)
    let parameters = ParameterBuffer(model.layout)
    model.initialize(parameters, seed: Seed(3))
    var generator = Seed(4).generator()
    let images = (0..<3 * 32 * 32).map { _ in Float(generator.normal()) }
    let tape = model.makeTape(images: 1, side: 32, forTraining: false)
    model.forward(images, count: 1, parameters: parameters.pointer, tape: tape)
    let twin = ReferenceTransformer(model, parameters).stream(images.map(Double.init))[0]
    let own = UnsafeBufferPointer(start: tape.classFeatures, count: 192).map(Double.init)
    #expect(normalizedError(own, twin) < 1e-5)
  }

  @Test func initialisationIsNormalAndNamed() {
    let model = VisionTransformer(.named("vit_tiny", imageSize: 64, patchSize: 8, depth: 2)!)
    let (a, b) = (ParameterBuffer(model.layout), ParameterBuffer(model.layout))
    model.initialize(a, seed: Seed(1))
    model.initialize(b, seed: Seed(1))
    for entry in model.layout.entries { #expect(a.values(entry.path) == b.values(entry.path)) }
    let weights = a.values("blocks.1.mlp.fc1.weight").map(Double.init)
    let mean = weights.reduce(0, +) / Double(weights.count)
    let deviation = (weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)).squareRoot()
    #expect(abs(mean) < 2e-4)
    #expect(abs(deviation - 0.02) < 2e-4)
    #expect(a.values("blocks.1.norm1.weight").allSatisfy { $0 == 1 })
    #expect(a.values("norm.bias").allSatisfy { $0 == 0 })
    #expect(a.values("blocks.0.attn.qkv.bias").allSatisfy { $0 == 0 })
    #expect(a.values("blocks.0.attn.qkv.weight") != a.values("blocks.1.attn.qkv.weight"))
  }
}
