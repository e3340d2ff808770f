/// Why a step runs. A step that has none is up to date.
public enum RunReason: Hashable, Sendable {
  /// Asked for by `-f` or `--force-step`.
  case forced
  /// Its result isn't in the store, and nothing else is known to have changed.
  case noOutput
  /// Its result is in the store, but a file of it isn't as it was written.
  case damaged(file: String)
  /// A step it reads runs. If that yields the same bytes as before, this step won't run after all.
  case upstreamRuns(String)
  /// The recipe names another stage.
  case stage(from: String, to: String)
  case revision(from: Int, to: Int)
  /// The format of its result.
  case format(from: ArtifactKind, to: ArtifactKind)
  case parameters(changed: [ParameterChange])
  /// Other steps in the slot, or other bytes from the same ones.
  case input(slot: String)
  /// Something outside the store: a source file, the kernel family.
  case external(name: String)
  case seed(from: UInt64?, to: UInt64?)
}

/// A parameter that isn't what it was; nil where the field didn't exist.
public struct ParameterChange: Hashable, Sendable, CustomStringConvertible {
  public let key: String
  public let from: ParameterValue?
  public let to: ParameterValue?

  /// `min_cluster_size 15 → 20`.
  public var description: String {
    "\(key) \(from.map { "\($0)" } ?? "(absent)") → \(to.map { "\($0)" } ?? "(absent)")"
  }
}

extension RunReason: CustomStringConvertible {
  /// As `plan` prints it.
  public var description: String {
    switch self {
    case .forced: "forced"
    case .noOutput: "no result yet"
    case .damaged(let file): "damaged in the store: \(file)"
    case .upstreamRuns(let step): "\(step) runs"
    case .stage(let from, let to): "stage \(from) → \(to)"
    case .revision(let from, let to): "revision of the stage \(from) → \(to)"
    case .format(let from, let to): "format \(from) → \(to)"
    case .parameters(let changes): changes.map(\.description).joined(separator: ", ")
    case .input(let slot): "other \(slot)"
    case .external(let name): "changed: \(name)"
    case .seed(let from, let to):
      "seed \(from.map { "\($0)" } ?? "(none)") → \(to.map { "\($0)" } ?? "(none)")"
    }
  }
}

extension Ingredients {
  /// What differs from the step's last run, in the order of importance; none when all is equal.
  /// - Parameter unknown: steps whose bytes aren't known yet; slots that read them aren't compared.
  func changes(since last: Ingredients, unknown: Set<String> = [], slots: [(slot: String, steps: [String])])
    -> [RunReason]
  {
    if stage != last.stage { return [.stage(from: last.stage, to: stage)] }
    var reasons: [RunReason] = []
    if revision != last.revision { reasons.append(.revision(from: last.revision, to: revision)) }
    if output != last.output { reasons.append(.format(from: last.output, to: output)) }
    // Compared by spelling: 1 and 1.0 are the same parameter after a trip through a file.
    let changed = Set(parameters.keys).union(last.parameters.keys).sorted().filter {
      parameters[$0]?.canonicalJSON != last.parameters[$0]?.canonicalJSON
    }
    if !changed.isEmpty {
      reasons.append(
        .parameters(changed: changed.map { ParameterChange(key: $0, from: last.parameters[$0], to: parameters[$0]) }))
    }
    if seed != last.seed { reasons.append(.seed(from: last.seed, to: seed)) }
    for name in Set(external.keys).union(last.external.keys).sorted() where external[name] != last.external[name] {
      reasons.append(.external(name: name))
    }
    let known = slots.filter { unknown.isDisjoint(with: $0.steps) }.map(\.slot)
    for slot in known where inputs[slot] != last.inputs[slot] { reasons.append(.input(slot: slot)) }
    for slot in last.inputs.keys.sorted() where inputs[slot] == nil { reasons.append(.input(slot: slot)) }
    return reasons
  }
}
