/// What is known of rows from outside the points: a wish about the groups they lie in.
public enum GroupConstraint: Sendable, Hashable {
  /// Both rows in one group (must-link).
  case together(Int, Int)
  /// The two rows never in one group (cannot-link). Rows in no group are apart from all.
  case apart(Int, Int)
  /// The row in that group of the partition.
  case inGroup(row: Int, group: Int)
  /// The row in no group.
  case rejected(Int)
}

/// Wishes that can't all be met. Numbers are places in the list of constraints.
public struct ConstraintConflict: Sendable, Hashable {
  public let kind: Kind
  /// Those that are left out, ascending.
  public let unheeded: [Int]
  /// Those they contradict, which are kept, ascending.
  public let against: [Int]

  public init(kind: Kind, unheeded: [Int], against: [Int]) {
    self.kind = kind
    self.unheeded = unheeded
    self.against = against
  }

  public enum Kind: Sendable, Hashable {
    /// A link of a row to itself.
    case linksRowToItself
    /// A must-link or a group for a row that is to be in none.
    case rejectedRow
    /// Rows that must be together are asked into several groups: none of these is heeded.
    case severalGroups
    /// A cannot-link between rows that must be together.
    case mustBeTogether
    /// A cannot-link between rows that are asked into one group.
    case askedIntoOneGroup
    /// More rows that must all be apart than there are groups to part them, or a search that ended before it could.
    case tooFewGroups
  }
}
