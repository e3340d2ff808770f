public import Foundation
public import Records

/// `corrections.csv`: what a reviewer says is wrong with the groups, one statement a row.
///
///     action,image,other,group,name,note
///     must_link,3f9a0c11d2e4b567,chest/0012.png,,,the same patient twice
///     rename,,,4,hands,
///
/// `action` is `must_link`, `cannot_link`, `assign`, `rename` or `reject`; letters' case, spaces and `-` make no difference there. Only
/// `action` must be a column; an absent one is empty. Cells that an action has no use for are not looked at. Cells may name patients: errors
/// give lines, never content.
public enum CorrectionsTable {
  public static let columns = ["action", "image", "other", "group", "name", "note"]

  /// In the order of the file. - Throws: the system's error, or `CorrectionsTableError`.
  public static func read(from url: URL) throws -> [Correction] {
    do {
      var reader = try CSVReader(url)
      if !reader.columns.contains("action") { throw CorrectionsTableError.noActions(columns: reader.columns.count) }
      return try reader.map(correction)
    } catch let error as CSVError {
      throw CorrectionsTableError.notATable(line: error.line, error.problem.withoutContent)
    }
  }

  public static func write(_ corrections: [Correction], to url: URL) throws {
    try CSVWriter.write(to: url, columns: columns) { writer in
      for correction in corrections {
        try writer.row([
          correction.action.rawValue, correction.image, correction.other,
          correction.group.map { NumberText.text($0) } ?? "", correction.name, correction.note,
        ])
      }
    }
  }

  private static func correction(_ row: CSVRow) throws -> Correction {
    func cell(_ column: String) -> String { (row[column] ?? "").trimmingCharacters(in: .whitespacesAndNewlines) }
    let word = cell("action").lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 }
    guard let action = Correction.Action(rawValue: String(word)) else {
      throw CorrectionsTableError.unknownAction(line: row.line)
    }
    var correction = Correction(
      line: row.line, action: action, image: cell("image"), other: cell("other"), name: cell("name"), note: cell("note")
    )
    func need(_ column: String) throws {
      if cell(column).isEmpty { throw CorrectionsTableError.emptyCell(line: row.line, action, column: column) }
    }
    switch action {
    case .mustLink, .cannotLink:
      try need("image")
      try need("other")
    case .reject: try need("image")
    case .assign: try need("image")
    case .rename: try need("name")
    }
    if action == .assign || action == .rename {
      try need("group")
      guard let group = Int(cell("group")), group >= 0 else { throw CorrectionsTableError.notAGroup(line: row.line) }
      correction.group = group
    }
    return correction
  }
}

/// A file of corrections that can't be understood. It gives lines and counts, never a cell.
public enum CorrectionsTableError: Error, Equatable, CustomStringConvertible {
  case notATable(line: Int, String)
  /// No column `action`; perhaps there is no header line.
  case noActions(columns: Int)
  case unknownAction(line: Int)
  case emptyCell(line: Int, Correction.Action, column: String)
  case notAGroup(line: Int)

  public var description: String {
    switch self {
    case .notATable(let line, let problem): "line \(line) of the file: \(problem)"
    case .noActions(let columns):
      "the file has \(columns == 1 ? "one column, which is not called" : "\(columns) columns, none of them called") action; its first line must be \(CorrectionsTable.columns.joined(separator: ","))"
    case .unknownAction(let line):
      "line \(line) of the file: an action that is none of \(Correction.Action.allCases.map(\.rawValue).joined(separator: ", "))"
    case .emptyCell(let line, let action, let column):
      "line \(line) of the file: \(action.rawValue) needs the column \(column), which is empty"
    case .notAGroup(let line): "line \(line) of the file: the column group does not hold a group's number, 0 or more"
    }
  }
}
