import CArchive
import Records

/// The members of a zip file through libarchive, stored or deflated.
enum ZipMembers {
  struct Member: Equatable {
    let name: String
    let size: Int
  }

  /// No file of arrays has more.
  static let most = 10_000

  /// Name and inflated size of each, in the order of the file.
  static func list(_ path: String) throws(DecodeFailure) -> [Member] {
    let archive = try ZipStream(path)
    var members: [Member] = []
    while let member = try archive.next() {
      members.append(member)
      if members.count > most { throw DecodeFailure(.tooLarge, "a zip file of more than \(most) members") }
    }
    return members
  }

  /// The bytes of member `index`.
  static func stream(_ path: String, _ index: Int) throws(DecodeFailure) -> any ByteStream {
    let archive = try ZipStream(path)
    for _ in 0...index {
      guard try archive.next() != nil else { throw DecodeFailure(.truncated, "the zip file has lost a member") }
    }
    return archive
  }
}

/// Owns one open archive of libarchive, standing at a member.
private final class ZipStream: ByteStream {
  private let archive: OpaquePointer

  init(_ path: String) throws(DecodeFailure) {
    _ = try FileState(path)
    guard let archive = archive_read_new() else { throw DecodeFailure(.unreadable, "no memory for an archive reader") }
    self.archive = archive
    archive_read_support_format_zip_seekable(archive)
    guard archive_read_open_filename(archive, path, 1 << 16) == ARCHIVE_OK else {
      throw DecodeFailure(.corrupt, "the zip file cannot be opened")
    }
  }

  deinit { archive_read_free(archive) }

  /// The next member; nil after the last.
  func next() throws(DecodeFailure) -> ZipMembers.Member? {
    var entry: OpaquePointer?
    let code = archive_read_next_header(archive, &entry)
    if code == ARCHIVE_EOF { return nil }
    guard code >= ARCHIVE_WARN, let entry else {
      throw DecodeFailure(.corrupt, "the zip file's directory is damaged or ends early")
    }
    if archive_entry_is_encrypted(entry) != 0 { throw DecodeFailure(.unsupportedEncoding, "an encrypted zip file") }
    let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
    return ZipMembers.Member(name: name, size: Int(clamping: max(0, archive_entry_size(entry))))
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(DecodeFailure) -> Int {
    var count = 0
    while count < target.count {
      let got = archive_read_data(archive, target.baseAddress! + count, target.count - count)
      if got < 0 { throw DecodeFailure(.corrupt, "a member of the zip file cannot be inflated") }
      if got == 0 { break }
      count += got
    }
    return count
  }
}
