public import Foundation

/// Files that appear whole or not at all: written aside in the same folder, forced to disk, then renamed over the target.
///
/// A crash leaves at most a file named `.<name>.partial-<process>`, never a half-written target.
public enum AtomicFile {
  /// Lets `body` write a file aside and puts it in the place of `url`.
  /// - Throws: what `body` or the system throws; then the file aside is gone and `url` is as it was.
  public static func replace<R>(_ url: URL, _ body: (_ aside: URL) throws -> R) throws -> R {
    let folder = url.deletingLastPathComponent()
    let aside = folder.appending(
      path: ".\(url.lastPathComponent).partial-\(ProcessInfo.processInfo.processIdentifier)",
      directoryHint: .notDirectory)
    do {
      let result = try body(aside)
      try synchronize(aside)
      if rename(aside.path, url.path) != 0 { throw systemError(url) }
      try? synchronize(folder)  // some file systems refuse to sync a folder; the file itself is safe
      return result
    } catch {
      unlink(aside.path)
      throw error
    }
  }

  /// Writes bytes as the whole content of `url`.
  public static func write(_ data: Data, to url: URL) throws { try replace(url) { try data.write(to: $0) } }

  /// Writes UTF-8 text as the whole content of `url`.
  public static func write(_ text: String, to url: URL) throws { try write(Data(text.utf8), to: url) }

  private static func synchronize(_ url: URL) throws {
    let descriptor = open(url.path, O_RDONLY)
    if descriptor < 0 { throw systemError(url) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw systemError(url) }
  }

  private static func systemError(_ url: URL) -> any Error {
    CocoaError(
      .fileWriteUnknown,
      userInfo: [NSFilePathErrorKey: url.path, NSUnderlyingErrorKey: POSIXError(.init(rawValue: errno) ?? .EIO)])
  }
}
