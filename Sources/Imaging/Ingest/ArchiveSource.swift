import CArchive
import Foundation
import Records

/// A collection of files in one, recognised by its first bytes.
enum ArchiveFormat: Sendable {
  case zip, tar, sevenZip
  /// gzip, bzip2 or xz, within which there may be a tar.
  case compressed

  init?(prefix: [UInt8]) {
    func starts(_ bytes: [UInt8], at offset: Int = 0) -> Bool { prefix.dropFirst(offset).starts(with: bytes) }
    if starts([0x50, 0x4b, 3, 4]) || starts([0x50, 0x4b, 5, 6]) {
      self = .zip
    } else if starts(Array("ustar".utf8), at: 257) {
      self = .tar
    } else if starts([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]) {
      self = .sevenZip
    } else if starts([0x1f, 0x8b]) || starts(Array("BZh".utf8)) || starts([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) {
      self = .compressed
    } else {
      return nil
    }
  }
}

/// Bounds on what an archive may unpack to, so that a file of a few kilobytes cannot fill a disk.
public enum ArchiveLimits {
  /// Bytes of one entry.
  public static let entryBytes = 8 << 30
  /// An entry of more than `expansionFloor` bytes may hold at most so many times the bytes it was packed in.
  public static let expansion = 500
  public static let expansionFloor = 64 << 20
}

/// The entries of an archive as files, in the archive's order, each unpacked into the spool when its turn comes.
///
/// Names are shown, never used on disk: `study.zip!/inner/a.dcm`. Folders and hidden entries are passed over, the latter counted; links,
/// devices and encrypted entries are rejected, and so is an archive within the archive. Where an archive breaks off, or an entry
/// unpacks to more than `ArchiveLimits` allow, one row says that the rest was not read. The C library is libarchive.
final class ArchiveSource: UnitSource {
  private let outer: ReadingFile
  private let spool: SpoolFolder
  private let step: Int
  private let archive: OpaquePointer
  private var entries = 0
  private var isFinished = false
  /// Whether opening was tried, and went well.
  private var isOpen = false
  private var isRead = false
  private var waiting: [ReadingOutcome] = []

  /// `AE_IFDIR` and `AE_IFREG`, which Swift cannot import.
  private static let folder: mode_t = 0o040000
  private static let regularFile: mode_t = 0o100000

  init(_ outer: ReadingFile, _ format: ArchiveFormat, spool: SpoolFolder, step: Int) {
    self.outer = outer
    self.spool = spool
    self.step = step
    guard let archive = archive_read_new() else { preconditionFailure("no memory for an archive's reader") }
    self.archive = archive
    switch format {
    case .zip: archive_read_support_format_zip(archive)
    case .sevenZip: archive_read_support_format_7zip(archive)
    case .tar: archive_read_support_format_tar(archive)
    case .compressed:
      archive_read_support_filter_gzip(archive)
      archive_read_support_filter_bzip2(archive)
      archive_read_support_filter_xz(archive)
      archive_read_support_format_tar(archive)
    }
  }

  deinit { archive_read_free(archive) }

  func next() throws -> Pulled<ReadingUnit, ReadingOutcome> {
    while true {
      if !waiting.isEmpty { return .outcome(waiting.removeFirst()) }
      if isFinished { return .finished }
      if let pulled = try advance() { return pulled }
    }
  }

  /// The next entry; nil for one that is passed over.
  private func advance() throws -> Pulled<ReadingUnit, ReadingOutcome>? {
    if !isOpen {
      isOpen = true
      if archive_read_open_filename(archive, outer.place, 1 << 16) != ARCHIVE_OK { return .outcome(breakOff()) }
      isRead = true
    }
    var entry: OpaquePointer?
    let code = archive_read_next_header(archive, &entry)
    if code == ARCHIVE_EOF {
      isFinished = true
      return nil
    }
    guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry else { return .outcome(breakOff()) }
    entries += 1
    let kind = archive_entry_filetype(entry)
    if kind == ArchiveSource.folder { return nil }
    let name = ArchiveSource.name(of: entry) ?? "entry \(entries)"
    if name.split(separator: "/").contains(where: { $0.hasPrefix(".") && $0 != ".." }) {
      return .outcome(ReadingOutcome(content: .hidden))
    }
    let path = outer.entry.path + "!/" + name
    func reject(_ code: Rejection.Code, _ message: String) -> Pulled<ReadingUnit, ReadingOutcome> {
      .outcome(rejection(path, code, message))
    }
    if archive_entry_hardlink(entry) != nil || kind != ArchiveSource.regularFile {
      return reject(.notAFile, "a link or a device within an archive")
    }
    if archive_entry_is_encrypted(entry) != 0 { return reject(.encrypted, "the archive's entry is encrypted") }
    do throws(DecodeFailure) {
      guard let file = try unpack() else { return reject(.emptyFile, "the file holds no bytes") }
      var shown = outer.entry
      shown.path = path
      return .unit(ReadingUnit(file: ReadingFile(shown, digest: nil, spooled: file), items: 0..<step))
    } catch {
      if error.code == .tooLarge {
        isFinished = true
        waiting = [rejection(outer.entry.path, .tooLarge, "an entry unpacks to too much; what follows it was not read")]
      }
      return reject(error.code, error.message)
    }
  }

  /// Writes the entry's bytes to the spool; nil for an entry without any.
  private func unpack() throws(DecodeFailure) -> SpooledFile? {
    let file: SpooledFile
    let descriptor: Int32
    do { (file, descriptor) = try spool.makeFile() } catch {
      throw DecodeFailure(.unreadable, "there is no room to unpack it")
    }
    defer { close(descriptor) }
    let packedBefore = archive_filter_bytes(archive, -1)
    var total = 0
    var block = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = archive_read_data(archive, &block, block.count)
      if count == 0 { return total > 0 ? file : nil }
      if count < 0 {
        if count == Int(ARCHIVE_WARN) || count == Int(ARCHIVE_RETRY) { continue }
        throw failure("the entry cannot be unpacked")
      }
      total += count
      let packed = Int(archive_filter_bytes(archive, -1) - packedBefore) + (1 << 16)
      if total > ArchiveLimits.entryBytes {
        throw DecodeFailure(.tooLarge, "unpacks to more than \(ArchiveLimits.entryBytes >> 30) GiB")
      }
      if total > ArchiveLimits.expansionFloor && total / ArchiveLimits.expansion > packed {
        throw DecodeFailure(.tooLarge, "unpacks to more than \(ArchiveLimits.expansion) times its bytes")
      }
      var written = 0
      while written < count {
        let step = block.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, count - written) }
        if step < 0 && errno == EINTR { continue }
        if step <= 0 { throw DecodeFailure(.unreadable, "there is no room to unpack it") }
        written += step
      }
    }
  }

  /// One row for what of the archive cannot be read.
  private func breakOff() -> ReadingOutcome {
    isFinished = true
    // The library must not be asked for encryption where it knows no format: it then reads beyond its list of formats.
    if ArchiveSource.isUnknown(archive) {
      return rejection(outer.entry.path, .unknownFormat, "a compressed file that holds no archive")
    }
    if isRead && archive_read_has_encrypted_entries(archive) > 0 {
      return rejection(outer.entry.path, .encrypted, "the archive is encrypted")
    }
    let failure = failure("the archive breaks off after \(entries) entries")
    return rejection(outer.entry.path, failure.code, failure.message)
  }

  private static func isUnknown(_ archive: OpaquePointer) -> Bool {
    archive_error_string(archive).map { String(cString: $0).contains("Unrecognized archive format") } ?? false
  }

  /// What the library's last error is, in our words.
  private func failure(_ message: String) -> DecodeFailure {
    let words = archive_error_string(archive).map { String(cString: $0) } ?? ""
    let isCut = words.lowercased().contains("truncated") || words.lowercased().contains("end of file")
    return DecodeFailure(isCut ? .truncated : .corrupt, message)
  }

  private func rejection(_ path: String, _ code: Rejection.Code, _ message: String) -> ReadingOutcome {
    ReadingOutcome(content: .rejected(Rejection(path: path, code: code, message: message, stage: "ingest")))
  }

  /// What the archive calls it, without slashes or `./` before it.
  private static func name(of entry: OpaquePointer) -> String? {
    guard let raw = archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry) else { return nil }
    let parts = String(cString: raw).split(separator: "/").filter { $0 != "." }
    return parts.isEmpty ? nil : parts.joined(separator: "/")
  }
}
