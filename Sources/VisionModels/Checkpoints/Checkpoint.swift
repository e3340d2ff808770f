import Foundation

/// Somebody's trained weights, understood: which tensor becomes which of ours, and what model they are.
///
///     let checkpoint = try Checkpoint(tensors, options: CheckpointOptions(), companion: CheckpointCompanion())
///     guard checkpoint.report.isComplete else { … }
///     try checkpoint.load(into: parameters) { try file.floats($0) }
///
/// Nothing is assumed in silence: tensors that are missing, unknown or of another shape are in the report, what no tensor tells is in
/// the notes. Names: timm, facebookresearch/{dino, dinov2, dinov3}, transformers' ViT, Dinov2, Dinov2WithRegisters and DINOv3ViT,
/// open_clip around timm. Complexity: O(tensors) without their numbers.
public struct Checkpoint: Sendable {
  public let family: NamingFamily
  /// What stands before the backbone's names in the file: `teacher.backbone`.
  public let prefix: String
  public let configuration: VisionTransformer.Configuration
  public let standardization: Standardization
  public let report: CheckpointReport
  /// What was taken for granted, in sentences.
  public let notes: [String]

  private let plan: [(name: String, count: Int, assembly: Assembly)]
  private let periods: String?

  /// - Throws: `CheckpointError` where the tensors don't even tell what model they are of.
  public init(_ tensors: [CheckpointTensor], options: CheckpointOptions, companion: CheckpointCompanion) throws {
    guard let prefix = BackbonePrefix.find(in: tensors.map { TensorName($0.name) }) else {
      throw CheckpointError.noClassToken
    }
    let pieces = try CheckpointPieces(tensors, prefix: prefix)
    let family = options.family ?? NamingFamily.recognized(by: pieces.templates, prefix: prefix)
    var inference = ArchitectureInference(family, options, companion, pieces)
    let configuration = try inference.configuration()
    standardization = inference.standardization(of: configuration)
    var assembler = CheckpointAssembler(configuration, family, pieces)
    try assembler.run()
    self.family = family
    self.prefix = prefix.joined(separator: ".")
    self.configuration = configuration
    report = assembler.report
    plan = assembler.plan
    periods = pieces.periods?.name
    let isPlain = !pieces.names.contains("reg_token") && !pieces.ignored.contains { $0.contains("head.") }
    let isAmbiguous = options.family == nil && family == .timm && isPlain
    notes = (isAmbiguous ? [Checkpoint.ambiguity] : []) + inference.notes
  }

  private static let ambiguity =
    "family: timm, by the names; DINO's and DINOv2's own files may look the same: --family dino or dinov2 resamples positions as they do"

  /// Numbers of the model.
  public var parameterCount: Int { plan.reduce(0) { $0 + $1.count } }

  /// Fills the backbone's part of `parameters`, one tensor after another.
  /// - Parameter read: the numbers of a tensor by the file's name, row-major; refuses NaN and infinities.
  /// - Throws: `CheckpointError.incomplete` before anything is read if the report isn't complete; `.unsupported` for rotary positions
  ///   of other periods; what `read` throws.
  public func load(into parameters: ParameterBuffer, _ read: (_ name: String) throws -> [Float]) throws {
    guard report.isComplete else { throw CheckpointError.incomplete(report) }
    try checkPeriods(read)
    for (name, count, assembly) in plan {
      guard parameters.layout.entry(name)?.range.count == count else {
        throw CheckpointError.unsupported("\(name) has no place in the network")
      }
      parameters.set(name, try assembly.values(count: count, read))
    }
  }

  /// DINOv3 saves the periods 100^(2m/(d/2)), m = 0…d/4-1, of a head's d channels; in bf16, so a hundredth is let pass.
  private func checkPeriods(_ read: (String) throws -> [Float]) throws {
    guard configuration.positions == .rotary, let periods else { return }
    let found = try read(periods)
    for (index, period) in found.enumerated() {
      let wanted = pow(ArchitectureInference.ropeTheta, Double(index) / Double(found.count))
      if abs(Double(period) - wanted) > 0.01 * wanted {
        throw CheckpointError.unsupported("\(periods) are not those of θ = 100, which is computed here")
      }
    }
  }
}
