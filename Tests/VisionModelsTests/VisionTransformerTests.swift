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
  let weights: PackedWeights

  init() throws {
    fixture = try Fixture("VisionModels/vision_transformer")
    model = VisionTransformer(
      .init(imageSize: 16, patchSize: 4, width: fixture.shape("parameters.cls_token")[2], depth: 2, heads: 2))
    parameters = ParameterBuffer(model.layout)
    for entry in model.layout.entries {
      #expect(fixture.shape("parameters." + entry.path) == entry.shape)
      parameters.set(entry.path, fixture.floats("parameters." + entry.path))
    }
    weights = model.pack(parameters, precision: .f32, forTraining: true)
  }
}

struct VisionTransformerTests {
  @Test(arguments: ["native", "smaller", "larger"])
  func everyOutputAndGradientIsTimms(_ name: String) throws {
    let case_ = try FixtureModel()
    let (fixture, model, weights) = (case_.fixture, case_.model, case_.weights)
    let images = fixture.floats("\(name).images")
    let (count, side) = (fixture.shape("\(name).images")[0], fixture.shape("\(name).images")[3])
    let width = model.configuration.width
    // Room for more images than there are: nothing may depend on the capacity.
    let tape = model.makeTape(images: count + 2, side: side, precision: .f32)
    let gradient = ParameterBuffer(model.layout)
    let scale = fixture.floats("\(name).scale")
    // A second round on the same tape must not see the first.
    for round in 1...2 {
      gradient.fill(0)
      model.forward(
        images, count: count, weights: weights, tape: tape, residualScale: name == "smaller" ? scale : nil)
      let classFeatures = Array(UnsafeBufferPointer(start: tape.outputs, count: count * width))
      let tokens = fixture.floats("\(name).tokens")
      let wanted = (0..<count).flatMap { image in
        tokens[image * tape.tokens * width..<(image * tape.tokens + 1) * width]
      }
      #expect(normalizedError(classFeatures, wanted) < forwardTolerance)
      model.backward(
        fixture.floats("\(name).cotangent"), count: count, weights: weights, tape: tape, adding: gradient.pointer)
      for entry in model.layout.entries {
        let error = normalizedError(
          gradient.values(entry.path), fixture.floats("\(name).gradient.\(entry.path)"))
        #expect(error < backwardTolerance, "\(entry.path), round \(round)")
      }
    }
  }

  @Test func gradientsAddUp() throws {
    let case_ = try FixtureModel()
    let (fixture, model, weights) = (case_.fixture, case_.model, case_.weights)
    let tape = model.makeTape(images: 3, side: 16, precision: .f32)
    let (once, twice) = (ParameterBuffer(model.layout), ParameterBuffer(model.layout))
    model.forward(fixture.floats("native.images"), count: 3, weights: weights, tape: tape)
    for target in [once, twice, twice] {
      model.backward(
        fixture.floats("native.cotangent"), count: 3, weights: weights, tape: tape, adding: target.pointer)
    }
    for entry in model.layout.entries {
      let error = normalizedError(twice.values(entry.path), once.values(entry.path).map { 2 * $0 })
      #expect(error < backwardTolerance, "\(entry.path)")
    }
  }

  /// Chunks on as many tapes as there are threads: which thread takes a chunk, and what its tape held before, makes no difference.
  @Test(arguments: Precision.allCases)
  func gradientsAreTheSameBytesAtAnyThreadCount(_ precision: Precision) throws {
    let model = VisionTransformer(.named("vit_tiny", imageSize: 16, patchSize: 4, depth: 2)!)
    let parameters = ParameterBuffer(model.layout)
    model.initialize(parameters, seed: Seed(3))
    let weights = model.pack(parameters, precision: precision, forTraining: true)
    var generator = Seed(4).generator()
    let (chunks, count, pixels) = (7, 3, 3 * 16 * 16)
    let images = (0..<chunks * count * pixels).map { _ in Float(generator.normal()) }
    let cotangent = (0..<count * 192).map { _ in Float(generator.normal()) }
    func gradients(threads: Int) throws -> [[Float]] {
      let tapes = (0..<threads).map { _ in model.makeTape(images: count, side: 16, precision: precision) }
      return try WorkerPool(threads: threads).map(jobs: chunks) { chunk, worker in
        let gradient = ParameterBuffer(model.layout)
        let chunkImages = Array(images[chunk * count * pixels..<(chunk + 1) * count * pixels])
        model.forward(chunkImages, count: count, weights: weights, tape: tapes[worker])
        model.backward(
          cotangent, count: count, weights: weights, tape: tapes[worker], adding: gradient.pointer)
        return Array(UnsafeBufferPointer(start: gradient.pointer, count: gradient.count))
      }
    }
    let alone = try gradients(threads: 1)
    #expect(Set(alone).count == chunks)
    for threads in 2...3 { #expect(try gradients(threads: threads) == alone) }
  }

  /// The usual extents, where whole vectors and panels are used and weights are packed in several pieces, against the naive twin.
  @Test func aModelOfTheUsualWidthIsRight() {
    var configuration = VisionTransformer.Configuration.named("vit_small", imageSize: 32, patchSize: 8, depth: 1)!
    (configuration.registers, configuration.hasLayerScale) = (1, true)
    let engine = Engine(configuration) { entry in
      var generator = Seed(3).split(entry.path).generator()
      let centre = entry.path.contains("norm") || entry.path.hasSuffix("gamma") ? 1.0 : 0
      return entry.range.map { _ in Float(centre + 0.05 * generator.normal()) }
    }
    var generator = Seed(4).generator()
    let image = (0..<3 * 32 * 32).map { _ in Float(generator.normal()) }
    let cotangent = (0..<384).map { _ in Float(generator.normal()) }
    var twin = ReferenceTransformer(engine.model, engine.parameters)
    let wanted = twin.stream(image.map(Double.init)).joined().map { Float($0) }
    #expect(normalizedError(engine.tokens(image, side: 32), wanted) < FamiliesTests.outputTolerance)

    let gradients = engine.gradients(image, side: 32, cotangent: cotangent)
    for path in [
      "patch_embed.proj.weight", "blocks.0.attn.qkv.weight", "blocks.0.mlp.fc1.weight", "blocks.0.norm1.bias",
    ] {
      let (own, original) = (gradients.parameters.values(path), twin.tensors[path]!)
      let direction = original.map { _ in generator.normal() }
      let losses = [1e-5, -1e-5].map { step in
        twin.tensors[path] = zip(original, direction).map { $0 + step * $1 }
        return zip(twin.stream(image.map(Double.init))[0], cotangent).reduce(0) { $0 + $1.0 * Double($1.1) }
      }
      twin.tensors[path] = original
      let along = zip(own, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
      let size = own.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(along - (losses[0] - losses[1]) / 2e-5) < FamiliesTests.gradientTolerance * size, "\(path)")
    }
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
