import TestSupport
import Testing
import VisionModels

struct WeightNamesTests {
  @Test func namesAndShapesAreTimms() {
    let model = VisionTransformer(.init(imageSize: 16, patchSize: 4, width: 20, depth: 1, heads: 2))
    let wanted: [(String, [Int])] = [
      ("cls_token", [1, 1, 20]), ("pos_embed", [1, 17, 20]), ("patch_embed.proj.weight", [20, 3, 4, 4]),
      ("patch_embed.proj.bias", [20]), ("blocks.0.norm1.weight", [20]), ("blocks.0.norm1.bias", [20]),
      ("blocks.0.attn.qkv.weight", [60, 20]), ("blocks.0.attn.qkv.bias", [60]),
      ("blocks.0.attn.proj.weight", [20, 20]), ("blocks.0.attn.proj.bias", [20]), ("blocks.0.norm2.weight", [20]),
      ("blocks.0.norm2.bias", [20]), ("blocks.0.mlp.fc1.weight", [80, 20]), ("blocks.0.mlp.fc1.bias", [80]),
      ("blocks.0.mlp.fc2.weight", [20, 80]), ("blocks.0.mlp.fc2.bias", [20]), ("norm.weight", [20]),
      ("norm.bias", [20]),
    ]
    #expect(model.weightNames.map(\.name) == wanted.map(\.0))
    #expect(model.weightNames.map(\.shape) == wanted.map(\.1))
  }

  /// What the variants add, and what they lack.
  @Test func variantsHaveTheirTensors() {
    func names(_ change: (inout VisionTransformer.Configuration) -> Void) -> [String: [Int]] {
      var configuration = VisionTransformer.Configuration(imageSize: 16, patchSize: 4, width: 24, depth: 1, heads: 2)
      change(&configuration)
      return Dictionary(uniqueKeysWithValues: VisionTransformer(configuration).weightNames.map { ($0.name, $0.shape) })
    }
    let plain = names { _ in }
    let registers = names { $0.registers = 4 }
    #expect(registers["reg_token"] == [1, 4, 24] && registers["pos_embed"] == [1, 17, 24])
    #expect(registers.count == plain.count + 1)
    let scaled = names { $0.hasLayerScale = true }
    #expect(scaled["blocks.0.ls1.gamma"] == [24] && scaled["blocks.0.ls2.gamma"] == [24])
    #expect(scaled.count == plain.count + 2)
    let gated = names { ($0.feedForward, $0.hiddenWidth) = (.swiglu, 40) }
    #expect(gated["blocks.0.mlp.fc1.weight"] == [80, 24] && gated["blocks.0.mlp.fc1.bias"] == [80])
    #expect(gated["blocks.0.mlp.fc2.weight"] == [24, 40])
    let rotary = names { $0.positions = .rotary }
    #expect(rotary["pos_embed"] == nil && rotary.count == plain.count - 1)
  }

  @Test func loadingFillsAllOrSaysWhatIsWrong() throws {
    let fixture = try Fixture("VisionModels/vision_transformer")
    let model = try FixtureModel().model
    let parameters = ParameterBuffer(model.layout)
    func tensor(_ name: String) -> (shape: [Int], values: [Float]) {
      (fixture.shape("parameters." + name), fixture.floats("parameters." + name))
    }
    try model.load(into: parameters) { tensor($0) }
    #expect(parameters.values("norm.bias") == fixture.floats("parameters.norm.bias"))
    #expect(throws: VisionTransformer.WeightMismatch.missing(name: "norm.bias", shape: [20])) {
      try model.load(into: parameters) { $0 == "norm.bias" ? nil : tensor($0) }
    }
    #expect(throws: VisionTransformer.WeightMismatch.shape(name: "norm.bias", wanted: [20], found: [2, 10])) {
      try model.load(into: parameters) { $0 == "norm.bias" ? ([2, 10], tensor($0).values) : tensor($0) }
    }
  }
}
