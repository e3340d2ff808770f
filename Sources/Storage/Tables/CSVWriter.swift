public import Foundation

/// Writes a CSV file row by row: RFC 4180 quoting, LF line ends, UTF-8 without a byte-order mark, columns in one fixed order.
///
///     try CSVWriter.write(to: url, columns: ["path", "code"]) { writer in
///       for rejection in rejections { try writer.row([rejection.path, rejection.code.rawValue]) }
///     }
///
/// A cell is quoted only if it must be: if it holds a comma, a quote or a line end, or is empty and alone in its row. Cells that start with
/// `=`, `+`, `-` or `@` are left as they are, so that tables read back exactly; open a table of an archive that you don't trust as
/// text in a spreadsheet, which may otherwise take such a cell for a formula. The version of a table is its header line.
public final class CSVWriter {
  public let columns: [String]
  private let handle: FileHandle
  private var buffer: [UInt8] = []
  private static let bufferBytes = 1 << 16

  /// Writes aside, then renames: readers see the old table or the whole new one.
  /// - Throws: the system's error, or what `body` throws; then nothing is left behind.
  /// - Parameter mode: permissions of the file; nil for those of the process.
  public static func write(to url: URL, columns: [String], mode: mode_t? = nil, _ body: (CSVWriter) throws -> Void)
    throws
  {
    precondition(!columns.isEmpty && Set(columns).count == columns.count, "columns \(columns)")
    try AtomicFile.replace(url) { aside in
      try Data().write(to: aside)
      if let mode { chmod(aside.path, mode) }
      let handle = try FileHandle(forWritingTo: aside)
      defer { try? handle.close() }
      let writer = CSVWriter(columns: columns, handle: handle)
      try writer.row(columns)
      try body(writer)
      try writer.flush()
    }
  }

  private init(columns: [String], handle: FileHandle) {
    self.columns = columns
    self.handle = handle
  }

  /// - Precondition: as many cells as columns.
  public func row(_ cells: [String]) throws {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    for (place, cell) in cells.enumerated() {
      if place > 0 { buffer.append(UInt8(ascii: ",")) }
      append(cell, alone: cells.count == 1)
    }
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= CSVWriter.bufferBytes { try flush() }
  }

  private func append(_ cell: String, alone: Bool) {
    let mustQuote = cell.utf8.contains {
      $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
    }
    if !mustQuote && !(alone && cell.isEmpty) && !cell.utf8.starts(with: [0xef, 0xbb, 0xbf]) {
      buffer.append(contentsOf: cell.utf8)
      return
    }
    buffer.append(UInt8(ascii: "\""))
    for byte in cell.utf8 {
      if byte == UInt8(ascii: "\"") { buffer.append(byte) }
      buffer.append(byte)
    }
    buffer.append(UInt8(ascii: "\""))
  }

  private func flush() throws {
    try handle.write(contentsOf: buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
