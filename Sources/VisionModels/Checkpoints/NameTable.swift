/// What the published codes call the tensors that we call by timm's names; # stands for the block's number.
enum NameTable {
  /// Which part of our tensor theirs is.
  enum Part: Hashable {
    case whole
    /// A third of the stacked projections.
    case query, key, value
    /// A half of a gated layer's first product: the one behind silu, and the one it multiplies.
    case gate, up
    /// `up` where there is a gate, else the whole.
    case upOrWhole
  }

  struct Entry: Hashable {
    let name: String
    let part: Part
  }

  /// Our name of a template; nil for one that isn't known.
  static func entry(_ template: String) -> Entry? { entries[template] }

  /// True for what a backbone does without: heads, poolers, the token of masked patches, decoders, and the angles of rotary positions.
  static func isIgnored(_ template: String) -> Bool {
    ignored.contains { $0.hasSuffix(".") ? template.hasPrefix($0) : template == $0 }
  }

  private static let ignored = [
    "mask_token", "embeddings.mask_token", "head.", "head_dist.", "pre_logits.", "pooler.", "classifier.", "dino_head.",
    "ibot_head.", "dino_loss.", "ibot_patch_loss.", "projectors.", "local_cls_norm.", "decoder.", "decoder_embed.",
    "decoder_blocks.", "decoder_norm.", "decoder_pred.", "decoder_pos_embed", "rope_embed.periods",
    "rope_embeddings.inv_freq", "model.rope_embeddings.inv_freq", "blocks.#.attn.qkv.bias_mask",
  ]

  private static let entries: [String: Entry] = {
    var entries: [String: Entry] = [:]
    for (theirs, ours, part) in tensors { entries[theirs] = Entry(name: ours, part: part) }
    for (theirs, ours, part) in modules {
      for kind in ["weight", "bias"] { entries["\(theirs).\(kind)"] = Entry(name: "\(ours).\(kind)", part: part) }
    }
    for layer in transformersLayers {
      for (theirs, ours, part) in transformersModules {
        for kind in ["weight", "bias"] {
          entries["\(layer).\(theirs).\(kind)"] = Entry(name: "blocks.#.\(ours).\(kind)", part: part)
        }
      }
      for branch in 1...2 {
        entries["\(layer).layer_scale\(branch).lambda1"] = Entry(name: "blocks.#.ls\(branch).gamma", part: .whole)
      }
    }
    return entries
  }()

  private static let tensors: [(String, String, Part)] = [
    ("cls_token", "cls_token", .whole), ("pos_embed", "pos_embed", .whole), ("reg_token", "reg_token", .whole),
    ("register_tokens", "reg_token", .whole), ("storage_tokens", "reg_token", .whole),
    ("blocks.#.ls1.gamma", "blocks.#.ls1.gamma", .whole), ("blocks.#.ls2.gamma", "blocks.#.ls2.gamma", .whole),
    ("blocks.#.gamma_1", "blocks.#.ls1.gamma", .whole), ("blocks.#.gamma_2", "blocks.#.ls2.gamma", .whole),
    ("blocks.#.attn.q_bias", "blocks.#.attn.qkv.bias", .query),
    ("blocks.#.attn.v_bias", "blocks.#.attn.qkv.bias", .value), ("embeddings.cls_token", "cls_token", .whole),
    ("embeddings.position_embeddings", "pos_embed", .whole), ("embeddings.register_tokens", "reg_token", .whole),
  ]

  /// timm's, DINO's, DINOv2's and DINOv3's own, and what transformers keeps outside its layers; each with a weight and a bias.
  private static let modules: [(String, String, Part)] = [
    ("patch_embed.proj", "patch_embed.proj", .whole), ("norm", "norm", .whole),
    ("blocks.#.norm1", "blocks.#.norm1", .whole), ("blocks.#.norm2", "blocks.#.norm2", .whole),
    ("blocks.#.attn.qkv", "blocks.#.attn.qkv", .whole), ("blocks.#.attn.q_proj", "blocks.#.attn.qkv", .query),
    ("blocks.#.attn.k_proj", "blocks.#.attn.qkv", .key), ("blocks.#.attn.v_proj", "blocks.#.attn.qkv", .value),
    ("blocks.#.attn.proj", "blocks.#.attn.proj", .whole), ("blocks.#.mlp.fc1", "blocks.#.mlp.fc1", .whole),
    ("blocks.#.mlp.fc2", "blocks.#.mlp.fc2", .whole), ("blocks.#.mlp.w12", "blocks.#.mlp.fc1", .whole),
    ("blocks.#.mlp.w1", "blocks.#.mlp.fc1", .gate), ("blocks.#.mlp.w2", "blocks.#.mlp.fc1", .up),
    ("blocks.#.mlp.w3", "blocks.#.mlp.fc2", .whole), ("blocks.#.mlp.fc1_g", "blocks.#.mlp.fc1", .gate),
    ("blocks.#.mlp.fc1_x", "blocks.#.mlp.fc1", .up),
    ("embeddings.patch_embeddings.projection", "patch_embed.proj", .whole),
    ("embeddings.patch_embeddings", "patch_embed.proj", .whole), ("layernorm", "norm", .whole),
  ]

  /// Its files, and the state of its modules since version 5.
  private static let transformersLayers = ["encoder.layer.#", "layers.#", "layer.#", "model.layer.#"]

  private static let transformersModules: [(String, String, Part)] = [
    ("layernorm_before", "norm1", .whole), ("layernorm_after", "norm2", .whole), ("norm1", "norm1", .whole),
    ("norm2", "norm2", .whole), ("attention.attention.query", "attn.qkv", .query),
    ("attention.attention.key", "attn.qkv", .key), ("attention.attention.value", "attn.qkv", .value),
    ("attention.q_proj", "attn.qkv", .query), ("attention.k_proj", "attn.qkv", .key),
    ("attention.v_proj", "attn.qkv", .value), ("attention.output.dense", "attn.proj", .whole),
    ("attention.o_proj", "attn.proj", .whole), ("intermediate.dense", "mlp.fc1", .whole),
    ("output.dense", "mlp.fc2", .whole), ("mlp.fc1", "mlp.fc1", .whole), ("mlp.fc2", "mlp.fc2", .whole),
    ("mlp.weights_in", "mlp.fc1", .whole), ("mlp.weights_out", "mlp.fc2", .whole), ("mlp.gate_proj", "mlp.fc1", .gate),
    ("mlp.up_proj", "mlp.fc1", .upOrWhole), ("mlp.down_proj", "mlp.fc2", .whole),
  ]
}
