package import VisionModels

/// How fast each tensor learns beside the others, and which stand still: layer-wise decay as in DINOv2 (`get_vit_lr_decay_rate`), after Clark et
/// al. 2020 (ELECTRA, arXiv 2003.10555).
package struct TensorRates: Sendable {
  /// Of each tensor of the layout: what multiplies the learning rate, 1 for the head.
  package let factors: [Double]
  private let isHead: [Bool]
  private let isFrozen: [Bool]

  package init(_ configuration: DINO.Configuration, _ layout: ParameterLayout, depth: Int) {
    let layers = layout.entries.map { TensorRates.layer(of: $0.path, depth: depth) }
    isHead = layers.map { $0 == nil }
    isFrozen = layers.map { ($0 ?? .max) <= configuration.frozenBlocks && configuration.frozenBlocks > 0 }
    factors = zip(layers, layout.entries).map { layer, entry in
      guard let layer else { return 1 }
      var factor = configuration.backboneRate
      for _ in layer..<depth + 1 { factor *= configuration.layerwiseDecay }
      return entry.path.hasPrefix("patch_embed.") ? factor * configuration.patchEmbeddingRate : factor
    }
  }

  /// 0 for all that comes before the blocks (the vector of hidden patches too), i + 1 for block i, depth + 1 for the norm; nil for the head.
  private static func layer(of path: String, depth: Int) -> Int? {
    let parts = path.split(separator: ".")
    switch parts[0] {
    case "head": return nil
    case "norm": return depth + 1
    case "blocks": return Int(parts[1])! + 1
    default: return 0
    }
  }

  /// True where no step touches the tensor.
  /// - Parameter backboneShare: 0 while only the head learns.
  func stands(_ tensor: Int, backboneShare: Double) -> Bool {
    isFrozen[tensor] || (backboneShare == 0 && !isHead[tensor])
  }

  /// The tensor's own learning rate.
  func learningRate(_ tensor: Int, _ rates: Learner.Rates) -> Double {
    isHead[tensor] ? rates.learningRate : rates.learningRate * rates.backboneShare * factors[tensor]
  }
}

extension VisionTransformer {
  /// Biases of queries, keys or values that a trained network does not have, which is to say that every block's are zero: a third of each `qkv.bias`,
  /// as places in the buffer. They must stay zero: DINOv3's keys have none, and with rotary positions one would make a difference.
  /// None of a network whose biases have never been trained.
  func absentBiases(_ parameters: ParameterBuffer) -> [Range<Int>] {
    func isZero(_ range: Range<Int>) -> Bool { range.allSatisfy { parameters.pointer[$0] == 0 } }
    let entries = (0..<configuration.depth).map { parameters.layout.entry("blocks.\($0).attn.qkv.bias")! }
    let others = (0..<configuration.depth).map { parameters.layout.entry("blocks.\($0).attn.proj.bias")! }
    if others.allSatisfy({ isZero($0.range) }) { return [] }
    let width = configuration.width
    return (0..<3).flatMap { part in
      let places = entries.map { $0.range.lowerBound + part * width..<$0.range.lowerBound + (part + 1) * width }
      return places.allSatisfy(isZero) ? places : []
    }
  }
}
