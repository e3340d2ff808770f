/// A file that can be read but is not what its format promises: which file, and how it differs.
public struct FormatError: Error, Equatable, CustomStringConvertible {
  public let path: String
  public let problem: Problem

  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  public enum Problem: Equatable, Sendable {
    /// No `format` attribute, or another one: the file is of another kind.
    case wrongFormat(found: String?, wanted: String)
    /// Written by another version of the format, most likely by a newer program.
    case unsupportedVersion(found: Int64?, supported: Int64)
    case missing(object: String)
    case wrongShape(object: String, found: [Int], wanted: String)
    case wrongType(object: String, wanted: String)
    /// Axes whose product no file could hold.
    case impossibleShape(String)
    /// Text that is not UTF-8, or holds a NUL.
    case badText(object: String)
    /// A value outside what the format allows.
    case badValue(object: String)
  }

  public var description: String { "\(path): \(text)" }

  private var text: String {
    switch problem {
    case .wrongFormat(let found, let wanted): "a file of format \(found ?? "unknown"), not \(wanted)"
    case .unsupportedVersion(let found, let supported):
      "format version \(found.map { "\($0)" } ?? "missing"), this program reads \(supported)"
    case .missing(let object): "\(object) is missing"
    case .wrongShape(let object, let found, let wanted):
      "\(object) is \(found.map { "\($0)" }.joined(separator: "×")), not \(wanted)"
    case .wrongType(let object, let wanted): "\(object) does not hold \(wanted)"
    case .impossibleShape(let shape): "an impossible shape, \(shape)"
    case .badText(let object): "\(object) is not UTF-8 text without NUL"
    case .badValue(let object): "\(object) holds a value that is not allowed"
    }
  }
}
