/// What became of every tensor of a checkpoint: nothing is left out or made up in silence.
public struct CheckpointReport: Codable, Hashable, Sendable {
  public struct Mismatch: Codable, Hashable, Sendable {
    /// Our name.
    public let name: String
    public let wanted: [Int]
    public let found: [Int]
  }

  /// Our names of what is there, in our order.
  public internal(set) var loaded: [String] = []
  /// Our names of what isn't.
  public internal(set) var missing: [String] = []
  /// The file's names of what nobody knows.
  public internal(set) var extra: [String] = []
  public internal(set) var mismatched: [Mismatch] = []
  /// The file's names of what a backbone does without: heads, poolers, the token of masked patches.
  public internal(set) var ignored: [String] = []
  /// Tensors of other parts of the file: a student, an optimiser, a text encoder.
  public internal(set) var elsewhere = 0
  /// Our names of biases that no block has: zeros.
  public internal(set) var zeros: [String] = []

  /// All of the model is there, and nothing that isn't known.
  public var isComplete: Bool { missing.isEmpty && extra.isEmpty && mismatched.isEmpty }

  /// The report as text, at most `most` names of a kind.
  public func lines(most: Int = 12) -> [String] {
    func list(_ title: String, _ names: [String]) -> [String] {
      if names.isEmpty { return [] }
      let more = names.count > most ? ["  … and \(names.count - most) more"] : []
      return ["\(title) \(names.count):"] + names.prefix(most).map { "  \($0)" } + more
    }
    var lines = ["loaded \(loaded.count), ignored \(ignored.count), of other parts \(elsewhere)"]
    if !zeros.isEmpty { lines[0] += ", biases that are zeros \(zeros.count)" }
    lines += list("missing", missing)
    lines += list("unknown", extra)
    lines += list(
      "of another shape", mismatched.map { "\($0.name) is \(text($0.found)), not \(text($0.wanted))" })
    return lines
  }
}
