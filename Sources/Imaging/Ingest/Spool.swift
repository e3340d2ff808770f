import Foundation
import Records
import Synchronization

/// A private folder for what comes out of archives: mode 0700, made when first needed, removed with its owner. Files in it are numbered;
/// nothing that an archive says becomes a name on disk.
final class SpoolFolder: Sendable {
  private let place: String
  private let made = Mutex(0)

  init(in folder: URL) { place = folder.appending(path: ".spool-\(UUID().uuidString)").path }

  deinit { if made.withLock({ $0 > 0 }) { rmdir(place) } }

  /// A new empty file, open for writing. - Throws: `SpillError`.
  func makeFile() throws -> (file: SpooledFile, descriptor: Int32) {
    let number = try made.withLock { number in
      if number == 0, mkdir(place, 0o700) != 0 { throw SpillError(code: errno) }
      number += 1
      return number
    }
    let path = place + "/\(number)"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw SpillError(code: errno) }
    return (SpooledFile(path, in: self), descriptor)
  }
}

/// One file of the spool; gone with its owner.
final class SpooledFile: Sendable {
  let path: String
  private let folder: SpoolFolder

  init(_ path: String, in folder: SpoolFolder) {
    self.path = path
    self.folder = folder
  }

  deinit { unlink(path) }
}
