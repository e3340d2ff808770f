public import Foundation

/// Reads a CSV file with a header line, row by row: RFC 4180, and tolerant of what spreadsheets add (a byte-order mark, CRLF, empty
/// lines, a missing last line end). Everything else is a `CSVError` with its line.
///
///     var reader = try CSVReader(url)
///     while let row = try reader.next() { print(row["path"]) }
///
/// The file is read a piece at a time: memory holds one row and a quarter of a megabyte.
public struct CSVReader {
  public let path: String
  public let columns: [String]
  private let places: [String: Int]
  private var scanner: Scanner

  /// - Throws: the system's error if the file can't be read, `CSVError` for a bad header.
  public init(_ url: URL) throws {
    let handle = try FileHandle(forReadingFrom: url)
    try self.init(Scanner(path: url.path) { try handle.read(upToCount: 1 << 18).map { Array($0) } ?? [] }, url.path)
  }

  /// The same from bytes; `path` is for errors only.
  public init(bytes: [UInt8], path: String) throws {
    var rest = bytes
    try self.init(
      Scanner(path: path) {
        defer { rest = [] }
        return rest
      }, path)
  }

  private init(_ start: Scanner, _ path: String) throws {
    self.path = path
    scanner = start
    try scanner.start()
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

  /// Nil for an empty cell.
  public func optionalInteger(_ column: String) throws -> Int? { try text(column).isEmpty ? nil : integer(column) }

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
  let path: String
  /// What was read and not yet left behind, and the place in it.
  private var bytes: [UInt8] = []
  private var offset = 0
  private var line = 1
  /// The next piece of the file; empty at its end.
  private let read: () throws -> [UInt8]

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  init(path: String, read: @escaping () throws -> [UInt8]) {
    self.path = path
    self.read = read
  }

  /// Steps over a byte-order mark.
  mutating func start() throws {
    while try bytes.count < 3 && more() {}
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { offset = 3 }
  }

  /// Whether there are more bytes, which are then held: what lies behind is let go of only between rows.
  private mutating func more() throws -> Bool {
    let piece = try read()
    bytes += piece
    return !piece.isEmpty
  }

  private mutating func isAtEnd() throws -> Bool { try offset == bytes.count && !more() }

  mutating func row() throws -> (line: Int, cells: [String])? {
    if offset > 1 << 17 {
      bytes.removeFirst(offset)
      offset = 0
    }
    while try endsLine() {}
    if try isAtEnd() { return nil }
    let first = line
    var cells: [String] = []
    while true {
      cells.append(try !isAtEnd() && bytes[offset] == Scanner.quote ? try quoted() : try plain())
      if try !isAtEnd(), bytes[offset] == Scanner.comma {
        offset += 1
        continue
      }
      if try endsLine() { return (first, cells) }
      if try isAtEnd() { return (first, cells) }
      throw failure(.textAfterQuote)
    }
  }

  /// Steps over LF or CRLF if it is next.
  private mutating func endsLine() throws -> Bool {
    if try isAtEnd() { return false }
    if bytes[offset] == Scanner.carriageReturn {
      if offset + 1 == bytes.count { _ = try more() }
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
    while try !isAtEnd() {
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
    while try !isAtEnd() {
      let byte = bytes[offset]
      offset += 1
      if byte == Scanner.quote {
        if try !isAtEnd(), bytes[offset] == Scanner.quote {
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
