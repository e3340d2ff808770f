public import Foundation
public import Records

/// The files to read, sorted by path, so that the order in which a disk lists them never matters.
///
/// - Folders are walked. Hidden files and folders (names beginning with a dot) are passed over and only counted.
/// - A symbolic link is another name of a file: it is followed, and a file or folder reached twice is listed once, under its
///   real path if that lies within the folder. Loops therefore end.
/// - A table (a `.csv` named as an input) lists `path[,patient,site,mpp]`; its relative paths start at the table's folder.
/// - Everything else is an entry, a rejection or counted as hidden: nothing is lost.
public struct InputListing: Sendable {
  /// One file, and what the user's table says of it.
  public struct Entry: Sendable, Hashable {
    public var path: String
    public var file: URL
    public var patient: String?
    public var site: String?
    public var micrometresPerPixel: Double?
  }

  /// Sorted by `path`, which is relative to `root` and unique.
  public private(set) var entries: [Entry] = []
  /// What was named but is not there or may not be read, and files left out by `include` and `exclude`.
  public private(set) var rejections: [Rejection] = []
  public private(set) var hidden = 0
  /// The one folder given, else the deepest folder that holds all inputs.
  public private(set) var root: URL

  /// - Parameters:
  ///   - inputs: folders, files and tables, in any order.
  ///   - include: if not empty, only files that fit one of these are taken.
  ///   - exclude: files that fit one of these are not.
  ///   - readTable: the rows of a CSV file, the header first.
  /// - Throws: `InputListingError` for a table that cannot be used, and whatever `readTable` throws.
  public init(
    _ inputs: [URL], include: [String] = [], exclude: [String] = [], readTable: (URL) throws -> [[String]]
  ) throws {
    var found = Found()
    for input in inputs.map(\.standardizedFileURL).sorted(by: { $0.path < $1.path }) {
      if input.pathExtension.lowercased() == "csv" {
        try found.add(table: input, rows: readTable(input))
      } else {
        found.add(input)
      }
    }
    root = InputListing.commonFolder(of: found.bases)
    let prefix = root.path == "/" ? "/" : root.path + "/"
    func relative(_ path: String) -> String { path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path }
    let includes = include.map(GlobPattern.init)
    let excludes = exclude.map(GlobPattern.init)
    hidden = found.hidden
    for (path, facts) in found.files.sorted(by: { $0.key < $1.key }) {
      let name = relative(path)
      let isWanted = includes.isEmpty || includes.contains { $0.matches(name) }
      if isWanted && !excludes.contains(where: { $0.matches(name) }) {
        entries.append(
          Entry(
            path: name, file: URL(filePath: path), patient: facts.patient, site: facts.site,
            micrometresPerPixel: facts.micrometresPerPixel))
      } else {
        let why = isWanted ? "an exclude pattern fits" : "no include pattern fits"
        rejections.append(Rejection(path: name, code: .filteredOut, message: why, stage: "ingest"))
      }
    }
    for (path, failure) in found.failures {
      rejections.append(Rejection(path: relative(path), code: failure.code, message: failure.message, stage: "ingest"))
    }
    entries.sort { $0.path < $1.path }
    rejections.sort { $0.path < $1.path }
  }

  /// The deepest folder that is above, or is, each of `folders`.
  private static func commonFolder(of folders: [URL]) -> URL {
    var common = folders.first?.pathComponents ?? ["/"]
    for folder in folders.dropFirst() {
      common = zip(common, folder.pathComponents).prefix { $0 == $1 }.map(\.0)
    }
    return URL(filePath: "/" + common.dropFirst().joined(separator: "/"), directoryHint: .isDirectory)
  }
}

/// A table of inputs that cannot be used.
public enum InputListingError: Error, Sendable, Equatable, CustomStringConvertible {
  case noPathColumn(table: String)
  case badNumber(table: String, line: Int, column: String)

  public var description: String {
    switch self {
    case .noPathColumn(let table): "\(table) has no column named path"
    case .badNumber(let table, let line, let column): "\(table), line \(line): the \(column) is no positive number"
    }
  }
}

/// What the walk has found so far, by absolute path.
private struct Found {
  struct Facts {
    var patient: String?
    var site: String?
    var micrometresPerPixel: Double?
  }

  var files: [String: Facts] = [:]
  var failures: [(path: String, DecodeFailure)] = []
  var hidden = 0
  /// Folders that the relative paths may start at.
  var bases: [URL] = []
  private var visited: Set<String> = []

  mutating func add(_ input: URL) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: input.path, isDirectory: &isFolder) else {
      bases.append(input.deletingLastPathComponent())
      failures.append((input.path, DecodeFailure(.missingFile, "there is no such file or folder")))
      return
    }
    if isFolder.boolValue {
      bases.append(input)
      walk(input)
    } else {
      bases.append(input.deletingLastPathComponent())
      files[input.path, default: Facts()] = files[input.path] ?? Facts()
    }
  }

  mutating func add(table: URL, rows: [[String]]) throws {
    let folder = table.deletingLastPathComponent()
    let header = (rows.first ?? []).map { $0.lowercased() }
    guard let pathColumn = header.firstIndex(of: "path") else {
      throw InputListingError.noPathColumn(table: table.path)
    }
    bases.append(folder)
    for (line, row) in rows.enumerated().dropFirst() where row.count > pathColumn && !row[pathColumn].isEmpty {
      func cell(_ name: String) -> String? {
        header.firstIndex(of: name).flatMap { $0 < row.count && !row[$0].isEmpty ? row[$0] : nil }
      }
      var facts = Facts(patient: cell("patient"), site: cell("site"))
      if let text = cell("mpp") {
        guard let number = Double(text), number.isFinite, number > 0 else {
          throw InputListingError.badNumber(table: table.path, line: line + 1, column: "mpp")
        }
        facts.micrometresPerPixel = number
      }
      let path = row[pathColumn]
      let file = (path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)).standardizedFileURL
      if !file.path.hasPrefix(folder.path) { bases.append(file.deletingLastPathComponent()) }
      // Whether it is there is found out when it is read.
      files[file.path] = facts
    }
  }

  /// All real files first, then what links lead to, in order of their paths.
  private mutating func walk(_ top: URL) {
    var links: [URL] = []
    descend(top, &links)
    links.sort { $0.path < $1.path }
    var next = 0
    while next < links.count {
      let link = links[next]
      next += 1
      let target = link.resolvingSymlinksInPath()
      var isFolder: ObjCBool = false
      if !FileManager.default.fileExists(atPath: target.path, isDirectory: &isFolder) {
        failures.append((link.path, DecodeFailure(.missingFile, "a link to nothing")))
      } else if isFolder.boolValue {
        var further: [URL] = []
        descend(link, &further)
        links += further.sorted { $0.path < $1.path }
      } else if visited.insert(target.path).inserted {
        files[link.path] = files[link.path] ?? Facts()
      }
    }
  }

  private mutating func descend(_ folder: URL, _ links: inout [URL]) {
    let real = folder.resolvingSymlinksInPath().path
    guard visited.insert(real).inserted else { return }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder.path) } catch {
      failures.append((folder.path, DecodeFailure(.permissionDenied, "the folder cannot be listed")))
      return
    }
    for name in names.sorted() {
      if name.hasPrefix(".") {
        hidden += 1
        continue
      }
      let path = folder.path + "/" + name
      var status = stat()
      switch lstat(path, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG {
      case S_IFLNK: links.append(URL(filePath: path, directoryHint: .notDirectory))
      case S_IFDIR: descend(URL(filePath: path, directoryHint: .isDirectory), &links)
      default:
        // Sockets and devices too: reading refuses them with a reason.
        if visited.insert(real + "/" + name).inserted { files[path] = files[path] ?? Facts() }
      }
    }
  }
}
