/// Whose code wrote a checkpoint. The names tell, mostly; and with them what the tensors don't say: the norms' epsilon, how
/// positions are resampled, the pixels' mean and deviation.
public enum NamingFamily: String, Codable, Sendable, CaseIterable {
  /// pytorch-image-models, and whatever is saved through it (UNI).
  case timm
  /// open_clip around a trunk of timm's (BiomedCLIP).
  case openCLIP = "open-clip"
  /// facebookresearch/dino.
  case dino
  /// facebookresearch/dinov2 without registers.
  case dinov2
  /// facebookresearch/dinov2 with registers.
  case dinov2Registers = "dinov2-registers"
  /// facebookresearch/dinov3.
  case dinov3
  /// DINOv3 as timm's Eva saves it.
  case timmDINOv3 = "timm-dinov3"
  /// transformers' ViT (Phikon, facebook/dino-vit…).
  case transformersViT = "hf-vit"
  /// transformers' Dinov2 (RAD-DINO).
  case transformersDINOv2 = "hf-dinov2"
  /// transformers' Dinov2 with registers.
  case transformersDINOv2Registers = "hf-dinov2-registers"
  /// transformers' DINOv3.
  case transformersDINOv3 = "hf-dinov3"

  /// Whose code, in words.
  public var title: String {
    switch self {
    case .timm: "timm"
    case .openCLIP: "open_clip around a trunk of timm"
    case .dino: "DINO's own code"
    case .dinov2: "DINOv2's own code"
    case .dinov2Registers: "DINOv2's own code, with registers"
    case .dinov3: "DINOv3's own code"
    case .timmDINOv3: "DINOv3 by timm"
    case .transformersViT: "transformers, ViT"
    case .transformersDINOv2: "transformers, Dinov2"
    case .transformersDINOv2Registers: "transformers, Dinov2 with registers"
    case .transformersDINOv3: "transformers, DINOv3"
    }
  }

  /// Added to the variance in every norm. The files don't hold it.
  public var layerNormEpsilon: Float {
    switch self {
    case .dinov3, .timmDINOv3, .transformersDINOv3: 1e-5
    case .transformersViT: 1e-12
    default: 1e-6
    }
  }

  /// How that code resamples the table of positions for other image sizes; they differ by up to a fifth of a patch.
  public var interpolation: VisionTransformer.Configuration.PositionInterpolation {
    switch self {
    case .dino, .dinov2: .bicubicOffset
    case .timm, .openCLIP, .dinov2Registers, .transformersDINOv2Registers: .bicubicAntialias
    default: .bicubic
    }
  }

  public var positions: VisionTransformer.Configuration.Positions {
    switch self {
    case .dinov3, .timmDINOv3, .transformersDINOv3: .rotary
    default: .table
    }
  }

  /// What its models are fed, unless something says otherwise.
  public var standardization: Standardization { self == .openCLIP ? .clip : .imageNet }

  /// By the names of a backbone's tensors, their prefix taken off and numbers written as #.
  /// - Parameter prefix: what was taken off, component by component.
  static func recognized(by names: Set<String>, prefix: [String]) -> NamingFamily {
    if names.contains("embeddings.cls_token") {
      if names.contains("embeddings.patch_embeddings.weight") { return .transformersDINOv3 }
      if names.contains("embeddings.register_tokens") { return .transformersDINOv2Registers }
      return names.contains("encoder.layer.#.norm1.weight") ? .transformersDINOv2 : .transformersViT
    }
    if names.contains("storage_tokens") || names.contains("rope_embed.periods") { return .dinov3 }
    if !names.contains("pos_embed") && names.contains("blocks.#.gamma_1") { return .timmDINOv3 }
    if names.contains("register_tokens") { return .dinov2Registers }
    if prefix.contains("trunk") { return .openCLIP }
    if names.contains("mask_token") && names.contains("blocks.#.ls1.gamma") { return .dinov2 }
    let hasHead = names.contains { $0.hasPrefix("head.last_layer.") || $0.hasPrefix("head.mlp.") }
    if hasHead || prefix.contains("teacher") || prefix.contains("student") {
      return names.contains("blocks.#.ls1.gamma") ? .dinov2 : .dino
    }
    return .timm
  }
}

extension Standardization {
  /// OpenAI's CLIP, and most of open_clip.
  public static let clip = Standardization(
    mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711])
}
