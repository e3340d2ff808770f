public import Foundation
public import Records

/// The files to read, in the order of their paths (byte by byte), so that the order in which a disk lists them never matters.
///
/// - Folders are walked: see `FolderWalk` for hidden files and links.
/// - A DICOMDIR named as an input stands for the files it names; in a walked folder it stands for nothing.
/// - A table (a `.csv` named as an input) lists `path[,patient,site,mpp]`; its relative paths start at the table's folder.
/// - Everything else is a file, a rejection or counted as hidden or as a link passed over: nothing is lost.
///
///     let listing = try InputListing([folder], readTable: table)
///     var items = listing.items()
///     while let item = try items.next() { … }
///
/// Memory does not grow with the number of files: tables and the names of large folders are sorted on disk.
public struct InputListing: Sendable {
  /// One file, and what the user's table says of it.
  public struct Entry: Sendable, Hashable {
    /// Relative to `root` and unique.
    public var path: String
    public var file: String
    public var patient: String?
    public var site: String?
    public var micrometresPerPixel: Double?

    public init(path: String, file: String) {
      self.path = path
      self.file = file
    }
  }

  public enum Item: Sendable, Hashable {
    case file(Entry)
    /// Named but not there or not to be read, or left out by `include` and `exclude`.
    case rejected(Rejection)
  }

  /// The one folder given, else the deepest folder that holds all inputs.
  public let root: URL
  private let folders: [String]
  private let named: ExternalSort.Sorted
  private let includes: [GlobPattern]
  private let excludes: [GlobPattern]
  private let spill: URL

  /// What a table says of a file.
  private struct Facts: Codable {
    var patient: String?
    var site: String?
    var micrometresPerPixel: Double?
  }

  /// Reads the tables; folders are walked by `items()`.
  ///
  /// - Parameters:
  ///   - inputs: folders, files and tables, in any order.
  ///   - include: if not empty, only files that fit one of these are taken.
  ///   - exclude: files that fit one of these are not.
  ///   - spill: where what doesn't fit in memory goes, without a name.
  ///   - readTable: hands on the rows of a CSV file, the header first.
  /// - Throws: `InputListingError` for a table that cannot be used, `SpillError`, and whatever `readTable` throws.
  public init(
    _ inputs: [URL], include: [String] = [], exclude: [String] = [],
    spill: URL = FileManager.default.temporaryDirectory,
    readTable: (URL, (_ row: [String]) throws -> Void) throws -> Void
  ) throws {
    self.spill = spill
    includes = include.map(GlobPattern.init)
    excludes = exclude.map(GlobPattern.init)
    var bases: [URL] = []
    var folders: [String] = []
    let sort = ExternalSort(in: spill)
    for input in inputs.map(\.standardizedFileURL).sorted(by: { $0.path < $1.path }) {
      var isFolder: ObjCBool = false
      let isThere = FileManager.default.fileExists(atPath: input.path, isDirectory: &isFolder)
      if isThere && isFolder.boolValue {
        bases.append(input)
        folders.append(input.path)
      } else if input.pathExtension.lowercased() == "csv" {
        bases += try InputListing.add(table: input, to: sort, readTable)
      } else {
        let folder = input.deletingLastPathComponent()
        bases.append(folder)
        try sort.add(key: input.path.utf8)
        // An index of a medium named as an input stands for the files it names; itself it becomes a rejection.
        if let prefix = try? FilePrefix(input.path), prefix.isDirectoryOfDICOM,
          let files = try? DICOMDirectory.referencedFiles(input.path)
        {
          for file in files { try sort.add(key: folder.appending(path: file).path.utf8) }
        }
      }
    }
    root = InputListing.commonFolder(of: bases)
    self.folders = InputListing.outermost(folders)
    named = try sort.finish()
  }

  /// - Returns: folders that the relative paths may start at.
  private static func add(
    table: URL, to sort: ExternalSort, _ readTable: (URL, (_ row: [String]) throws -> Void) throws -> Void
  ) throws -> [URL] {
    let folder = table.deletingLastPathComponent()
    let inside = folder.path == "/" ? "/" : folder.path + "/"
    var bases = [folder]
    var header: [String]?
    var line = 0
    let encoder = JSONEncoder()
    try readTable(table) { row in
      line += 1
      guard let columns = header else {
        header = row.map { $0.lowercased() }
        return
      }
      guard let pathColumn = columns.firstIndex(of: "path") else {
        throw InputListingError.noPathColumn(table: table.path)
      }
      guard row.count > pathColumn, !row[pathColumn].isEmpty else { return }
      func cell(_ name: String) -> String? {
        columns.firstIndex(of: name).flatMap { $0 < row.count && !row[$0].isEmpty ? row[$0] : nil }
      }
      var facts = Facts(patient: cell("patient"), site: cell("site"))
      if let text = cell("mpp") {
        guard let number = Double(text), number.isFinite, number > 0 else {
          throw InputListingError.badNumber(table: table.path, line: line, column: "mpp")
        }
        facts.micrometresPerPixel = number
      }
      let path = row[pathColumn]
      let file = (path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)).standardizedFileURL
      if !file.path.hasPrefix(inside) {
        // One folder stands for all: the list of those that differ may be as long as the table.
        bases = [commonFolder(of: bases + [file.deletingLastPathComponent()])]
      }
      try sort.add(key: file.path.utf8, value: try encoder.encode(facts))
    }
    if header?.contains("path") != true { throw InputListingError.noPathColumn(table: table.path) }
    return bases
  }

  /// Those that lie in no other, in the order of their paths with a slash at the end. A folder within another counts as the other's part
  /// unless something between them is hidden, as the walk would not come there.
  private static func outermost(_ folders: [String]) -> [String] {
    let places = folders.map { (path: $0, real: FolderWalk.real(Array($0.utf8)) ?? Array($0.utf8)) }
    var kept: [(path: String, real: [UInt8])] = []
    for place in places {
      let isInside = places.contains { other in
        guard other.real != place.real, place.real.starts(with: other.real) else { return false }
        let between = place.real[other.real.count...].split(separator: UInt8(ascii: "/"))
        return !between.contains { $0.first == UInt8(ascii: ".") }
      }
      if !isInside && !kept.contains(where: { $0.real == place.real }) { kept.append(place) }
    }
    return kept.map(\.path).sorted { ($0 + "/").utf8.lexicographicallyPrecedes(($1 + "/").utf8) }
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

extension InputListing {
  /// Walks from the beginning. Folders are read when their turn comes.
  public func items() -> Items { Items(self) }

  /// The listing in progress. Not for use by several threads at once.
  public final class Items {
    private let listing: InputListing
    private let prefix: [UInt8]
    private let walk: FolderWalk
    private var named: ExternalSort.Sorted.Reader
    private var nextWalked: FolderWalk.Found?
    private var nextNamed: (path: [UInt8], facts: Facts)?
    private var followingNamed: ExternalSort.Record?
    private var isStarted = false

    fileprivate init(_ listing: InputListing) {
      self.listing = listing
      let root = listing.root.path
      prefix = Array((root == "/" ? "/" : root + "/").utf8)
      walk = FolderWalk(listing.folders, spill: listing.spill)
      named = listing.named.reader()
    }

    /// Hidden files and folders so far; all of them after the last item.
    public var hidden: Int { walk.hidden }
    /// Links to what is listed anyway, so far.
    public var passedOverLinks: Int { walk.passedOverLinks }

    /// The next file or rejection in the order of their paths; nil after the last.
    /// - Throws: `SpillError`.
    public func next() throws -> Item? {
      if !isStarted {
        isStarted = true
        nextWalked = try walk.next()
        followingNamed = try named.next()
        try advanceNamed()
      }
      guard let found = nextWalked else {
        guard let (path, facts) = nextNamed else { return nil }
        try advanceNamed()
        return item(named: path, facts)
      }
      if let (path, facts) = nextNamed {
        let walked = Items.path(of: found)
        if path == walked {
          nextWalked = try walk.next()
          try advanceNamed()
          if case .failure(let path, let failure) = found { return rejected(path, failure) }
          return file(path, facts)
        }
        if path.lexicographicallyPrecedes(walked) {
          try advanceNamed()
          return item(named: path, facts)
        }
      }
      nextWalked = try walk.next()
      switch found {
      case .file(let path): return file(path, Facts())
      case .failure(let path, let failure): return rejected(path, failure)
      }
    }

    private static func path(of found: FolderWalk.Found) -> [UInt8] {
      switch found {
      case .file(let path), .failure(let path, _): path
      }
    }

    /// Of rows that name one file, the last counts.
    private func advanceNamed() throws {
      nextNamed = nil
      while let record = followingNamed {
        if let known = nextNamed, known.path != record.key { return }
        let facts = record.value.isEmpty ? nil : try JSONDecoder().decode(Facts.self, from: Data(record.value))
        nextNamed = (record.key, facts ?? nextNamed?.facts ?? Facts())
        followingNamed = try named.next()
      }
    }

    /// A file that nobody found by walking may be anything.
    private func item(named path: [UInt8], _ facts: Facts) -> Item {
      var status = stat()
      let text = String(decoding: path, as: UTF8.self)
      guard stat(text, &status) == 0 else { return rejected(path, FileState.failure(errno)) }
      switch status.st_mode & S_IFMT {
      case S_IFREG: return file(path, facts)
      case S_IFDIR: return rejected(path, DecodeFailure(.notAFile, "a folder; name it as an input to have it walked"))
      default: return rejected(path, DecodeFailure(.notAFile, "a pipe, a socket or a device"))
      }
    }

    private func file(_ path: [UInt8], _ facts: Facts) -> Item {
      guard let full = String(validating: path, as: UTF8.self) else {
        return rejected(path, DecodeFailure(.unreadable, "its name is not UTF-8"))
      }
      let name = relative(path)
      let isWanted = listing.includes.isEmpty || listing.includes.contains { $0.matches(name) }
      if !isWanted { return rejected(path, DecodeFailure(.filteredOut, "no include pattern fits")) }
      if listing.excludes.contains(where: { $0.matches(name) }) {
        return rejected(path, DecodeFailure(.filteredOut, "an exclude pattern fits"))
      }
      var entry = Entry(path: name, file: full)
      entry.patient = facts.patient
      entry.site = facts.site
      entry.micrometresPerPixel = facts.micrometresPerPixel
      return .file(entry)
    }

    private func rejected(_ path: [UInt8], _ failure: DecodeFailure) -> Item {
      .rejected(Rejection(path: relative(path), code: failure.code, message: failure.message, stage: "ingest"))
    }

    private func relative(_ path: [UInt8]) -> String {
      if path + [UInt8(ascii: "/")] == prefix { return "." }
      return String(decoding: path.starts(with: prefix) ? path[prefix.count...] : path[...], as: UTF8.self)
    }
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
