import TestSupport
import Testing
import VisionModels

/// Half precision against PyTorch's own, on wider models: `Fixtures/VisionModels/half_precision.py`.
struct HalfPrecisionTests {
  private static let count = 4
  /// Any gradient may be this far off in half precision, by relative distance …
  private static let gradientTolerance = 2e-2
  /// … or this many times as far as PyTorch's autocast is on the same tensor.
  private static let shareOfAutocast = 1.2

  struct Model: Sendable, CustomStringConvertible {
    let description: String
    let configuration: VisionTransformer.Configuration
    /// Keys without a bias.
    let keysHaveNoBias: Bool
  }

  static let models = [
    Model(
      description: "timm_registers",
      configuration: .init(
        imageSize: 16, patchSize: 4, width: 64, depth: 2, heads: 2, hiddenWidth: 128, interpolation: .bicubicAntialias,
        registers: 4, hasLayerScale: true), keysHaveNoBias: false),
    Model(
      description: "dinov3_gated",
      configuration: .init(
        imageSize: 16, patchSize: 4, width: 64, depth: 2, heads: 2, hiddenWidth: 80, feedForward: .swiglu,
        positions: .rotary, registers: 4, hasLayerScale: true, layerNormEpsilon: 1e-5), keysHaveNoBias: true),
  ]

  /// The script's numbers: multiples of 2⁻¹⁴ in -2..<2 from a linear congruential generator that a name begins.
  private func uniform(_ name: String, _ count: Int) -> [Float] {
    var state = name.utf8.reduce(UInt32(0)) { 31 &* $0 &+ UInt32($1) }
    return (0..<count).map { _ in
      state = 1_664_525 &* state &+ 1_013_904_223
      return Float(state >> 16) / 16384 - 2
    }
  }

  private func engine(_ model: Model, precision: Precision) -> Engine {
    let width = model.configuration.width
    return Engine(model.configuration, precision: precision) { entry in
      let isNormWeight = entry.path.contains("norm") && entry.path.hasSuffix("weight")
      let centre: Float = isNormWeight ? 1 : entry.path.hasSuffix("gamma") ? 0.5 : 0
      var values = uniform(entry.path, entry.range.count).map { centre + 0.125 * $0 }
      // What this family's files do not hold.
      if entry.path == "pos_embed" { for i in 0..<width { values[i] = 0 } }
      if model.keysHaveNoBias && entry.path.hasSuffix("qkv.bias") { for i in width..<2 * width { values[i] = 0 } }
      return values
    }
  }

  private func check(_ model: Model, _ precision: Precision, tolerance: (_ autocast: Double) -> Double) throws {
    let fixture = try Fixture("VisionModels/half_precision_\(model)")
    let engine = engine(model, precision: precision)
    let width = model.configuration.width
    let images = uniform("images", Self.count * 3 * 16 * 16)
    let features = engine.classFeatures(images, side: 16)
    let wanted = fixture.floats("features")
    if precision == .f32 { #expect(normalizedError(features, wanted) < FamiliesTests.outputTolerance) }
    for image in 0..<Self.count {
      let row = image * width..<(image + 1) * width
      #expect(cosine(features[row], wanted[row]) > FamiliesTests.leastCosine, "image \(image)")
    }
    let gradients = engine.gradients(images, side: 16, cotangent: uniform("cotangent", Self.count * width))
    for entry in engine.model.layout.entries {
      let distance = relativeDistance(
        gradients.parameters.values(entry.path), fixture.floats("gradient." + entry.path))
      #expect(distance <= tolerance(fixture.doubles("autocast." + entry.path)[0]), "\(entry.path)")
    }
  }

  /// That both sides draw the same numbers, and that the widths of real models' heads are right.
  @Test(arguments: models)
  func singlePrecisionIsTheReference(_ model: Model) throws {
    try check(model, .f32) { _ in FamiliesTests.gradientTolerance }
  }

  @Test(arguments: models)
  func everyGradientIsAsNearAsAutocasts(_ model: Model) throws {
    try check(model, .bf16) { max(Self.gradientTolerance, Self.shareOfAutocast * $0) }
  }
}
