/// One parameter of a stage as a recipe may write it.
public struct ParameterField: Sendable {
  /// What values it takes.
  public indirect enum Kind: Sendable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case text
    case choice([String])
    case flag
    /// A file or folder, relative to the working folder. The field (a list or a choice of kinds as well; of a table, the key)
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
  /// False for what changes only how the work is done and no byte of its result, such as how often a checkpoint is written: it stays out
  /// of the fingerprint.
  public let changesResult: Bool
  /// What it does and when to change it, one line.
  public let summary: String

  public init(
    _ name: String, _ kind: Kind, default defaultValue: ParameterValue?, changesResult: Bool = true, _ summary: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.changesResult = changesResult
    self.summary = summary
  }
}
