public import Clustering
public import Records

/// What reviewers asked for, in terms of one archive: constraints on its rows, names for its groups, and every statement that can't be
/// honoured with the lines at fault.
///
/// The order of the statements decides nothing but the order of the report. Where two clash, `ConstraintClosures` says which stands; two names
/// for one group are both left out. What can't be honoured never keeps the rest from being honoured.
public struct Corrections: Sendable, Equatable {
  /// What is heeded, on rows of the archive.
  public let constraints: ConstraintClosures
  /// The new name of each group of the partition; nil where nobody gave one.
  public let names: [String?]
  /// What is not honoured, by line.
  public let problems: [Problem]
  /// The line of each constraint.
  private let lines: [Int]

  /// Statements that are not honoured.
  public struct Problem: Sendable, Hashable {
    public let reason: Reason
    /// Lines that are not honoured, ascending.
    public let lines: [Int]
    /// Lines they contradict, which are honoured, ascending.
    public let against: [Int]

    /// Lines, never what is in them.
    public var sentence: String {
      let place = Problem.place(lines)
      let others = against.isEmpty ? "" : ", by \(Problem.place(against).lowercased())"
      return "\(place) \(lines.count == 1 ? "is" : "are") not honoured: \(reason.meaning)\(others)."
    }

    private static func place(_ lines: [Int]) -> String {
      (lines.count == 1 ? "Line " : "Lines ") + Wording.list(lines.map(String.init), limit: 12)
    }
  }

  public enum Reason: Sendable, Hashable {
    case unknownImage
    /// Several images have that path, such as the frames of a clip; their ids tell them apart.
    case ambiguousImage
    case unknownGroup
    case severalNames
    case conflict(ConstraintConflict.Kind)

    var meaning: String {
      switch self {
      case .unknownImage: "no image of the archive has that id or path"
      case .ambiguousImage: "several images have that path, and only an id tells them apart"
      case .unknownGroup: "there is no group of that number"
      case .severalNames: "a group is given several names"
      case .conflict(.linksRowToItself): "an image is linked to itself"
      case .conflict(.rejectedRow): "the image is rejected"
      case .conflict(.severalGroups): "images that belong together are asked into several groups"
      case .conflict(.mustBeTogether): "the two images must be in one group"
      case .conflict(.askedIntoOneGroup): "the two images are asked into one group"
      case .conflict(.tooFewGroups): "there are not enough groups to keep all these images apart"
      }
    }
  }

  /// - Parameters:
  ///   - ids: of the rows, no two alike. A name is taken for an id where some image has it, else for a path.
  ///   - paths: of the rows, relative to the input root.
  ///   - groupIDs: the persistent number of each group of the partition, no two alike.
  /// - Complexity: O(rows + statements).
  public init(_ statements: [Correction], ids: [ImageID], paths: [String], groupIDs: [Int]) {
    precondition(ids.count == paths.count, "\(ids.count) ids, \(paths.count) paths")
    let images = ImageNames(ids, paths)
    let groups = Dictionary(uniqueKeysWithValues: groupIDs.enumerated().map { ($1, $0) })
    var reading = Reading()
    for statement in statements.sorted(by: Self.precedes) { reading.read(statement, images, groups) }
    let constraints = ConstraintClosures(reading.constraints, rows: ids.count)
    let lines = reading.lines
    var names = [String?](repeating: nil, count: groupIDs.count)
    for group in reading.names.keys.sorted() {
      let given = reading.names[group]!
      if given.allSatisfy({ $0.name == given[0].name }) {
        names[group] = given[0].name
      } else {
        reading.problems.append(Problem(reason: .severalNames, lines: given.map(\.line).sorted(), against: []))
      }
    }
    let conflicts = constraints.conflicts.map { conflict in
      Problem(
        reason: .conflict(conflict.kind), lines: conflict.unheeded.map { lines[$0] }.sorted(),
        against: conflict.against.map { lines[$0] }.sorted())
    }
    self.constraints = constraints
    self.names = names
    self.lines = lines
    problems = Self.sorted(reading.problems + conflicts)
  }

  /// Lines decide; statements that were given the same line by hand still have an order.
  private static func precedes(_ a: Correction, _ b: Correction) -> Bool {
    (a.line, a.action.rawValue, a.image, a.other, a.name) < (b.line, b.action.rawValue, b.image, b.other, b.name)
  }

  fileprivate static func sorted(_ problems: [Problem]) -> [Problem] {
    problems.sorted {
      $0.lines != $1.lines
        ? $0.lines.lexicographicallyPrecedes($1.lines) : $0.against.lexicographicallyPrecedes($1.against)
    }
  }

  /// A partition with the corrections laid over it.
  public struct Applied: Sendable, Equatable {
    /// Groups have the numbers they had.
    public let labels: CorrectedLabels
    /// What is not honoured, by line: the statements' own contradictions, and cannot-links for which there are too few groups.
    public let problems: [Problem]
    /// The lines that gave each changed row its label, ascending; rows that are as they were have none.
    public let lines: [Int: [Int]]
  }

  /// - Parameters:
  ///   - raw: the group of each row.
  ///   - distances: of a row from each group; asked only of rows that corrections name.
  /// - Precondition: `raw` has a label for every id, groups count as `groupIDs` did.
  public func applied(
    to raw: [Int?], searchLimit: Int = 100_000, distances: (_ row: Int) -> [Double]
  ) -> Applied {
    let labels = CorrectedLabels(
      of: raw, groupCount: names.count, constraints, searchLimit: searchLimit, distances: distances)
    var linesOf: [Int: [Int]] = [:]
    for block in constraints.blocks {
      let lines = Set(block.constraints.map { self.lines[$0] }).sorted()
      for row in block.rows where labels.reasons[row] != nil { linesOf[row] = lines }
    }
    for (row, constraints) in constraints.rejected where labels.reasons[row] != nil {
      linesOf[row] = Set(constraints.map { self.lines[$0] }).sorted()
    }
    let unmet = labels.unmet.map {
      Problem(reason: .conflict(.tooFewGroups), lines: [lines[$0]], against: [])
    }
    return Applied(labels: labels, problems: Self.sorted(problems + unmet), lines: linesOf)
  }
}

/// Statements taken one by one, each turned into constraints or into a problem.
private struct Reading {
  var constraints: [GroupConstraint] = []
  var lines: [Int] = []
  var names: [Int: [(line: Int, name: String)]] = [:]
  var problems: [Corrections.Problem] = []

  mutating func read(_ statement: Correction, _ images: ImageNames, _ groups: [Int: Int]) {
    do throws(NotFound) {
      switch statement.action {
      case .mustLink: add(.together(try images.row(statement.image), try images.row(statement.other)), statement)
      case .cannotLink: add(.apart(try images.row(statement.image), try images.row(statement.other)), statement)
      case .reject: add(.rejected(try images.row(statement.image)), statement)
      case .assign:
        let row = try images.row(statement.image)
        add(.inGroup(row: row, group: try group(statement, groups)), statement)
      case .rename: names[try group(statement, groups), default: []].append((statement.line, statement.name))
      }
    } catch {
      problems.append(Corrections.Problem(reason: error.reason, lines: [statement.line], against: []))
    }
  }

  private mutating func add(_ constraint: GroupConstraint, _ statement: Correction) {
    constraints.append(constraint)
    lines.append(statement.line)
  }

  private func group(_ statement: Correction, _ groups: [Int: Int]) throws(NotFound) -> Int {
    guard let number = statement.group, let group = groups[number] else { throw NotFound(reason: .unknownGroup) }
    return group
  }
}

private struct NotFound: Error {
  let reason: Corrections.Reason
}

/// Rows by what reviewers call them. Paths are compared by their parts, so that `./a\b` is `a/b`.
private struct ImageNames {
  private var byID: [String: Int] = [:]
  /// nil where several rows have the path.
  private var byPath: [String: Int?] = [:]

  init(_ ids: [ImageID], _ paths: [String]) {
    for (row, id) in ids.enumerated() {
      let other = byID.updateValue(row, forKey: id.rawValue)
      precondition(other == nil, "rows \(other ?? 0) and \(row) have one id")
    }
    for (row, path) in paths.enumerated() {
      let key = Self.plain(path)
      byPath[key] = .some(byPath[key] == nil ? row : nil)
    }
  }

  func row(_ name: String) throws(NotFound) -> Int {
    if let row = byID[name] { return row }
    guard let found = byPath[Self.plain(name)] else { throw NotFound(reason: .unknownImage) }
    guard let row = found else { throw NotFound(reason: .ambiguousImage) }
    return row
  }

  private static func plain(_ path: String) -> String {
    path.split { $0 == "/" || $0 == "\\" }.filter { $0 != "." }.joined(separator: "/")
  }
}
