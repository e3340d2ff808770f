package import Foundation

/// What changes the disk for the store and the published folder; stages write their own files. A seam for tests that
/// refuse the n-th change.
package protocol Disk: Sendable {
  /// With all folders above it; fine if it is there.
  func makeFolder(_ folder: URL) throws
  /// A new file, forced to the medium.
  func write(_ data: Data, to file: URL) throws
  /// Puts a file or folder in place of a file, an empty folder or nothing, at once.
  func rename(_ source: URL, to target: URL) throws
  /// A file, or a folder with all in it; fine if it isn't there.
  func remove(_ place: URL) throws
  /// A copy with bytes of its own, in place of nothing.
  func copy(_ source: URL, to target: URL) throws
  /// Forces what was written to a file to the medium.
  func flush(_ file: URL) throws
}

extension Disk {
  /// Writes aside and renames: readers see the old bytes or the new ones.
  func replace(_ file: URL, with data: Data, aside: URL) throws {
    try makeFolder(aside.deletingLastPathComponent())
    try write(data, to: aside)
    try makeFolder(file.deletingLastPathComponent())
    try rename(aside, to: file)
  }
}

/// The disk of this machine.
package struct LocalDisk: Disk {
  private let isDurable: Bool

  /// - Parameter isDurable: false where nobody minds what a power cut leaves: tests, where waiting for the medium is most of the time.
  package init(isDurable: Bool = true) { self.isDurable = isDurable }

  package func makeFolder(_ folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(.createFolder, path: folder.path, code: LocalDisk.code(of: error))
    }
  }

  package func write(_ data: Data, to file: URL) throws {
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw FileError(.write, path: file.path, code: errno) }
    defer { close(descriptor) }
    try data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        // The corresponding C function is hidden by this method's name.
        let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if count < 0 {
          if errno == EINTR { continue }
          throw FileError(.write, path: file.path, code: errno)
        }
        done += count
      }
    }
    if isDurable, fsync(descriptor) != 0 { throw FileError(.write, path: file.path, code: errno) }
  }

  package func rename(_ source: URL, to target: URL) throws {
    if Foundation.rename(source.path, target.path) != 0 { throw FileError(.rename, path: target.path, code: errno) }
  }

  package func remove(_ place: URL) throws {
    do {
      try FileManager.default.removeItem(at: place)
    } catch let error as CocoaError where error.code == .fileNoSuchFile {
    } catch {
      throw FileError(.remove, path: place.path, code: LocalDisk.code(of: error))
    }
  }

  package func copy(_ source: URL, to target: URL) throws {
    do {
      try FileManager.default.copyItem(at: source, to: target)
    } catch {
      throw FileError(.write, path: target.path, code: LocalDisk.code(of: error))
    }
  }

  package func flush(_ file: URL) throws {
    if !isDurable { return }
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileError(.write, path: file.path, code: errno) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw FileError(.write, path: file.path, code: errno) }
  }

  /// The system's number inside Foundation's error.
  private static func code(of error: any Error) -> Int32 {
    let outer = error as NSError
    let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError
    for error in [inner, outer].compactMap({ $0 }) where error.domain == NSPOSIXErrorDomain {
      return Int32(truncatingIfNeeded: error.code)
    }
    return EIO
  }
}
