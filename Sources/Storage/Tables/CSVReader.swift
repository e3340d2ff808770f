public import Foundation

/// Reads a CSV file with a header line, row by row: RFC 4180, and tolerant of what spreadsheets add (a byte-order mark, CRLF, empty
/// lines, a missing last line end). Everything else is a `CSVError` with its line.
///
///     var reader = try CSVReader(url)
///     while let row = try reader.next() { print(row["path"]) }
///
/// The file's bytes are held in memory; cells are made one row at a time.
public struct CSVReader {
  public let path: String
  public let columns: [String]
  private let places: [String: Int]
  private var scanner: Scanner

  /// - Throws: the system's error if the file can't be read, `CSVError` for a bad header.
  public init(_ url: URL) throws { try self.init(bytes: Array(Data(contentsOf: url)), path: url.path) }

  /// The same from bytes; `path` is for errors only.
  public init(bytes: [UInt8], path: String) throws {
    self.path = path
    scanner = Scanner(bytes: bytes, path: path)
    guard let header = try scanner.row() else { throw CSVError(path: path, line: 1, problem: .empty) }
    columns = header.cells
    var places: [String: Int] = [:]
    for (place, column) in columns.enumerated() {
      if places.updateValue(place, forKey: column) != nil {
        throw CSVError(path: path, line: header.line, problem: .duplicateColumn(column))
      }
    }
    self.places = places
  }

  /// Says at once that columns are missing, rather than at the first row. - Throws: `CSVError` naming the first that is.
  public func require(_ wanted: [String]) throws {
    for column in wanted where places[column] == nil {
      throw CSVError(path: path, line: 1, problem: .missingColumn(column, found: columns))
    }
  }

  /// The next row; nil after the last.
  public mutating func next() throws -> CSVRow? {
    guard let (line, cells) = try scanner.row() else { return nil }
    if cells.count != columns.count {
      throw CSVError(path: path, line: line, problem: .cellCount(found: cells.count, expected: columns.count))
    }
    return CSVRow(path: path, line: line, cells: cells, columns: columns, places: places)
  }

  /// All rows that are left, each through `body`.
  public mutating func map<Value>(_ body: (CSVRow) throws -> Value) throws -> [Value] {
    var values: [Value] = []
    while let row = try next() { values.append(try body(row)) }
    return values
  }
}

/// One row of a CSV file, its cells by column name.
public struct CSVRow: Sendable {
  public let path: String
  /// The line, from 1, where the row starts.
  public let line: Int
  public let cells: [String]
  fileprivate let columns: [String]
  fileprivate let places: [String: Int]

  /// The cell of a column; nil if there is no such column.
  public subscript(column: String) -> String? { places[column].map { cells[$0] } }

  /// The cell of a column that must be there.
  public func text(_ column: String) throws -> String {
    guard let cell = self[column] else { throw failure(.missingColumn(column, found: columns)) }
    return cell
  }

  public func integer(_ column: String) throws -> Int {
    guard let value = Int(try text(column)) else { throw failure(.badValue(column: column, wanted: "a whole number")) }
    return value
  }

  public func double(_ column: String) throws -> Double {
    guard let value = Double(try text(column)) else { throw failure(.badValue(column: column, wanted: "a number")) }
    return value
  }

  /// Nil for an empty cell.
  public func optionalDouble(_ column: String) throws -> Double? { try text(column).isEmpty ? nil : double(column) }

  public func float(_ column: String) throws -> Float {
    guard let value = Float(try text(column)) else { throw failure(.badValue(column: column, wanted: "a number")) }
    return value
  }

  /// Nil for an empty cell.
  public func optionalFloat(_ column: String) throws -> Float? { try text(column).isEmpty ? nil : float(column) }

  /// `true` or `false`.
  public func boolean(_ column: String) throws -> Bool {
    guard let value = Bool(try text(column)) else { throw failure(.badValue(column: column, wanted: "true or false")) }
    return value
  }

  /// An error about this row.
  public func failure(_ problem: CSVError.Problem) -> CSVError { CSVError(path: path, line: line, problem: problem) }
}

/// Cuts bytes into rows of cells.
private struct Scanner {
  let bytes: [UInt8]
  let path: String
  private var offset: Int
  private var line = 1

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  init(bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
    offset = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  mutating func row() throws -> (line: Int, cells: [String])? {
    while try endsLine() {}
    if offset == bytes.count { return nil }
    let first = line
    var cells: [String] = []
    while true {
      cells.append(offset < bytes.count && bytes[offset] == Scanner.quote ? try quoted() : try plain())
      if offset < bytes.count, bytes[offset] == Scanner.comma {
        offset += 1
        continue
      }
      if try endsLine() || offset == bytes.count { return (first, cells) }
      throw failure(.textAfterQuote)
    }
  }

  /// Steps over LF or CRLF if it is next.
  private mutating func endsLine() throws -> Bool {
    guard offset < bytes.count else { return false }
    if bytes[offset] == Scanner.carriageReturn {
      guard offset + 1 < bytes.count, bytes[offset + 1] == Scanner.lineFeed else { throw failure(.strayCarriageReturn) }
      offset += 1
    }
    if bytes[offset] != Scanner.lineFeed { return false }
    offset += 1
    line += 1
    return true
  }

  private mutating func plain() throws -> String {
    let start = offset
    while offset < bytes.count {
      switch bytes[offset] {
      case Scanner.comma, Scanner.lineFeed, Scanner.carriageReturn: return try string(bytes[start..<offset], at: line)
      case Scanner.quote: throw failure(.strayQuote)
      default: offset += 1
      }
    }
    return try string(bytes[start..<offset], at: line)
  }

  private mutating func quoted() throws -> String {
    let first = line
    var content: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == Scanner.quote {
        if offset < bytes.count, bytes[offset] == Scanner.quote {
          offset += 1
        } else {
          return try string(content[...], at: first)
        }
      }
      if byte == Scanner.lineFeed { line += 1 }
      content.append(byte)
    }
    throw CSVError(path: path, line: first, problem: .unterminatedQuote)
  }

  private func string(_ content: ArraySlice<UInt8>, at line: Int) throws -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw CSVError(path: path, line: line, problem: .notUTF8)
    }
    return text
  }

  private func failure(_ problem: CSVError.Problem) -> CSVError { CSVError(path: path, line: line, problem: problem) }
}
