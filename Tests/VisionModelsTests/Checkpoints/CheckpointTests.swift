import Foundation
import TestSupport
import Testing
import VisionModels

/// One network under every published naming must come to the same tensors, and to the same configuration but for what the codes
/// do differently.
struct CheckpointTests {
  struct Case: Sendable, CustomStringConvertible {
    let file: String
    let network: String
    let family: NamingFamily
    var prefix = ""
    var ignored = 0
    var elsewhere = 0
    var zeros = 0
    var description: String { file }
  }

  static let cases = [
    Case(file: "timm.pth", network: "plain", family: .timm, ignored: 2),
    Case(file: "timm_legacy.pth", network: "plain", family: .timm, ignored: 2),
    Case(file: "timm_module.pt", network: "plain", family: .timm, ignored: 2),
    Case(file: "timm_parameters.pth", network: "plain", family: .timm),
    Case(file: "timm_views.pth", network: "plain", family: .timm),
    Case(file: "timm_float64.safetensors", network: "plain", family: .timm),
    Case(file: "timm_float16.safetensors", network: "plain", family: .timm),
    Case(file: "timm_scaled.safetensors", network: "scaled", family: .timm),
    Case(file: "timm_registers.safetensors", network: "registers", family: .timm),
    Case(file: "timm_gated.safetensors", network: "gated", family: .timm),
    Case(file: "timm_rotary.safetensors", network: "rotary", family: .timmDINOv3),
    Case(file: "timm_rotary_gated.safetensors", network: "rotary_gated", family: .timmDINOv3),
    Case(file: "open_clip.bin", network: "plain", family: .openCLIP, prefix: "visual.trunk", elsewhere: 4),
    Case(file: "dino.pth", network: "plain", family: .dino, prefix: "teacher.backbone", elsewhere: 49),
    Case(file: "wrapped.pth", network: "plain", family: .timm, prefix: "state_dict.module.encoder"),
    Case(file: "dinov2.pth", network: "scaled", family: .dinov2, ignored: 1),
    Case(
      file: "dinov2_training.pth", network: "scaled", family: .dinov2, prefix: "model.teacher.backbone", ignored: 1,
      elsewhere: 36),
    Case(file: "dinov2_registers.pth", network: "registers", family: .dinov2Registers, ignored: 1),
    Case(file: "dinov2_gated.pth", network: "gated", family: .dinov2, ignored: 1),
    Case(file: "dinov3_rotary.pth", network: "rotary", family: .dinov3, ignored: 4),
    Case(file: "dinov3_rotary_gated.pth", network: "rotary_gated", family: .dinov3, ignored: 4),
    Case(file: "hf_vit/model.safetensors", network: "plain", family: .transformersViT),
    Case(file: "hf_vit/pytorch_model.bin", network: "plain", family: .transformersViT, prefix: "vit", elsewhere: 2),
    Case(file: "hf_vit_modules.bin", network: "plain", family: .transformersViT),
    Case(file: "hf_dinov2/model.safetensors", network: "scaled", family: .transformersDINOv2, ignored: 1),
    Case(file: "hf_dinov2_modules.bin", network: "scaled", family: .transformersDINOv2, ignored: 1),
    Case(file: "hf_dinov2_gated.safetensors", network: "gated", family: .transformersDINOv2, ignored: 1),
    Case(
      file: "hf_dinov2_registers/model.safetensors", network: "registers", family: .transformersDINOv2Registers,
      ignored: 1),
    Case(
      file: "hf_dinov2_registers_modules.bin", network: "registers", family: .transformersDINOv2Registers, ignored: 1),
    Case(file: "hf_dinov3/model.safetensors", network: "rotary", family: .transformersDINOv3, ignored: 1),
    Case(file: "hf_dinov3_modules.bin", network: "rotary", family: .transformersDINOv3, ignored: 1),
    Case(file: "hf_dinov3_gated/model.safetensors", network: "rotary_gated", family: .transformersDINOv3, ignored: 1),
    Case(file: "hf_dinov3_gated_modules.bin", network: "rotary_gated", family: .transformersDINOv3, ignored: 1),
  ]

  @Test(arguments: cases) func everyNamingComesToTheSameTensors(_ one: Case) throws {
    let file = try CheckpointFile(one.file)
    let checkpoint = try file.checkpoint()
    #expect(checkpoint.family == one.family && checkpoint.prefix == one.prefix)
    #expect(checkpoint.report.isComplete, "\(checkpoint.report.lines())")
    #expect(checkpoint.report.ignored.count == one.ignored && checkpoint.report.elsewhere == one.elsewhere)
    #expect(checkpoint.report.zeros.isEmpty)
    let parameters = try checkpoint.loaded(file.floats)
    let ours = try CheckpointFile("\(one.network).safetensors")
    #expect(Set(ours.tensors.map(\.name)) == Set(parameters.layout.entries.map(\.path)))
    for entry in parameters.layout.entries {
      #expect(ours.tensors.contains { $0.name == entry.path && $0.shape == entry.shape }, "\(entry.path)")
      #expect(try parameters.values(entry.path) == ours.floats(entry.path), "\(entry.path)")
    }
  }

  @Test(arguments: cases) func extentsAreReadFromShapes(_ one: Case) throws {
    let made = try CheckpointFile(one.file).checkpoint().configuration
    let isRotary = one.network.hasPrefix("rotary")
    let hidden = ["gated": 24, "rotary": 24, "rotary_gated": 24][one.network] ?? 32
    #expect(
      made
        == .init(
          imageSize: isRotary ? 224 : 16, patchSize: 4, width: isRotary ? 16 : 8, depth: 2, heads: 2,
          hiddenWidth: hidden, feedForward: one.network.hasSuffix("gated") ? .swiglu : .mlp,
          positions: isRotary ? .rotary : .table, interpolation: one.family.interpolation,
          registers: isRotary || one.network == "registers" ? 3 : 0, hasLayerScale: one.network != "plain",
          layerNormEpsilon: one.family.layerNormEpsilon))
  }

  /// What no tensor says, by whose code it is.
  @Test func conventionsFollowTheFamily() {
    let wanted: [NamingFamily: (Float, VisionTransformer.Configuration.PositionInterpolation)] = [
      .timm: (1e-6, .bicubicAntialias), .openCLIP: (1e-6, .bicubicAntialias), .dino: (1e-6, .bicubicOffset),
      .dinov2: (1e-6, .bicubicOffset), .dinov2Registers: (1e-6, .bicubicAntialias), .dinov3: (1e-5, .bicubic),
      .timmDINOv3: (1e-5, .bicubic), .transformersViT: (1e-12, .bicubic), .transformersDINOv2: (1e-6, .bicubic),
      .transformersDINOv2Registers: (1e-6, .bicubicAntialias), .transformersDINOv3: (1e-5, .bicubic),
    ]
    for family in NamingFamily.allCases {
      #expect(wanted[family]?.0 == family.layerNormEpsilon && wanted[family]?.1 == family.interpolation, "\(family)")
      #expect((family.standardization == .clip) == (family == .openCLIP))
    }
  }

  @Test func theFamilyMayBeSaid() throws {
    let made = try CheckpointFile("timm_scaled.safetensors").checkpoint(CheckpointOptions(heads: 4, family: .dinov2))
    #expect(made.family == .dinov2 && made.configuration.interpolation == .bicubicOffset)
    #expect(made.configuration.heads == 4 && made.notes.count == 1)
  }

  // MARK: the report

  @Test func whatIsWrongIsListed() throws {
    let file = try CheckpointFile("hf_dinov2/model.safetensors")
    let broken = try file.checkpoint { tensors in
      tensors.compactMap { tensor in
        switch tensor.name {
        case "layernorm.bias", "encoder.layer.1.attention.attention.query.weight": nil
        case "encoder.layer.0.norm1.weight": CheckpointTensor(name: tensor.name, shape: [9], type: "F32")
        default: tensor
        }
      } + [CheckpointTensor(name: "encoder.layer.1.adapter.weight", shape: [2], type: "F32")]
    }
    let report = broken.report
    #expect(!report.isComplete)
    #expect(report.missing == ["blocks.1.attn.qkv.weight (query)", "norm.bias"])
    #expect(report.extra == ["encoder.layer.1.adapter.weight"])
    #expect(report.mismatched.map(\.name) == ["blocks.0.norm1.weight"])
    #expect(report.ignored == ["embeddings.mask_token"])
    #expect(report.lines().contains("  blocks.0.norm1.weight is 9, not 8"))
    #expect(throws: CheckpointError.incomplete(report)) {
      try broken.load(into: ParameterBuffer(VisionTransformer(broken.configuration).layout)) { _ in [] }
    }
  }

  @Test func everyTensorIsNeeded() throws {
    for name in ["timm_scaled.safetensors", "hf_dinov3/model.safetensors", "dinov3_rotary_gated.pth"] {
      let file = try CheckpointFile(name)
      // All registers away is a model without registers.
      let registers = ["embeddings.register_tokens", "storage_tokens"]
      let ignored = Set(try file.checkpoint().report.ignored + registers)
      for tensor in file.tensors where !ignored.contains(tensor.name) {
        let made = try? file.checkpoint { $0.filter { $0 != tensor } }
        #expect(made?.report.isComplete != true, "\(name) without \(tensor.name)")
      }
    }
  }

  @Test func biasesThatNoBlockHasAreZeros() throws {
    let file = try CheckpointFile("timm_scaled.safetensors")
    let made = try file.checkpoint { $0.filter { !$0.name.hasSuffix("qkv.bias") } }
    #expect(made.report.isComplete && made.report.zeros == ["blocks.0.attn.qkv.bias", "blocks.1.attn.qkv.bias"])
    let parameters = try made.loaded(file.floats)
    #expect(parameters.values("blocks.1.attn.qkv.bias") == [Float](repeating: 0, count: 24))
  }

  @Test func whatTwoTensorsWouldBeIsAnError() throws {
    let file = try CheckpointFile("timm_scaled.safetensors")
    #expect(
      throws: CheckpointError.twice(name: "blocks.0.ls1.gamma", one: "blocks.0.gamma_1", other: "blocks.0.ls1.gamma")
    ) {
      try file.checkpoint { $0 + [CheckpointTensor(name: "blocks.0.gamma_1", shape: [8], type: "F32")] }
    }
  }

  @Test func tensorsThatAreNoWeightsAreErrors() throws {
    func error(_ change: ([CheckpointTensor]) -> [CheckpointTensor]) -> CheckpointError? {
      do {
        _ = try CheckpointFile("timm_scaled.safetensors").checkpoint(change: change)
        return nil
      } catch { return error as? CheckpointError }
    }
    func replaced(_ name: String, _ shape: [Int], _ type: String = "F32") -> ([CheckpointTensor]) -> [CheckpointTensor]
    {
      { $0.map { $0.name == name ? CheckpointTensor(name: name, shape: shape, type: type) : $0 } }
    }
    #expect(error { _ in [] } == .noClassToken)
    #expect(error(replaced("norm.bias", [8], "I8")) == .type(name: "norm.bias", type: "I8"))
    for (name, shape) in [
      ("patch_embed.proj.weight", [8, 1, 4, 4]), ("patch_embed.proj.weight", [8, 3, 4, 5]),
      ("patch_embed.proj.weight", [0, 3, 4, 4]), ("patch_embed.proj.weight", [8, 48]), ("pos_embed", [1, 19, 8]),
      ("pos_embed", [17, 8]), ("blocks.0.mlp.fc2.weight", [8]), ("blocks.0.mlp.fc2.weight", [8, 0]),
    ] {
      guard case .shape(name, shape, _)? = error(replaced(name, shape)) else {
        Issue.record("\(name) \(shape)")
        continue
      }
    }
    #expect(error { $0.filter { $0.name != "pos_embed" } } == .missing(name: "pos_embed"))
    guard case .contradiction? = error({ $0 + [.init(name: "blocks.999999999.norm1.weight", shape: [8], type: "F32")] })
    else {
      Issue.record("a block far away")
      return
    }
  }

  @Test func whatReadingRefusesEndsTheLoad() throws {
    struct NotFinite: Error {}
    let made = try CheckpointFile("timm.pth").checkpoint()
    #expect(throws: NotFinite.self) { try made.loaded { _ in throw NotFinite() } }
  }

  // MARK: what no shape tells

  @Test func headsAreSaidOrUsual() throws {
    func tensors(_ width: Int) -> [CheckpointTensor] {
      VisionTransformer(.init(imageSize: 16, patchSize: 4, width: width, depth: 1, heads: 1)).weightNames.map {
        CheckpointTensor(name: $0.name, shape: $0.shape, type: "F32")
      }
    }
    func heads(_ width: Int, _ options: CheckpointOptions = CheckpointOptions(), said: Int? = nil) throws -> Int {
      var companion = CheckpointCompanion()
      companion.heads = said
      return try Checkpoint(tensors(width), options: options, companion: companion).configuration.heads
    }
    for (width, wanted) in [(192, 3), (384, 6), (768, 12), (1024, 16), (1280, 16), (1536, 24)] {
      #expect(try heads(width) == wanted)
    }
    #expect(try heads(384, CheckpointOptions(heads: 12)) == 12)
    #expect(try heads(384, CheckpointOptions(arch: "vit_small")) == 6)
    #expect(try heads(384, said: 8) == 8)
    #expect(throws: CheckpointError.unknownHeads(width: 100)) { try heads(100) }
    for options in [
      CheckpointOptions(arch: "vit_base"), CheckpointOptions(arch: "resnet"), CheckpointOptions(heads: 5),
    ] {
      #expect(throws: CheckpointError.self) { try heads(384, options) }
    }
  }

  @Test func dinov3sPeriodsTellTheHeadsAndMustBeOurs() throws {
    let file = try CheckpointFile("dinov3_rotary.pth")
    let made = try file.checkpoint(CheckpointOptions())
    #expect(made.configuration.heads == 2)
    #expect(throws: CheckpointError.self) {
      try made.loaded { $0 == "rope_embed.periods" ? [1, 100] : try file.floats($0) }
    }
  }

  @Test func companionsAreHeardWhereTheyFit() throws {
    let file = try CheckpointFile("hf_dinov2/model.safetensors")
    var companion = CheckpointCompanion()
    companion.sources = ["config.json"]
    companion.heads = 4
    companion.layerNormEpsilon = 1e-3
    companion.activation = "gelu"
    companion.standardization = Standardization(mean: [0.1, 0.2, 0.3], deviation: [1, 2, 3])
    let made = try file.checkpoint(CheckpointOptions(), companion)
    #expect(made.configuration.heads == 4 && made.configuration.layerNormEpsilon == 1e-3)
    #expect(made.standardization.mean == [0.1, 0.2, 0.3])
    let half = Standardization(mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])
    #expect(try file.checkpoint(CheckpointOptions(standardization: half), companion).standardization == half)
    companion.registers = 4
    #expect(throws: CheckpointError.self) { try file.checkpoint(CheckpointOptions(), companion) }
    companion.registers = 0
    companion.width = 9
    let other = try file.checkpoint(CheckpointOptions(heads: 2), companion)
    #expect(other.configuration.layerNormEpsilon == 1e-6 && other.standardization == .imageNet)
    #expect(other.notes.contains { $0.contains("another model") })
    companion.width = 8
    companion.activation = "gelu_new"
    #expect(throws: CheckpointError.self) { try file.checkpoint(CheckpointOptions(), companion) }
    var rotary = CheckpointCompanion()
    rotary.ropeTheta = 10_000
    #expect(throws: CheckpointError.self) {
      try CheckpointFile("hf_dinov3/model.safetensors").checkpoint(CheckpointOptions(heads: 2), rotary)
    }
  }

  // MARK: tables of positions

  /// Registers with places of their own: added to them, so that the network is the same.
  @Test func aTableWithRowsForRegistersIsTakenApart() throws {
    let file = try CheckpointFile("dinov2_registers.pth")
    let table = try file.floats("pos_embed")
    let rows = (0..<3 * 8).map { Float($0) }
    let made = try file.checkpoint {
      $0.map { $0.name == "pos_embed" ? CheckpointTensor(name: $0.name, shape: [1, 20, 8], type: "F32") : $0 }
    }
    let parameters = try made.loaded {
      $0 == "pos_embed" ? Array(table[..<8]) + rows + Array(table[8...]) : try file.floats($0)
    }
    #expect(parameters.values("pos_embed") == table)
    #expect(try parameters.values("reg_token") == zip(file.floats("register_tokens"), rows).map { $0 + $1 })
  }

  @Test(.enabled(if: TrainedWeightsTests.file != nil, "no trained weights: set MEDOID_WEIGHTS to their folder"))
  func trainedWeightsAreUnderstood() throws {
    let file = try CheckpointFile(try #require(TrainedWeightsTests.file))
    let made = try file.checkpoint(CheckpointOptions())
    #expect(made.report.isComplete)
    #expect(
      made.configuration
        == .init(
          imageSize: 518, patchSize: 14, width: 384, depth: 12, heads: 6, interpolation: .bicubicAntialias,
          hasLayerScale: true))
    let parameters = try made.loaded(file.floats)
    #expect(try parameters.values("blocks.11.ls2.gamma") == file.floats("blocks.11.ls2.gamma"))
  }
}
