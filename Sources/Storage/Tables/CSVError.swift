/// A CSV file that can't be read as one: which file, which line, what is wrong. Never a cell's content, which may name a patient.
public struct CSVError: Error, Equatable, CustomStringConvertible {
  public let path: String
  /// The line, from 1, where the row starts or the trouble lies.
  public let line: Int
  public let problem: Problem

  public init(path: String, line: Int, problem: Problem) {
    self.path = path
    self.line = line
    self.problem = problem
  }

  public enum Problem: Equatable, Sendable {
    case notUTF8
    /// No header line.
    case empty
    case unterminatedQuote
    /// Text between a closing quote and the next comma.
    case textAfterQuote
    /// A quote in a cell that doesn't start with one.
    case strayQuote
    /// A carriage return outside quotes that no line feed follows.
    case strayCarriageReturn
    case cellCount(found: Int, expected: Int)
    case duplicateColumn(String)
    case missingColumn(String, found: [String])
    /// A cell that is not what its column holds.
    case badValue(column: String, wanted: String)
  }

  public var description: String { "\(path):\(line): \(problem)" }
}

extension CSVError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notUTF8: "not UTF-8"
    case .empty: "no header line"
    case .unterminatedQuote: "a quoted cell that never ends"
    case .textAfterQuote: "text after a closing quote"
    case .strayQuote: "a quote inside an unquoted cell"
    case .strayCarriageReturn: "a carriage return without a line feed"
    case .cellCount(let found, let expected): "\(found) cells where the header has \(expected)"
    case .duplicateColumn(let name): "two columns are called \(name)"
    case .missingColumn(let name, let found): "no column \(name) among \(found.joined(separator: ", "))"
    case .badValue(let column, let wanted): "column \(column) does not hold \(wanted)"
    }
  }

  /// What is wrong, without a word of the file: where its header is missing, its first line names patients.
  var withoutContent: String {
    switch self {
    case .duplicateColumn: "two columns have one name"
    case .missingColumn: "a column is missing"
    default: description
    }
  }
}
