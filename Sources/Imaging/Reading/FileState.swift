import Foundation
import Records

/// What a file looks like from outside: two that differ mean that someone wrote to it in between.
struct FileState: Equatable {
  let size: Int64
  let inode: UInt64
  let seconds: Int
  let nanoseconds: Int

  /// - Throws: `missing_file`, `permission_denied`, `not_a_file` (a folder, a device), `unreadable`, `empty_file`.
  init(_ path: String) throws(DecodeFailure) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileState.failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw DecodeFailure(.notAFile, "not a regular file") }
    if status.st_size == 0 { throw DecodeFailure(.emptyFile, "the file holds no bytes") }
    size = Int64(status.st_size)
    inode = UInt64(status.st_ino)
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    seconds = Int(time.tv_sec)
    nanoseconds = Int(time.tv_nsec)
  }

  /// What an error number of the system means for a file.
  static func failure(_ code: Int32) -> DecodeFailure {
    switch code {
    case ENOENT, ENOTDIR, ELOOP: DecodeFailure(.missingFile, "there is no such file")
    case EACCES, EPERM: DecodeFailure(.permissionDenied, "the file may not be read")
    default: DecodeFailure(.unreadable, "the system cannot read the file (error \(code))")
    }
  }
}
