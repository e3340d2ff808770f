import Tensors
import TestSupport
import Testing
import VisionModels

/// The naive twin itself is right: what it says is what every family's own library says.
struct ReferenceTransformerTests {
  /// The libraries resample tables and turn rotary angles in 32 bits; the rest of the fixture is rounded to them.
  private static let tolerance = 1e-6

  private func twin(_ family: PublishedFamily, _ fixture: Fixture) -> ReferenceTransformer {
    let tensors = PublishedFamily.tensors(fixture, under: "parameters.").map { ($0.name, $0.values.map(Double.init)) }
    return ReferenceTransformer(family.configuration, tensors: Dictionary(uniqueKeysWithValues: tensors))
  }

  private func images(_ fixture: Fixture, _ name: String) -> [[Double]] {
    let all = fixture.floats("\(name).images").map(Double.init)
    let size = all.count / fixture.shape("\(name).images")[0]
    return stride(from: 0, to: all.count, by: size).map { Array(all[$0..<$0 + size]) }
  }

  private func flat(_ tokens: [ReferenceTransformer.Tokens]) -> [Float] { tokens.joined().joined().map { Float($0) } }

  @Test(arguments: PublishedFamily.all)
  func everyOutputIsTheLibrarys(_ family: PublishedFamily) throws {
    let fixture = try family.fixture()
    let twin = twin(family, fixture)
    for name in PublishedFamily.cases {
      let tokens = images(fixture, name).map { twin.stream($0) }
      #expect(normalizedError(flat(tokens), fixture.floats("\(name).tokens")) < Self.tolerance, "\(name)")
    }
    let native = images(fixture, "native")
    let depth = family.configuration.depth
    for layer in 0..<depth {
      let streams = native.map { twin.stream($0, layer: layer) }
      #expect(normalizedError(flat(streams), fixture.floats("native.stream.\(layer)")) < Self.tolerance)
    }
    let qkv = native.map { twin.queriesKeysValues(block: depth - 1, twin.stream($0, layer: depth - 1)) }
    #expect(normalizedError(flat(qkv), fixture.floats("native.qkv")) < Self.tolerance)
    let weights = qkv.flatMap { twin.attentionWeights($0) }
    #expect(normalizedError(flat(weights), fixture.floats("native.attention")) < Self.tolerance)
  }

  /// Along a random direction in every tensor, and in the pixels, the twin's slope is the one of the library's gradient.
  @Test(arguments: PublishedFamily.all)
  func everyGradientIsTheTwinsSlope(_ family: PublishedFamily) throws {
    let fixture = try family.fixture()
    var twin = twin(family, fixture)
    var generator = Seed(3).generator()
    for name in PublishedFamily.cases {
      var pixels = images(fixture, name)
      let cotangent = fixture.floats("\(name).cotangent").map(Double.init)
      func loss() -> Double {
        pixels.map { twin.stream($0)[0] }.joined().enumerated().reduce(0) { $0 + $1.element * cotangent[$1.offset] }
      }
      for (path, gradient) in PublishedFamily.tensors(fixture, under: "\(name).gradient.") {
        let direction = gradient.map { _ in generator.normal() }
        let (step, original, originalPixels) = (1e-5, twin.tensors[path], pixels)
        func slopeOnOneSide(_ sign: Double) -> Double {
          if path == "pixels" {
            let size = pixels[0].count
            for image in pixels.indices {
              for i in 0..<size {
                pixels[image][i] = originalPixels[image][i] + sign * step * direction[image * size + i]
              }
            }
          } else {
            twin.tensors[path] = zip(original!, direction).map { $0 + sign * step * $1 }
          }
          return sign * loss() / (2 * step)
        }
        let slope = slopeOnOneSide(1) + slopeOnOneSide(-1)
        (twin.tensors[path], pixels) = (original, originalPixels)
        let along = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
        let size = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(along - slope) <= 1e-5 * max(size, 1e-2), "\(name) \(path)")
      }
    }
  }
}
