import Foundation
import Pipeline
import Tensors
import VisionModels

/// The model in the slot `weights` of a step that trains: what training continues from.
struct StartingWeights {
  static let slot = "weights"

  let configuration: VisionTransformer.Configuration
  let standardization: Standardization
  let numbers: ParameterBuffer
  /// Of the file they came in.
  let digest: String

  /// Nil where the recipe leaves the slot empty.
  /// - Parameters:
  ///   - arch: what the recipe asks for; nil where it leaves that to the model.
  /// - Throws: `Contradiction` where it asks for another network than the model is.
  init?(_ inputs: StageInputs, _ context: StageContext, arch: String?, depth: Int?, patchSize: Int?) throws {
    if inputs.isEmpty(StartingWeights.slot) { return nil }
    let url = try inputs.folder(StartingWeights.slot).appending(path: "model.safetensors")
    let file = try ModelFile(reading: url)
    (configuration, standardization, numbers) = (file.configuration, file.standardization, file.parameters)
    digest = try context.environment.digest(of: url)
    if let arch {
      let named = VisionTransformer.Configuration.named(arch, imageSize: patchSize ?? 16, patchSize: patchSize ?? 16)!
      if named.width != configuration.width || named.heads != configuration.heads {
        throw Contradiction(
          field: "arch", asked: arch, own: "\(configuration.width) wide with \(configuration.heads) heads")
      }
    }
    if let depth, depth != configuration.depth {
      throw Contradiction(field: "depth", asked: "\(depth)", own: "\(configuration.depth) blocks deep")
    }
    if let patchSize, patchSize != configuration.patchSize {
      throw Contradiction(
        field: "patch_size", asked: "\(patchSize)", own: "one of patches of \(configuration.patchSize)")
    }
    if configuration.channels != 3 { throw WrongChannels(channels: configuration.channels) }
  }

  /// A recipe that asks for another network than its weights are of.
  struct Contradiction: Error, CustomStringConvertible {
    let field: String
    let asked: String
    let own: String

    var description: String { "\(field) \(asked): the network of the weights is \(own); leave \(field) out" }
  }

  /// A network that does not take colour images.
  struct WrongChannels: Error, CustomStringConvertible {
    let channels: Int

    var description: String { "the network of the weights takes images of \(channels) channels; training gives 3" }
  }
}
