public import Foundation
public import Pipeline

/// `weights`: a model trained elsewhere, from a file of safetensors or PyTorch's, under any of the published families of names.
public struct WeightsStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var file: String
    var arch: String
    var heads: ParameterValue
    var family: String
    var mean: [Double]
    var std: [Double]
  }

  public static let name = "weights"
  public static let revision = 1
  public static let summary = "Take a model trained elsewhere: safetensors or PyTorch, timm's names or transformers'"
  public static let output = ArtifactKind.model
  public static let publishes = [Published(file: "model.safetensors", name: "model-{step}.safetensors")]
  public static let usesSeed = false
  public static let fields: [ParameterField] = {
    let automatic = ParameterField.Kind.choice(["auto"])
    return [
      ParameterField(
        "file", .path, default: nil, "The weights: .safetensors, .pth, .pt, .bin; what lies beside them is read too"),
      ParameterField(
        "arch", .choice(["auto"] + WeightsOptions.architectures), default: "auto", "Says the width and the heads"),
      ParameterField(
        "heads", .either([.integer(1...1024), automatic]), default: "auto",
        "Attention heads, which no tensor tells; auto: as config.json beside the file says, else 64 channels each"),
      ParameterField(
        "family", .choice(["auto"] + WeightsOptions.families), default: "auto",
        "Whose code wrote them: how positions are resampled, the norms' epsilon; auto: by the names"),
      ParameterField(
        "mean", .list(.number(-1000...1000)), default: [],
        "Of the pixels (0 to 1) it was trained on: three, or one; empty: as the files beside it say, else ImageNet's"),
      ParameterField("std", .list(.number(1e-6...1000)), default: [], "Their deviation, with mean"),
    ]
  }()

  private let parameters: Parameters
  private let options: WeightsOptions

  public init(_ parameters: Parameters) throws {
    func given(_ word: String) -> String? { word == "auto" ? nil : word }
    self.parameters = parameters
    do {
      options = try WeightsOptions(
        arch: given(parameters.arch), heads: parameters.heads.integer, family: given(parameters.family),
        mean: parameters.mean, deviation: parameters.std)
    } catch let fault as WeightsOptions.Fault {
      throw ParameterError(key: fault.key, message: fault.message)
    }
  }

  /// The content of the file and of what lies beside it.
  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    let file = environment.url(parameters.file)
    guard FileManager.default.fileExists(atPath: file.path) else { throw InputMissing(path: parameters.file) }
    return [
      "file": try environment.digest(of: file),
      "beside": environment.digest(ofFiles: WeightsCompanions.urls(beside: file)),
    ]
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let weights = try WeightsImport(reading: context.environment.url(parameters.file), options: options)
    try context.checkCancellation()
    try weights.write(to: output.appending(path: "model.safetensors"))
    context.note("family \(weights.summary.family ?? "")")
    context.note("tensors \(weights.summary.tensors.count)")
  }
}
