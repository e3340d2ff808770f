public import Foundation
import Storage
import VisionModels

/// Weights from elsewhere, understood and ready to become a `model.safetensors`.
///
///     let weights = try WeightsImport(reading: url, options: WeightsOptions())
///     print(weights.summary.lines.joined(separator: "\n"))
///     try weights.write(to: out)
public struct WeightsImport {
  public let summary: WeightsSummary
  private let configuration: VisionTransformer.Configuration
  private let standardization: Standardization
  private let load: (ParameterBuffer) throws -> Void

  /// A file that is ours already, together with options that would contradict it.
  struct AlreadyAModel: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path): a model of medoid, which says itself what it is; give no options" }
  }

  /// Reads and understands a file: safetensors or PyTorch, of any family of names, or a model written by this program.
  /// - Throws: what is wrong with the file, or with its tensors as a model (the whole report).
  public init(reading url: URL, options: WeightsOptions) throws {
    let file = try WeightsFile(reading: url)
    if file.isModel {
      if !options.areEmpty { throw AlreadyAModel(path: url.lastPathComponent) }
      let model = try ModelFile(reading: url)
      configuration = model.configuration
      standardization = model.standardization
      load = { $0.pointer.update(from: model.parameters.pointer, count: $0.count) }
      summary = WeightsSummary(file, model)
      return
    }
    let checkpoint = try WeightsImport.checkpoint(file, options)
    guard checkpoint.report.isComplete else { throw CheckpointError.incomplete(checkpoint.report) }
    // Many names for the same bytes could ask for any amount of memory.
    if checkpoint.parameterCount > file.byteCount {
      throw WeightsFile.Failure.swollen(
        path: url.lastPathComponent, numbers: checkpoint.parameterCount, bytes: file.byteCount)
    }
    configuration = checkpoint.configuration
    standardization = checkpoint.standardization
    load = { try checkpoint.load(into: $0) { try file.floats($0) } }
    summary = WeightsSummary(file, checkpoint)
  }

  /// What a file holds, whether or not it can become a model. - Throws: where it can't even be read.
  public static func inspect(_ url: URL, options: WeightsOptions) throws -> WeightsSummary {
    let file = try WeightsFile(reading: url)
    do {
      if file.isModel { return WeightsSummary(file, try ModelFile(reading: url)) }
      return WeightsSummary(file, try checkpoint(file, options))
    } catch {
      return WeightsSummary(file, fault: "\(error)")
    }
  }

  /// Writes `model.safetensors`. - Throws: for NaN or infinities among the numbers, naming the tensor, and where it can't be written.
  public func write(to url: URL) throws {
    let folder = url.deletingLastPathComponent()
    guard FileManager.default.fileExists(atPath: folder.path) else {
      throw WeightsFile.Failure.noFolder(path: folder.relativePath)
    }
    let model = VisionTransformer(configuration)
    let parameters = ParameterBuffer(model.layout)
    try load(parameters)
    try ModelFile.write(model, parameters, standardization, to: url)
  }

  private static func checkpoint(_ file: WeightsFile, _ options: WeightsOptions) throws -> Checkpoint {
    try Checkpoint(
      file.tensors, options: options.checkpoint, companion: WeightsCompanions.read(beside: file.url))
  }
}
