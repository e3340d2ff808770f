public import Foundation

/// The world outside the store, as a stage may ask about it while planning and while running.
public struct StageEnvironment: Sendable {
  /// Where relative paths of a recipe start.
  public let workingFolder: URL
  /// Facts given by the caller, such as the kernel family; part of a fingerprint only if a stage returns them.
  public let values: [String: String]
  /// What the caller gives in confidence, such as the key that hashes identifiers: never recorded, never printed.
  public let secrets: [String: Data]
  /// Known digests of files; read while planning, saved only by a run.
  public let digestCache: DigestCache

  public init(
    workingFolder: URL, values: [String: String] = [:], secrets: [String: Data] = [:],
    digestCache: DigestCache = DigestCache()
  ) {
    self.workingFolder = workingFolder
    self.values = values
    self.secrets = secrets
    self.digestCache = digestCache
  }

  /// The value by which the caller says that names of the archive's files are to stand nowhere but where a stage keeps them apart.
  public static let hidesPathsKey = "hide_paths"
  public var hidesPaths: Bool { values[StageEnvironment.hidesPathsKey] == "true" }

  /// A recipe's path as a place on disk.
  public func url(_ path: String) -> URL {
    path.hasPrefix("/") ? URL(filePath: path) : workingFolder.appending(path: path)
  }

  /// SHA-256 of a file's bytes, 64 hex digits; remembered while its size, time and inode stay.
  /// - Throws: `InputMissing` when it isn't there, `FileError` when it can't be read.
  public func digest(of file: URL) throws -> String { try digestCache.digest(of: file) }

  /// One digest of many files: their names and contents, in whatever order they are listed.
  ///
  /// A file that can't be read counts as such and ends nothing.
  public func digest(ofFiles files: [(name: String, file: URL)]) -> String { digestCache.digest(ofFiles: files) }

  /// The same of files that come one by one, in the order of their names and of their absolute paths, byte by byte: for any number of them.
  /// - Parameter next: the next file, nil after the last.
  public func digest(ofSorted next: () throws -> ListedFile?) throws -> String {
    try digestCache.digest(ofSorted: next)
  }

  /// Digests that are known already, to be asked in the order of the absolute paths.
  public func knownDigests() -> KnownDigests { digestCache.known() }

  /// One digest of all files below a folder, by their paths in it. - Throws: `InputMissing` when it isn't there.
  public func digest(ofFolder folder: URL) throws -> String { try digestCache.digest(ofFolder: folder) }
}
