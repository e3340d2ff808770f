/// Why a checkpoint can't become one of our models.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// No tensor is called `cls_token`: no vision transformer of the families that are known.
  case noClassToken
  /// A tensor without which the extents can't be told.
  case missing(name: String)
  /// A tensor whose shape no model of these families has.
  case shape(name: String, found: [Int], wanted: String)
  /// A weight that is stored as whole numbers, or as something that isn't read.
  case type(name: String, type: String)
  /// Two tensors that are both to become one of ours.
  case twice(name: String, one: String, other: String)
  /// The number of heads is in no tensor.
  case unknownHeads(width: Int)
  /// Extents that don't go together.
  case contradiction(String)
  /// Something this program's network doesn't do.
  case unsupported(String)
  /// Tensors are missing, unknown, or of another shape.
  case incomplete(CheckpointReport)

  public var description: String {
    switch self {
    case .noClassToken: "no tensor is called cls_token: no vision transformer of a known family"
    case .missing(let name): "\(name) is missing, without which the model's extents can't be told"
    case .shape(let name, let found, let wanted): "\(name) is \(text(found)); \(wanted) wanted"
    case .type(let name, let type): "\(name) is stored as \(type), not as floating-point numbers"
    case .twice(let name, let one, let other): "both \(one) and \(other) would be \(name)"
    case .unknownHeads(let width):
      "\(width) channels are no multiple of 64, so the number of heads must be given: --heads N"
    case .contradiction(let fault): fault
    case .unsupported(let what): what
    case .incomplete(let report): "the tensors are not a whole model:\n" + report.lines().joined(separator: "\n")
    }
  }
}

/// A shape as it is written: 3×384.
func text(_ shape: [Int]) -> String {
  shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: "×")
}
