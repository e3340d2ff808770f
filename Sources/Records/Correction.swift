/// What somebody who looked at the groups says is wrong with them: a row of `corrections.csv`. It names images and groups; what it does
/// to a partition is worked out from all rows together.
public struct Correction: Sendable, Hashable {
  /// The line, from 1, where the row starts: reports point to it.
  public var line: Int
  public var action: Action
  /// An image by its id or its path relative to the input root; empty where the action needs none.
  public var image: String
  /// The second image of a link.
  public var other: String
  /// The persistent number of a group; nil where the action needs none.
  public var group: Int?
  /// The new name of a group.
  public var name: String
  /// Why, in the reviewer's words; never interpreted.
  public var note: String

  public init(
    line: Int, action: Action, image: String = "", other: String = "", group: Int? = nil, name: String = "",
    note: String = ""
  ) {
    self.line = line
    self.action = action
    self.image = image
    self.other = other
    self.group = group
    self.name = name
    self.note = note
  }

  public enum Action: String, Sendable, Hashable, CaseIterable {
    /// `image` and `other` belong to one group.
    case mustLink = "must_link"
    /// `image` and `other` belong to different groups.
    case cannotLink = "cannot_link"
    /// `image` belongs to `group`.
    case assign
    /// `group` is called `name`.
    case rename
    /// `image` belongs to no group.
    case reject
  }
}
