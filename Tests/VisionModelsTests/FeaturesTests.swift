import TestSupport
import Testing
import VisionModels

struct FeaturesTests {
  /// Every layer and pool of the fixture's model, at three sides, on tapes for training and for inference.
  @Test(arguments: ["native", "larger"], [true, false])
  func everyLayerAndPoolIsTimms(_ name: String, _ forTraining: Bool) throws {
    let case_ = try FixtureModel()
    let (fixture, model) = (case_.fixture, case_.model)
    let images = fixture.floats("\(name).images")
    let (count, side) = (fixture.shape("\(name).images")[0], fixture.shape("\(name).images")[3])
    let width = model.configuration.width
    let tape = model.makeTape(images: count, side: side, precision: .f32, forTraining: forTraining)
    for layer in [nil, 0, 1] {
      let stream = fixture.floats(layer.map { "\(name).stream.\($0)" } ?? "\(name).tokens")
      func token(_ image: Int, _ index: Int) -> ArraySlice<Float> {
        let start = (image * tape.tokens + index) * width
        return stream[start..<start + width]
      }
      for pool in VisionTransformer.Pool.allCases {
        var own = [Float](repeating: .nan, count: count * model.featureWidth(pool))
        model.features(
          images, count: count, weights: case_.weights, tape: tape, layer: layer, pool: pool, into: &own)
        let wanted = (0..<count).flatMap { image in
          let mean = (0..<width).map { channel in
            (1..<tape.tokens).reduce(Float(0)) { $0 + stream[(image * tape.tokens + $1) * width + channel] }
              / Float(tape.tokens - 1)
          }
          switch pool {
          case .cls: return Array(token(image, 0))
          case .mean: return mean
          case .clsMean: return Array(token(image, 0)) + mean
          case .layout:
            let grid = Int(Double(tape.tokens - 1).squareRoot())
            return Array(token(image, 0)) + mean
              + (0..<64).flatMap { cell in
                let spans = [cell / 8, cell % 8].map { $0 * grid / 8..<max(($0 + 1) * grid / 8, $0 * grid / 8 + 1) }
                let patches = spans[0].flatMap { row in spans[1].map { row * grid + $0 } }
                return (0..<width).map { channel in
                  patches.reduce(Float(0)) { $0 + stream[(image * tape.tokens + 1 + $1) * width + channel] }
                    / Float(patches.count)
                }
              }
          }
        }
        #expect(normalizedError(own, wanted) < forwardTolerance, "layer \(String(describing: layer)), \(pool)")
      }
    }
  }

  /// Registers are no patches: the mean is over what stands behind them.
  @Test(arguments: ["timm_registers", "dinov3_gated"])
  func registersAreNotInTheMean(_ name: String) throws {
    let family = try #require(PublishedFamily.all.first { $0.name == name })
    let fixture = try family.fixture()
    let engine = Engine(family, fixture)
    let shape = fixture.shape("larger.tokens")
    let (count, tokens, width) = (shape[0], shape[1], shape[2])
    let stream = fixture.floats("larger.tokens")
    let wanted = (0..<count * width).map { index in
      let (image, channel) = (index / width, index % width)
      let rows = 5..<tokens
      let sum = rows.reduce(0.0) { $0 + Double(stream[(image * tokens + $1) * width + channel]) }
      return Float(sum / Double(rows.count))
    }
    let side = fixture.shape("larger.images")[3]
    let tape = engine.model.makeTape(images: count, side: side, precision: .f32, forTraining: false)
    var own = [Float](repeating: .nan, count: count * width)
    engine.model.features(
      fixture.floats("larger.images"), count: count, weights: engine.model.pack(engine.parameters, precision: .f32),
      tape: tape, layer: nil, pool: .mean, into: &own)
    #expect(normalizedError(own, wanted) < FamiliesTests.outputTolerance)
  }

  /// Some queries of all: the first rows of the whole matrix.
  @Test(arguments: Precision.allCases)
  func attentionOfTheFirstQueriesIsPartOfAll(_ precision: Precision) throws {
    let case_ = try FixtureModel()
    let model = case_.model
    let weights = model.pack(case_.parameters, precision: precision)
    let images = case_.fixture.floats("native.images")
    let tape = model.makeTape(images: 3, side: 16, precision: precision, forTraining: false)
    func attention(_ queries: Int?) -> [Float] {
      var result = [Float](repeating: .nan, count: 3 * 2 * (queries ?? 17) * 17)
      model.attention(images, count: 3, weights: weights, tape: tape, block: 1, queries: queries, into: &result)
      return result
    }
    let all = attention(nil)
    withEvery("queries", in: [1, 4, 17]) { queries in
      let wanted: [Float] = (0..<6).flatMap { unit in all[unit * 289..<unit * 289 + queries * 17] }
      #expect(attention(queries) == wanted)
    }
  }
}
