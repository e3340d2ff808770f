import ArgumentParser
import Foundation
import Stages

/// `medoid weights import FILE` and `medoid weights show FILE`.
struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "Models trained elsewhere: safetensors or PyTorch files under timm's, DINO's or transformers' names.",
    subcommands: [WeightsImportCommand.self, WeightsShowCommand.self])
}

/// What a user may say of weights where their tensors don't.
struct WeightsArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("The weights: .safetensors, .pth, .pt, .bin.", valueName: "FILE"))
  var file: String

  @Option(help: ArgumentHelp("Width and heads by name: vit_tiny, vit_small, vit_base, vit_large.", valueName: "NAME"))
  var arch: String?

  @Option(
    help: ArgumentHelp(
      "Attention heads; as config.json beside the file says unless given, else 64 channels each.", valueName: "N"))
  var heads: Int?

  @Option(
    help: ArgumentHelp(
      "Whose code wrote them; by the names unless given: \(WeightsOptions.families.joined(separator: ", ")).",
      valueName: "NAME"))
  var family: String?

  @Option(
    help: ArgumentHelp(
      "Mean of the pixels (0 to 1), one number or three between commas; ImageNet's unless given or said beside the file.",
      valueName: "M"))
  var mean: String?

  @Option(help: ArgumentHelp("Their deviation, the same way.", valueName: "S"))
  var std: String?

  /// - Throws: `ValidationError`, which is wrong usage.
  func options() throws -> WeightsOptions {
    do {
      return try WeightsOptions(
        arch: arch, heads: heads, family: family, mean: try numbers("mean", mean),
        deviation: try numbers("std", std))
    } catch let fault as WeightsOptions.Fault {
      throw ValidationError("--\(fault)")
    }
  }

  private func numbers(_ name: String, _ text: String?) throws -> [Double] {
    try (text?.split(separator: ",") ?? []).map {
      guard let number = Double($0.trimmingCharacters(in: .whitespaces)) else {
        throw ValidationError("--\(name): \($0) is no number")
      }
      return number
    }
  }
}

/// `medoid weights import FILE --out model.safetensors`.
struct WeightsImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Turn weights from elsewhere into a model.safetensors that recipes and timm read.",
    discussion: """
      Every tensor must find its place: missing, unknown and misshapen ones are listed, and nothing is written. Nothing in
      the file is carried out. What no tensor tells (heads, epsilon, mean and deviation) is taken from the config.json and
      preprocessor_config.json beside it or from what is usual, and said.
      """)

  @OptionGroup var weights: WeightsArguments

  @Option(help: ArgumentHelp("Where the model is written.", valueName: "FILE"))
  var out: String

  @Flag(help: "Print the summary as JSON.")
  var json = false

  func run() throws {
    let options = try weights.options()
    let (source, target) = (URL(filePath: weights.file), URL(filePath: out))
    if source.resolvingSymlinksInPath() == target.resolvingSymlinksInPath() {
      throw ValidationError("--out \(out): the weights themselves")
    }
    let imported = try WeightsImport(reading: source, options: options)
    try imported.write(to: target)
    print(json ? try imported.summary.json() : imported.summary.lines().joined(separator: "\n"))
  }
}

/// `medoid weights show FILE`.
struct WeightsShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "What a file of weights holds, and what model it is; exits with 3 when it is none.")

  @OptionGroup var weights: WeightsArguments

  @Flag(help: "Name every tensor.")
  var tensors = false

  @Flag(help: "Print it as JSON.")
  var json = false

  func run() throws {
    let options = try weights.options()
    let summary = try WeightsImport.inspect(URL(filePath: weights.file), options: options)
    print(json ? try summary.json() : summary.lines(everyTensor: tensors).joined(separator: "\n"))
    if !summary.isModel { throw ExitStatus.checkFailed }
  }
}
