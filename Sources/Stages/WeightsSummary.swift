import Foundation
import VisionModels

/// What a file of weights holds and what is made of it, for people and for programs.
public struct WeightsSummary: Codable, Sendable {
  public struct Tensor: Codable, Sendable {
    public let name: String
    public let shape: [Int]
    public let type: String
  }

  /// `safetensors`, `PyTorch`.
  public let format: String
  public let tensors: [Tensor]
  /// Classes that a PyTorch file names; none of them was made.
  public let placeholders: [String]
  /// Nil where the tensors are no model; `medoid` for one of this program.
  public private(set) var family: String?
  public private(set) var prefix: String?
  private var configuration: VisionTransformer.Configuration?
  private var standardization: Standardization?
  private var report: CheckpointReport?
  /// What lies beside a model that was trained here.
  private var card: ModelCard?
  public private(set) var notes: [String] = []
  /// Why the tensors can't become a model.
  public private(set) var fault: String?

  private init(_ file: WeightsFile) {
    format = file.format
    tensors = file.tensors.map { Tensor(name: $0.name, shape: $0.shape, type: $0.type) }
    placeholders = file.placeholders
  }

  init(_ file: WeightsFile, fault: String) {
    self.init(file)
    self.fault = fault
  }

  init(_ file: WeightsFile, _ model: ModelFile) {
    self.init(file)
    family = "medoid"
    configuration = model.configuration
    standardization = model.standardization
    card = ModelCard(beside: file.url)
  }

  init(_ file: WeightsFile, _ checkpoint: Checkpoint) {
    self.init(file)
    family = checkpoint.family.rawValue
    prefix = checkpoint.prefix
    configuration = checkpoint.configuration
    standardization = checkpoint.standardization
    report = checkpoint.report
    notes = checkpoint.notes
    if !checkpoint.report.isComplete { fault = CheckpointError.incomplete(checkpoint.report).description }
  }

  /// True if `import` would take it (but for NaN, which only reading the numbers shows).
  public var isModel: Bool { fault == nil }

  /// Sorted keys, so that equal files give equal text.
  public func json() throws -> String { try canonicalJSON(self) }

  /// A few lines; with `everyTensor` one a tensor on top.
  public func lines(everyTensor: Bool = false) -> [String] {
    let types = Dictionary(grouping: tensors, by: \.type).mapValues(\.count).sorted { $0.key < $1.key }
    let count = types.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    var lines = [row("file", "\(format), \(tensors.count) tensors\(count.isEmpty ? "" : ": " + count)")]
    if !placeholders.isEmpty {
      lines.append(row("not made", placeholders.prefix(8).joined(separator: ", ")))
    }
    if everyTensor { lines += tensors.map { "  \($0.name)  \($0.type) \($0.shape)" } }
    if let family {
      let title = NamingFamily(rawValue: family)?.title ?? "written by this program"
      lines.append(row("family", "\(family) (\(title))\(prefix.map { $0.isEmpty ? "" : ", under \($0)" } ?? "")"))
    }
    if let configuration { lines.append(row("architecture", WeightsSummary.words(configuration))) }
    if let standardization {
      lines.append(row("pixels", "mean \(standardization.mean), deviation \(standardization.deviation)"))
    }
    if let report, report.isComplete { lines.append(row("tensors", report.lines()[0])) }
    if let card { lines += card.lines.map { row($0.title, $0.text) } }
    lines += notes.map { row("note", $0) }
    if let fault { lines.append(row("no model", fault)) }
    return lines
  }

  private func row(_ title: String, _ text: String) -> String {
    title.padding(toLength: 14, withPad: " ", startingAt: 0) + text
  }

  private static func words(_ made: VisionTransformer.Configuration) -> String {
    let positions =
      made.positions == .rotary ? "rotary positions" : "positions resampled by \(made.interpolation.rawValue)"
    let registers = made.registers == 0 ? "no registers" : "\(made.registers) registers"
    return [
      "width \(made.width)", "depth \(made.depth)", "heads \(made.heads)", "patch \(made.patchSize)",
      "image \(made.imageSize)", "hidden \(made.hiddenWidth) \(made.feedForward.rawValue)",
      made.hasLayerScale ? "LayerScale" : "no LayerScale", registers, positions, "epsilon \(made.layerNormEpsilon)",
    ].joined(separator: ", ")
  }
}
