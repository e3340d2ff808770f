import Foundation
import Pipeline
import VisionModels

/// The small JSON files that lie beside published weights: transformers' `config.json` and `preprocessor_config.json`, timm's
/// `config.json`, open_clip's `open_clip_config.json`.
enum WeightsCompanions {
  static let names = ["config.json", "preprocessor_config.json", "open_clip_config.json"]
  /// They have a few kilobytes; what is larger is something else.
  private static let largest = 1 << 20

  /// Those that lie in the folder of `file`.
  static func urls(beside file: URL) -> [(name: String, file: URL)] {
    names.map { ($0, file.deletingLastPathComponent().appending(path: $0)) }.filter {
      FileManager.default.isReadableFile(atPath: $0.1.path)
    }
  }

  /// What they say; one that can't be read or says nothing of use is left out.
  static func read(beside file: URL) -> CheckpointCompanion {
    var companion = CheckpointCompanion()
    for (name, url) in urls(beside: file) {
      guard let data = try? Data(contentsOf: url), data.count <= largest,
        let value = try? JSONDecoder().decode(ParameterValue.self, from: data)
      else { continue }
      let before = companion
      take(value, into: &companion)
      if companion != before { companion.sources.append(name) }
    }
    return companion
  }

  private static func take(_ value: ParameterValue, into companion: inout CheckpointCompanion) {
    let timm = value["pretrained_cfg"]
    let arguments = value["model_args"]
    companion.width = value["hidden_size"]?.integer ?? value["num_features"]?.integer ?? companion.width
    companion.depth = value["num_hidden_layers"]?.integer ?? companion.depth
    companion.heads =
      value["num_attention_heads"]?.integer ?? arguments?["num_heads"]?.integer ?? companion.heads
    companion.patchSize = value["patch_size"]?.side ?? companion.patchSize
    companion.imageSize = value["image_size"]?.side ?? timm?["input_size"]?.side ?? companion.imageSize
    companion.registers = value["num_register_tokens"]?.integer ?? companion.registers
    companion.layerNormEpsilon = value["layer_norm_eps"]?.number.map { Float($0) } ?? companion.layerNormEpsilon
    companion.activation =
      value["hidden_act"]?.word ?? arguments?["act_layer"]?.word ?? companion.activation
    if value["architecture"]?.word?.contains("quickgelu") == true { companion.activation = "quick_gelu" }
    companion.ropeTheta =
      value["rope_theta"]?.number ?? value["rope_parameters"]?["rope_theta"]?.number ?? companion.ropeTheta
    let preprocess = value["preprocess_cfg"] ?? timm
    let mean = value["image_mean"] ?? preprocess?["mean"]
    let deviation = value["image_std"] ?? preprocess?["std"]
    if value["do_normalize"] == .bool(false) {
      companion.standardization = Standardization(mean: [0, 0, 0], deviation: [1, 1, 1])
    } else if let mean, let deviation, let found = try? WeightsOptions.standardization(mean.numbers, deviation.numbers)
    {
      companion.standardization = found
    }
  }
}

extension ParameterValue {
  /// A member of a table.
  fileprivate subscript(key: String) -> ParameterValue? {
    if case .table(let members) = self { members[key] } else { nil }
  }

  /// A size given as one number, or as a list that ends in it.
  fileprivate var side: Int? { if case .list(let items) = self { items.last?.integer } else { integer } }

  /// A list of numbers, or one; none for anything else.
  var numbers: [Double] {
    if case .list(let items) = self { return items.compactMap(\.number) }
    return number.map { [$0] } ?? []
  }
}
