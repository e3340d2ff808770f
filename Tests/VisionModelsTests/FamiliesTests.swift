import TestSupport
import Testing
import VisionModels

/// Every published family, in its own library's numbers: random checkpoints, at the table's size and at two others.
struct FamiliesTests {
  /// Of an output, its largest difference over its largest number; timm itself in 32 bits is about 1e-6 off.
  static let outputTolerance = 2e-5
  /// Of a gradient, its relative distance.
  static let gradientTolerance = 2e-5
  /// What half precision may turn the vector of any image by.
  static let leastCosine = 0.9995

  private func images(_ fixture: Fixture, _ name: String) -> (pixels: [Float], side: Int) {
    (fixture.floats("\(name).images"), fixture.shape("\(name).images")[3])
  }

  /// The class token's row of every image.
  private func classRows(_ tokens: [Float], shape: [Int]) -> [Float] {
    (0..<shape[0]).flatMap { image in tokens[image * shape[1] * shape[2]..<(image * shape[1] + 1) * shape[2]] }
  }

  @Test(arguments: PublishedFamily.all)
  func everyOutputIsTheLibrarys(_ family: PublishedFamily) throws {
    let fixture = try family.fixture()
    let engine = Engine(family, fixture)
    for name in PublishedFamily.cases {
      let (pixels, side) = images(fixture, name)
      let wanted = fixture.floats("\(name).tokens")
      let error = normalizedError(engine.tokens(pixels, side: side), wanted)
      #expect(error < Self.outputTolerance, "\(name)")
      let classRows = classRows(wanted, shape: fixture.shape("\(name).tokens"))
      for forTraining in [false, true] {
        let features = engine.classFeatures(pixels, side: side, forTraining: forTraining)
        #expect(normalizedError(features, classRows) < Self.outputTolerance, "\(name), for training: \(forTraining)")
      }
    }
    let (pixels, side) = images(fixture, "native")
    let last = family.configuration.depth - 1
    for layer in 0...last {
      let error = normalizedError(
        engine.tokens(pixels, side: side, layer: layer), fixture.floats("native.stream.\(layer)"))
      #expect(error < Self.outputTolerance, "layer \(layer)")
    }
    let qkv = engine.queriesKeysValues(pixels, side: side, block: last)
    #expect(normalizedError(qkv, fixture.floats("native.qkv")) < Self.outputTolerance)
    let attention = engine.attention(pixels, side: side, block: last)
    #expect(normalizedError(attention, fixture.floats("native.attention")) < Self.outputTolerance)
  }

  @Test(arguments: PublishedFamily.all)
  func everyGradientIsTheLibrarys(_ family: PublishedFamily) throws {
    let fixture = try family.fixture()
    let engine = Engine(family, fixture)
    for name in PublishedFamily.cases {
      let (pixels, side) = images(fixture, name)
      let gradients = engine.gradients(pixels, side: side, cotangent: fixture.floats("\(name).cotangent"))
      for (path, wanted) in PublishedFamily.tensors(fixture, under: "\(name).gradient.") {
        let own = path == "pixels" ? gradients.pixels : gradients.parameters.values(path)
        #expect(relativeDistance(own, wanted) < Self.gradientTolerance, "\(name) \(path)")
      }
    }
  }

  @Test(arguments: PublishedFamily.all)
  func halfPrecisionPointsTheSameWay(_ family: PublishedFamily) throws {
    let fixture = try family.fixture()
    let engine = Engine(family, fixture, precision: .bf16)
    let width = family.configuration.width
    for name in PublishedFamily.cases {
      let (pixels, side) = images(fixture, name)
      let shape = fixture.shape("\(name).tokens")
      let wanted = fixture.floats("\(name).tokens")
      let tokens = engine.tokens(pixels, side: side)
      let features = engine.classFeatures(pixels, side: side)
      let wantedFeatures = classRows(wanted, shape: shape)
      for image in 0..<shape[0] {
        let all = image * shape[1] * width..<(image + 1) * shape[1] * width
        let row = image * width..<(image + 1) * width
        #expect(cosine(tokens[all], wanted[all]) > Self.leastCosine, "\(name) \(image)")
        #expect(cosine(features[row], wantedFeatures[row]) > Self.leastCosine, "\(name) \(image)")
      }
    }
  }
}
