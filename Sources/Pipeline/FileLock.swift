import Foundation

/// A lock between processes and between runs in one process, given back when it is let go or its process dies.
/// The corresponding C function is `flock`.
final class FileLock: Sendable {
  private let descriptor: Int32
  private let path: String

  private init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    // Removed before it is given back: whoever opened it meanwhile sees another file there and opens anew.
    unlink(path)
    close(descriptor)
  }

  /// The lock, or nil while someone else has it. - Throws: `FileError`.
  static func attempt(_ file: URL) throws -> FileLock? {
    while true {
      let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      if descriptor < 0 { throw FileError(.lock, path: file.path, code: errno) }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let code = errno
        if code == EWOULDBLOCK || code == EINTR {
          close(descriptor)
          if code == EINTR { continue }
          return nil
        }
        // A disk without locks: renaming at once still keeps every result whole, only work may be done twice.
        if code != ENOLCK && code != EOPNOTSUPP {
          close(descriptor)
          throw FileError(.lock, path: file.path, code: code)
        }
      }
      var held = stat()
      var named = stat()
      if fstat(descriptor, &held) == 0, stat(file.path, &named) == 0, held.st_ino == named.st_ino {
        return FileLock(descriptor: descriptor, path: file.path)
      }
      close(descriptor)
    }
  }
}
