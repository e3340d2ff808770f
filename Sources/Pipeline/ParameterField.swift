/// One parameter of a stage as a recipe may write it.
public struct ParameterField: Sendable {
  /// What values it takes.
  public indirect enum Kind: Sendable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case text
    case choice([String])
    case flag
    /// A file or folder, relative to the working folder. The field (a list or a choice of kinds as well, but not a table)
    /// stays out of the fingerprint: its content enters by `Stage.externalDigests`.
    case path
    /// A list; one value stands for a list of one.
    case list(Kind)
    /// Some of the keys given: `where: { modality: [CR, DX] }`.
    case table([String: Kind])
    /// The first that fits: an integer, or the word `auto`.
    case either([Kind])
  }

  public let name: String
  public let kind: Kind
  /// Nil: a recipe must give it. `.null`: it may be absent.
  public let defaultValue: ParameterValue?
  /// What it does and when to change it, one line.
  public let summary: String

  public init(_ name: String, _ kind: Kind, default defaultValue: ParameterValue?, _ summary: String) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.summary = summary
  }
}
