package import Foundation

/// A room or a border: its name, how many lines it has, and which others it imports.
package struct Room: Equatable, Sendable {
  package let name: String
  /// Lines with something on them, in Swift and C alike.
  package let lines: Int
  /// Names of other rooms and borders, sorted.
  package let imports: [String]
  /// A system library behind a module map, in `Sources/Foreign`.
  package let isBorder: Bool

  package init(name: String, lines: Int, imports: [String], isBorder: Bool = false) {
    self.name = name
    self.lines = lines
    self.imports = imports
    self.isBorder = isBorder
  }
}

/// All rooms and borders under `Sources`, in the order in which Package.swift lists them.
package struct House: Equatable, Sendable {
  package let rooms: [Room]
  /// Folders that hold sources but are no target.
  package let unlisted: [String]

  package init(rooms: [Room], unlisted: [String] = []) {
    self.rooms = rooms
    self.unlisted = unlisted
  }

  /// Reads a checkout. - Throws: the system's error if a file can't be read.
  package init(root: URL) throws {
    let sources = root.appending(path: "Sources").resolvingSymlinksInPath()
    let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
      .filter { !$0.isWhitespace }
    let borders = try House.folders(in: sources.appending(path: "Foreign"))
    let names = try House.folders(in: sources).filter { $0 != "Foreign" }
    let known = Set(names + borders)
    var rooms: [(place: String.Index?, room: Room)] = []
    for name in names + borders {
      let isBorder = borders.contains(name)
      let folder = isBorder ? "Foreign/\(name)" : name
      let texts = try House.texts(in: sources.appending(path: folder))
      if texts.isEmpty { continue }
      let imports = Set(texts.flatMap { House.imports(of: $0) }).intersection(known).subtracting([name])
      let lines = texts.reduce(0) { $0 + House.lines(of: $1) }
      rooms.append(
        (
          House.place(of: name, folder: folder, in: manifest),
          Room(name: name, lines: lines, imports: imports.sorted(), isBorder: isBorder)
        ))
    }
    self.rooms = rooms.filter { $0.place != nil }.sorted { $0.place! < $1.place! }.map(\.room)
    unlisted = rooms.filter { $0.place == nil }.map(\.room.name).sorted()
  }

  /// Where Package.swift, less its white space, names a target, by name or by path.
  private static func place(of name: String, folder: String, in manifest: String) -> String.Index? {
    let spellings = [
      "room(\"\(name)\"", "border(\"\(name)\"", "name:\"\(name)\"", "path:\"Sources/\(folder)\"",
    ]
    return spellings.compactMap { manifest.range(of: $0)?.lowerBound }.min()
  }

  /// Modules imported by a file of Swift, conditional ones included.
  package static func imports(of text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      var words = line.split(separator: " ")
      while let first = words.first, first.hasPrefix("@") || modifiers.contains(String(first)) { words.removeFirst() }
      guard words.count >= 2, words[0] == "import" else { return nil }
      let path = kinds.contains(String(words[1])) && words.count > 2 ? words[2] : words[1]
      return path.split(separator: ".").first.map(String.init)
    }
  }

  private static let modifiers: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
  private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
  private static let extensions: Set<String> = ["swift", "c", "h", "inc", "cpp", "hpp", "modulemap"]

  private static func lines(of text: String) -> Int {
    text.split(separator: "\n").reduce(0) { $0 + ($1.allSatisfy(\.isWhitespace) ? 0 : 1) }
  }

  private static func folders(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isDirectoryKey])
      .filter { (try? $0.resolvingSymlinksInPath().resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true }
      .map(\.lastPathComponent).filter { !$0.hasPrefix(".") }.sorted()
  }

  /// Contents of all source files below a folder; their order doesn't matter.
  private static func texts(in folder: URL) throws -> [String] {
    let files = FileManager.default.enumerator(at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: nil)
    var texts: [String] = []
    while let file = files?.nextObject() as? URL {
      if extensions.contains(file.pathExtension) { texts.append(try String(contentsOf: file, encoding: .utf8)) }
    }
    return texts
  }
}
