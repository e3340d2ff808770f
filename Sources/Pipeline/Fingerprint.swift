/// The name of a result: SHA-256 of everything its bytes depend on, 64 hex digits.
public struct Fingerprint: Hashable, Codable, Sendable, CustomStringConvertible {
  public let hex: String

  public init(from decoder: any Decoder) throws { hex = try decoder.singleValueContainer().decode(String.self) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }

  init(hex: String) { self.hex = hex }

  public var description: String { hex }
}

/// Everything a result's bytes depend on: no time, no path, no host. Its canonical JSON is what a fingerprint hashes,
/// and two of them side by side say why a step runs again.
public struct Ingredients: Hashable, Codable, Sendable {
  /// One artefact in a slot.
  public struct Input: Hashable, Codable, Sendable {
    /// The step's name where a slot takes many, as a stage tells them apart by it; else nil.
    public let step: String?
    /// Digest of the artefact's files.
    public let content: String
  }

  public let stage: String
  public let revision: Int
  public let output: ArtifactKind
  /// All but paths and what changes no byte.
  public let parameters: [String: ParameterValue]
  /// By slot, in the recipe's order.
  public let inputs: [String: [Input]]
  public let external: [String: String]
  /// Nil for a stage that draws no random number.
  public let seed: UInt64?

  /// - Parameter contents: the content digest of every step that `step` reads; a step whose digest isn't known yet is left out.
  init(of step: Step, contents: [String: String], external: [String: String], seed: UInt64) {
    let type = step.type
    stage = type.name
    revision = type.revision
    output = type.output
    parameters = step.hashedParameters
    var inputs: [String: [Input]] = [:]
    for (name, steps) in step.inputs {
      let many = type.slots.first { $0.name == name }?.many ?? false
      inputs[name] = steps.compactMap { source in
        contents[source].map { Input(step: many ? source : nil, content: $0) }
      }
    }
    self.inputs = inputs
    self.external = external
    self.seed = type.usesSeed ? seed : nil
  }

  public var fingerprint: Fingerprint { Fingerprint(hex: ContentDigest.of(canonicalForm.canonicalJSON)) }

  private var canonicalForm: ParameterValue {
    .table([
      "stage": .text(stage), "revision": .integer(revision), "output": .text("\(output.name)/\(output.version)"),
      "parameters": .table(parameters),
      "inputs": .table(
        inputs.mapValues { inputs in
          .list(inputs.map { .list([$0.step.map { .text($0) } ?? .null, .text($0.content)]) })
        }),
      "external": .table(external.mapValues { .text($0) }), "seed": seed.map { .text(String($0)) } ?? .null,
    ])
  }
}
