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
    let tape = model.makeTape(images: count, side: side, forTraining: forTraining)
    for layer in [nil, 0, 1] {
      let stream = fixture.floats(layer.map { "\(name).stream.\($0)" } ?? "\(name).tokens")
      func token(_ image: Int, _ index: Int) -> ArraySlice<Float> {
        let start = (image * tape.tokens + index) * width
        return stream[start..<start + width]
      }
      for pool in VisionTransformer.Pool.allCases {
        var own = [Float](repeating: .nan, count: count * model.featureWidth(pool))
        model.features(
          images, count: count, parameters: case_.parameters.pointer, tape: tape, layer: layer, pool: pool, into: &own)
        let wanted = (0..<count).flatMap { image in
          let mean = (0..<width).map { channel in
            (1..<tape.tokens).reduce(Float(0)) { $0 + stream[(image * tape.tokens + $1) * width + channel] }
              / Float(tape.tokens - 1)
          }
          switch pool {
          case .cls: return Array(token(image, 0))
          case .mean: return mean
          case .clsMean: return Array(token(image, 0)) + mean
          }
        }
        #expect(normalizedError(own, wanted) < forwardTolerance, "layer \(String(describing: layer)), \(pool)")
      }
    }
  }
}
