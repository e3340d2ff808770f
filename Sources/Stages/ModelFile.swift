import Foundation
import Storage
import Tensors
import VisionModels

/// `model.safetensors`: a backbone under timm's names, with what a user of the weights must know in the file's metadata.
///
/// Metadata: `format` = `medoid-model`, `format_version`, `configuration` and `standardization` as canonical JSON.
struct ModelFile {
  static let format = "medoid-model"
  static let formatVersion = "2"

  let configuration: VisionTransformer.Configuration
  let standardization: Standardization
  let model: VisionTransformer
  let parameters: ParameterBuffer

  /// Why a file is not such a model.
  enum Failure: Error, CustomStringConvertible {
    case notAModel(path: String)
    case unknownVersion(path: String, version: String)
    /// A configuration that no network has, or not that of the tensors beside it.
    case badConfiguration(path: String)

    var description: String {
      switch self {
      case .notAModel(let path): "\(path): no medoid model: the metadata lacks its configuration"
      case .unknownVersion(let path, let version):
        "\(path): model format version \(version), this program reads \(formatVersion)"
      case .badConfiguration(let path): "\(path): its configuration is not that of its tensors"
      }
    }
  }

  /// Reads a model. - Throws: `SafetensorsError`, `ModelFile.Failure`, `VisionTransformer.WeightMismatch`.
  init(reading url: URL) throws {
    let file = try SafetensorsFile(reading: url)
    guard file.metadata["format"] == ModelFile.format else { throw Failure.notAModel(path: url.lastPathComponent) }
    let version = file.metadata["format_version"] ?? "none"
    guard version == ModelFile.formatVersion else {
      throw Failure.unknownVersion(path: url.lastPathComponent, version: version)
    }
    func decode<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value {
      guard let text = file.metadata[key] else { throw Failure.notAModel(path: url.lastPathComponent) }
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    }
    configuration = try decode(VisionTransformer.Configuration.self, "configuration")
    standardization = try decode(Standardization.self, "standardization")
    guard ModelFile.agree(configuration, file), standardization.isUsable else {
      throw Failure.badConfiguration(path: url.lastPathComponent)
    }
    model = VisionTransformer(configuration)
    parameters = ParameterBuffer(model.layout)
    try model.load(into: parameters) { name in
      guard let shape = file.shape(name) else { return nil }
      return (shape, try file.floats(name))
    }
  }

  /// True if the extents are backed by tensors, so that no number of a damaged file is trusted before memory is asked for.
  private static func agree(_ configuration: VisionTransformer.Configuration, _ file: SafetensorsFile) -> Bool {
    let (width, patch) = (configuration.width, configuration.patchSize)
    guard configuration.fault == nil, configuration.depth <= file.names.count, configuration.imageSize <= 1 << 20,
      configuration.layerNormEpsilon.isFinite, configuration.layerNormEpsilon >= 0,
      file.shape("patch_embed.proj.weight") == [width, configuration.channels, patch, patch],
      file.shape("blocks.0.mlp.fc2.weight") == [width, configuration.hiddenWidth]
    else { return false }
    let grid = configuration.imageSize / patch
    return (configuration.positions == .rotary || file.shape("pos_embed") == [1, 1 + grid * grid, width])
      && (configuration.registers == 0 || file.shape("reg_token") == [1, configuration.registers, width])
  }

  /// Writes the backbone's part of `parameters` (a head in the same buffer is left out).
  static func write(
    _ model: VisionTransformer, _ parameters: ParameterBuffer, _ standardization: Standardization, to url: URL
  ) throws {
    let tensors = model.weightNames.map { name, shape in
      SafetensorsFile.Tensor(name, shape: shape, floats: parameters.values(name))
    }
    let metadata = [
      "format": format, "format_version": formatVersion, "configuration": try canonicalJSON(model.configuration),
      "standardization": try canonicalJSON(standardization),
    ]
    try SafetensorsFile.write(tensors, metadata: metadata, to: url)
  }
}

extension Standardization {
  fileprivate var isUsable: Bool {
    mean.count == 3 && deviation.count == 3 && mean.allSatisfy(\.isFinite)
      && deviation.allSatisfy { $0 > 0 && $0.isFinite }
  }
}

/// JSON with sorted keys: equal values give equal bytes.
func canonicalJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
