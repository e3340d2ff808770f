public import Foundation

/// Labels that somebody else gave, to score groups by. They never touch the fit.
///
/// A CSV with the column `path` and one of labels, perhaps also `patient`. Paths are compared part by part, `\` counts as `/`, and a leading `./` or `/` as nothing.
public struct TruthTable: Sendable, Equatable {
  /// One path, normalised, and its label; nil if the file lists it with several different ones, so that it can't be used.
  public struct Row: Sendable, Equatable {
    public var path: String
    public var label: String?
    /// Whose image it is; empty where the table doesn't say.
    public var patient: String

    public init(path: String, label: String?, patient: String = "") {
      self.path = path
      self.label = label
      self.patient = patient
    }
  }

  /// In the order of the file, each path once.
  public let rows: [Row]

  public init(rows given: [(path: String, label: String)]) {
    self.init(given.map { Row(path: $0.path, label: $0.label) })
  }

  private init(_ given: [Row]) {
    var places: [String: Int] = [:]
    var rows: [Row] = []
    for var row in given {
      row.path = TruthTable.parts(row.path).joined(separator: "/")
      if let place = places[row.path] {
        if rows[place].label != row.label { rows[place].label = nil }
      } else {
        places[row.path] = rows.count
        rows.append(row)
      }
    }
    self.rows = rows
  }

  /// Reads `path`, the label column of that name, and `patient` where there is one. - Throws: the system's error, or `CSVError`.
  public init(reading url: URL, column: String = "label") throws {
    var reader = try CSVReader(url)
    try reader.require(["path", column])
    let hasPatients = reader.columns.contains("patient")
    self.init(
      try reader.map {
        Row(
          path: try $0.text("path"), label: try $0.text(column), patient: hasPatients ? try $0.text("patient") : "")
      })
  }

  /// How images found their labels.
  public struct Match: Sendable, Equatable {
    /// One an image, in the order asked; nil where none was found or the finding was ambiguous.
    public var labels: [String?]
    /// Whose image each is, as far as the table says; empty where it doesn't.
    public var patients: [String]
    /// Images matched by the whole path relative to the input root, by two or more trailing parts of it, and by file name alone.
    public var byPath = 0
    public var bySuffix = 0
    public var byName = 0
    /// Images for which several rows came into question, or one row for several images, or a row with several labels.
    public var ambiguous = 0
    /// Rows of the table that no image took.
    public var unmatchedRows = 0

    public var matched: Int { byPath + bySuffix + byName }
    public var unmatchedImages: Int { labels.count - matched }
  }

  /// Finds the row of each image: by equal path, else by the longest run of trailing parts, down to the file name, that it shares with any
  /// row not taken yet. Where that run points to several rows, or several images claim the row, none of them gets it.
  /// - Parameter paths: relative to the input root.
  /// - Complexity: O((images + rows) · depth of folders).
  public func match(_ paths: [String]) -> Match {
    let images = paths.map { TruthTable.parts($0) }
    let table = rows.map { TruthTable.parts($0.path) }
    var match = Match(
      labels: [String?](repeating: nil, count: paths.count), patients: [String](repeating: "", count: paths.count))
    var openImages = Array(images.indices)
    var openRows = Array(table.indices)
    /// One round: images and rows under equal keys find each other; both leave the game, matched or not.
    func settle(_ key: ([String]) -> String?, _ counter: WritableKeyPath<Match, Int>) {
      var claims: [String: (images: [Int], rows: [Int])] = [:]
      for image in openImages {
        if let key = key(images[image]) { claims[key, default: ([], [])].images.append(image) }
      }
      for row in openRows { if let key = key(table[row]), claims[key] != nil { claims[key]!.rows.append(row) } }
      var settledImages = Set<Int>()
      var settledRows = Set<Int>()
      for claim in claims.values where !claim.rows.isEmpty {
        settledImages.formUnion(claim.images)
        settledRows.formUnion(claim.rows)
        if claim.images.count == 1 && claim.rows.count == 1, let label = rows[claim.rows[0]].label {
          match.labels[claim.images[0]] = label
          match.patients[claim.images[0]] = rows[claim.rows[0]].patient
          match[keyPath: counter] += 1
        } else {
          match.ambiguous += claim.images.count
        }
      }
      openImages.removeAll { settledImages.contains($0) }
      openRows.removeAll { settledRows.contains($0) }
    }
    settle({ $0.joined(separator: "/") }, \.byPath)
    let deepest = min(images.map(\.count).max() ?? 0, table.map(\.count).max() ?? 0)
    for depth in stride(from: deepest, through: 1, by: -1) {
      settle({ $0.count < depth ? nil : $0.suffix(depth).joined(separator: "/") }, depth > 1 ? \.bySuffix : \.byName)
    }
    match.unmatchedRows = rows.count - match.matched
    return match
  }

  /// The names of a path's folders and its file, as paths are compared by.
  package static func parts(_ path: String) -> [String] {
    path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.map { String($0)! }.filter { $0 != "." }
  }
}
