import Foundation

/// The system refused something about a file: what was tried, where, and its error number.
public struct FileError: Error, Equatable, CustomStringConvertible {
  public enum Action: String, Sendable {
    case read, write, rename, remove, list
    case createFolder = "create the folder"
    case lock
  }

  public let action: Action
  public let path: String
  /// The number in `errno`.
  public let code: Int32

  public init(_ action: Action, path: String, code: Int32) {
    self.action = action
    self.path = path
    self.code = code
  }

  public var description: String { "can't \(action.rawValue) \(path): \(String(cString: strerror(code)))" }
}
