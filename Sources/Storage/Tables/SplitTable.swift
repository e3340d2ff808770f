public import Foundation

/// A table that somebody else made, of images or patients and the part of a study they belong to: `test`, `train`.
///
/// A CSV with a column `id`, `path` or `patient` (the first of these it has; `patient_id`, `PatientID` and the like count as `patient`) and, if
/// only some rows are meant, a column `split`. Letters' case, spaces and `_` in the names of columns and splits make no difference.
/// Cells may name patients: errors give lines, never content.
public struct SplitTable: Sendable, Equatable {
  /// What the rows name.
  public enum Subject: String, Sendable, CaseIterable { case id, path, patient }

  public struct Row: Sendable, Equatable {
    /// The line, from 1, where the row starts.
    public var line: Int
    public var name: String
    public var isHeldOut: Bool

    public init(line: Int, name: String, isHeldOut: Bool) {
      self.line = line
      self.name = name
      self.isHeldOut = isHeldOut
    }
  }

  public let subject: Subject
  /// In the order of the file, a name once for each side it is on.
  public let rows: [Row]

  public init(subject: Subject, rows: [Row]) {
    self.subject = subject
    self.rows = rows
  }

  /// The splits that are held out where nobody says which, and those that are trained on.
  public static let heldOutNames = ["test", "testing", "val", "valid", "validation", "dev", "held_out", "hold_out"]
  public static let trainingNames = ["train", "training"]

  /// - Parameter splits: those to hold out; empty: `heldOutNames`, where the file has splits, else every row.
  /// - Throws: the system's error, or `SplitTableError`.
  public init(reading url: URL, splits: [String] = []) throws {
    do {
      var reader = try CSVReader(url)
      try self.init(&reader, splits: splits)
    } catch let error as CSVError {
      throw SplitTableError.notATable(line: error.line, error.problem.withoutContent)
    }
  }

  private init(_ reader: inout CSVReader, splits: [String]) throws {
    let columns = reader.columns.map(SplitTable.plain)
    func place(_ names: [String]) throws -> Int? {
      let places = columns.indices.filter { names.contains(columns[$0]) }
      if places.count > 1 { throw SplitTableError.severalColumns(names[0]) }
      return places.first
    }
    let named = try Subject.allCases.lazy.compactMap { subject in
      try place(SplitTable.spellings[subject]!).map { (subject, $0) }
    }
    guard let (subject, column) = named.first else { throw SplitTableError.namesNothing(columns: columns.count) }
    let split = try place(["split"])
    if split == nil && !splits.isEmpty { throw SplitTableError.noSplits }
    let wanted = Set((splits.isEmpty ? SplitTable.heldOutNames : splits).map(SplitTable.plain))
    let trained = Set(SplitTable.trainingNames.map(SplitTable.plain))
    var found = Set<String>()
    var seen = Set<String>()
    var rows: [Row] = []
    while let row = try reader.next() {
      let name = row.cells[column].trimmingCharacters(in: .whitespacesAndNewlines)
      if name.isEmpty { throw SplitTableError.emptyName(line: row.line, subject) }
      var isHeldOut = true
      if let split {
        let word = SplitTable.plain(row.cells[split])
        found.insert(word)
        isHeldOut = wanted.contains(word)
        if splits.isEmpty, !isHeldOut, !trained.contains(word) { throw SplitTableError.unknownSplit(line: row.line) }
      }
      if seen.insert((isHeldOut ? "+" : "-") + name).inserted {
        rows.append(Row(line: row.line, name: name, isHeldOut: isHeldOut))
      }
    }
    for name in splits where !found.contains(SplitTable.plain(name)) {
      let known = (SplitTable.heldOutNames + SplitTable.trainingNames).filter { found.contains(SplitTable.plain($0)) }
      throw SplitTableError.absentSplit(name, known: known)
    }
    self.init(subject: subject, rows: rows)
  }

  private static let spellings: [Subject: [String]] = [
    .id: ["id"], .path: ["path"], .patient: ["patient", "patientid"],
  ]

  private static func plain(_ name: String) -> String {
    String(
      String.UnicodeScalarView(name.lowercased().unicodeScalars.filter { !" _-\t\u{feff}".unicodeScalars.contains($0) })
    )
  }
}

/// A split file that can't be understood. It gives lines and counts, never a cell.
public enum SplitTableError: Error, Equatable, CustomStringConvertible {
  case notATable(line: Int, String)
  /// None of the columns that name something; perhaps there is no header line.
  case namesNothing(columns: Int)
  case severalColumns(String)
  case emptyName(line: Int, SplitTable.Subject)
  /// Splits were asked for by name, and there is no such column.
  case noSplits
  /// A word that is neither a usual name of what is held out nor of what is trained on.
  case unknownSplit(line: Int)
  /// A split that no row has; `known` are the usual names that some row has.
  case absentSplit(String, known: [String])

  public var description: String {
    switch self {
    case .notATable(let line, let problem): "line \(line) of the file: \(problem)"
    case .namesNothing(let columns):
      "the file has \(columns == 1 ? "one column, which is not called" : "\(columns) columns, none of them called") id, path or patient; its first line must name them"
    case .severalColumns(let name): "the file has several columns that could be \(name)"
    case .emptyName(let line, let subject): "line \(line) of the file: the column \(subject.rawValue) is empty"
    case .noSplits: "split is given, but the file has no column split; without one, every row is held out"
    case .unknownSplit(let line):
      "line \(line) of the file: a split that is neither \(SplitTable.heldOutNames.joined(separator: ", ")) nor \(SplitTable.trainingNames.joined(separator: ", ")); say which to hold out, such as split: [test]"
    case .absentSplit(let name, let known):
      "no row of the file is of the split \"\(name)\""
        + (known.isEmpty ? "" : "; there \(known.count == 1 ? "is" : "are") \(known.joined(separator: ", "))")
    }
  }
}
