import Tensors
import TestSupport
import Testing
import VisionModels

/// Configurations that nobody publishes, with odd extents and any mixture of the variants, against the naive twin.
struct RandomConfigurationTests {
  /// In half precision, of everything together: the whole output, the whole gradient.
  private static let halfPrecisionTolerance = 0.05

  /// A configuration, two images of another side than its own (often), and what a test needs besides.
  private struct Case {
    let configuration: VisionTransformer.Configuration
    let side: Int
    let images: [Float]
    let cotangent: [Float]
    let cotangentOfAllTokens: [Float]
    let residualScale: [Float]
    let count = 2
    private let seed: Seed

    /// - Parameter even: heads and hidden layers of even widths, as half precision wants them.
    init(_ number: Int, even: Bool = false) {
      seed = Seed(17).split(number)
      var generator = seed.split("case").generator()
      func any(_ range: ClosedRange<Int>) -> Int { range.lowerBound + generator.integer(below: range.count) }
      let isRotary = generator.chance(0.4)
      let headWidth = isRotary ? 4 * any(1...4) : even ? 2 * any(1...9) : any(2...17)
      // A norm over very few channels is too steep to be compared in 32 bits.
      let heads = headWidth < 6 ? 3 : any(1...3)
      let patch = any(1...4)
      let feedForward: VisionTransformer.Configuration.FeedForwardKind = generator.chance(0.5) ? .swiglu : .mlp
      let interpolation = VisionTransformer.Configuration.PositionInterpolation.allCases[any(0...2)]
      configuration = VisionTransformer.Configuration(
        imageSize: patch * any(1...5), patchSize: patch, channels: generator.chance(0.5) ? 3 : 1,
        width: heads * headWidth, depth: any(1...3), heads: heads, hiddenWidth: even ? 2 * any(1...20) : any(1...40),
        feedForward: feedForward,
        positions: isRotary ? .rotary : .table,
        interpolation: interpolation, registers: generator.chance(0.5) ? any(1...5) : 0,
        hasLayerScale: generator.chance(0.5), layerNormEpsilon: generator.chance(0.5) ? 1e-3 : 1e-6)
      side = patch * any(1...6)
      let size = configuration.channels * side * side
      images = (0..<count * size).map { _ in Float(generator.normal()) }
      cotangent = (0..<count * configuration.width).map { _ in Float(generator.normal()) }
      let tokens = configuration.prefixTokens + (side / patch) * (side / patch)
      cotangentOfAllTokens = (0..<count * tokens * configuration.width).map { _ in Float(generator.normal()) }
      residualScale = (0..<2 * configuration.depth * count).map { _ in Float(generator.uniform(0.5...1.5)) }
    }

    func engine(_ precision: Precision) -> Engine {
      let spread = 1 / Double(configuration.width).squareRoot()
      return Engine(configuration, precision: precision) { entry in
        var generator = seed.split(entry.path).generator()
        let centre = entry.path.contains("norm") || entry.path.hasSuffix("gamma") ? 0.75 : 0
        return entry.range.map { _ in Float(centre + spread * generator.normal()) }
      }
    }

    func image(_ index: Int) -> [Double] {
      let size = configuration.channels * side * side
      return images[index * size..<(index + 1) * size].map(Double.init)
    }
  }

  private func flat(_ rows: [ReferenceTransformer.Tokens]) -> [Float] { rows.joined().joined().map { Float($0) } }

  @Test(arguments: 0..<16)
  func everyOutputIsTheTwins(_ number: Int) {
    let case_ = Case(number)
    let engine = case_.engine(.f32)
    let twin = ReferenceTransformer(engine.model, engine.parameters)
    func expect(_ own: [Float], _ wanted: (_ image: [Double]) -> [ReferenceTransformer.Tokens], _ what: String) {
      let wanted = flat((0..<case_.count).flatMap { wanted(case_.image($0)) })
      #expect(normalizedError(own, wanted) < FamiliesTests.outputTolerance, "\(what) of \(case_.configuration)")
    }
    let (images, side) = (case_.images, case_.side)
    expect(engine.tokens(images, side: side), { [twin.stream($0)] }, "tokens")
    expect(engine.classFeatures(images, side: side), { [[twin.stream($0)[0]]] }, "class features")
    for block in 0..<case_.configuration.depth {
      func qkv(_ image: [Double]) -> ReferenceTransformer.Tokens {
        twin.queriesKeysValues(block: block, twin.stream(image, layer: block))
      }
      expect(engine.tokens(images, side: side, layer: block), { [twin.stream($0, layer: block)] }, "layer \(block)")
      expect(engine.queriesKeysValues(images, side: side, block: block), { [qkv($0)] }, "projections \(block)")
      expect(
        engine.attention(images, side: side, block: block), { twin.attentionWeights(qkv($0)) }, "attention \(block)")
    }
  }

  /// Central differences along a random direction in every tensor and in the pixels, on the twin in 64 bits: of the class tokens
  /// with stochastic depth, and of all tokens.
  @Test(arguments: 0..<16, [false, true])
  func everyGradientIsTheDerivative(_ number: Int, _ ofAllTokens: Bool) {
    let case_ = Case(number)
    let engine = case_.engine(.f32)
    let cotangent = ofAllTokens ? case_.cotangentOfAllTokens : case_.cotangent
    let gradients = engine.gradients(
      case_.images, side: case_.side, cotangent: cotangent, residualScale: ofAllTokens ? nil : case_.residualScale)
    var twin = ReferenceTransformer(engine.model, engine.parameters)
    var images = (0..<case_.count).map { case_.image($0) }
    func loss() -> Double {
      images.indices.reduce(0) { total, image in
        let stream = twin.stream(
          images[image], scale: { ofAllTokens ? 1 : Double(case_.residualScale[$0 * case_.count + image]) })
        let output = ofAllTokens ? Array(stream.joined()) : stream[0]
        return output.indices.reduce(total) { $0 + output[$1] * Double(cotangent[image * output.count + $1]) }
      }
    }
    var generator = Seed(23).split(number).generator()
    func check(_ name: String, _ own: [Float], moving: (_ direction: [Double], _ step: Double) -> Void) {
      let direction = own.map { _ in generator.normal() }
      let step = 1e-5
      moving(direction, step)
      let above = loss()
      moving(direction, -2 * step)
      let below = loss()
      moving(direction, step)
      let along = zip(own, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
      let size = own.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(
        abs(along - (above - below) / (2 * step)) <= FamiliesTests.gradientTolerance * max(size, 1e-2),
        "\(name) of \(case_.configuration)")
    }
    for entry in engine.model.layout.entries {
      check(entry.path, gradients.parameters.values(entry.path)) { direction, step in
        for i in direction.indices { twin.tensors[entry.path]![i] += step * direction[i] }
      }
    }
    check("pixels", gradients.pixels) { direction, step in
      let size = images[0].count
      for i in direction.indices { images[i / size][i % size] += step * direction[i] }
    }
  }

  /// Computing a block once more instead of keeping it is the same arithmetic.
  @Test(arguments: 0..<16, Precision.allCases)
  func recomputationChangesNoByte(_ number: Int, _ precision: Precision) {
    let case_ = Case(number, even: true)
    let engine = case_.engine(precision)
    let gradients = [false, true].map { recomputes in
      let all = engine.gradients(
        case_.images, side: case_.side, cotangent: case_.cotangent, residualScale: case_.residualScale,
        recomputes: recomputes)
      return engine.model.layout.entries.flatMap { all.parameters.values($0.path) } + all.pixels
    }
    #expect(gradients[0] == gradients[1], "\(case_.configuration)")
  }

  /// The edges of the kernels of half precision: a row or column left out is no rounding.
  @Test(arguments: 0..<16)
  func halfPrecisionIsNear(_ number: Int) {
    let case_ = Case(number, even: true)
    let (half, single) = (case_.engine(.bf16), case_.engine(.f32))
    let tokens = relativeDistance(
      half.tokens(case_.images, side: case_.side), single.tokens(case_.images, side: case_.side))
    #expect(tokens < Self.halfPrecisionTolerance, "tokens of \(case_.configuration)")
    func gradient(_ engine: Engine) -> [Float] {
      let all = engine.gradients(
        case_.images, side: case_.side, cotangent: case_.cotangent, residualScale: case_.residualScale)
      return engine.model.layout.entries.flatMap { all.parameters.values($0.path) } + all.pixels
    }
    let distance = relativeDistance(gradient(half), gradient(single))
    #expect(distance < Self.halfPrecisionTolerance, "gradient of \(case_.configuration)")
  }
}
