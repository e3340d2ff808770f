import Crypto
import Foundation

/// SHA-256 in the 64 hex digits that every record of this module holds.
enum ContentDigest {
  static func of(_ text: String) -> String { hex(SHA256.hash(data: Data(text.utf8))) }

  /// Digest of a set of named digests, whatever order they come in.
  static func of(_ digests: [(name: String, digest: String)]) -> String {
    var all = OfNames()
    for entry in digests.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      all.add(entry.name, entry.digest)
    }
    return all.digest
  }

  /// The same of names that come in the order of their bytes.
  struct OfNames {
    private var hasher = SHA256()

    mutating func add(_ name: String, _ digest: String) {
      hasher.update(data: Data(name.utf8))
      // A name can't hold a zero byte, so no two lists of names and digests run together into the same bytes.
      hasher.update(data: [0])
      hasher.update(data: Data(digest.utf8))
      hasher.update(data: [0])
    }

    var digest: String { hex(hasher.finalize()) }
  }

  /// Digest of a file's bytes, read in blocks of 1 MiB. - Throws: `InputMissing`, `FileError`.
  static func of(file: URL) throws -> String {
    var info = stat()
    // A pipe would keep whoever opens it waiting.
    if stat(file.path, &info) == 0, info.st_mode & S_IFMT != S_IFREG {
      throw FileError(.read, path: file.path, code: EINVAL)
    }
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      if errno == ENOENT || errno == ENOTDIR { throw InputMissing(path: file.path) }
      throw FileError(.read, path: file.path, code: errno)
    }
    defer { close(descriptor) }
    var hasher = SHA256()
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { block.deallocate() }
    while true {
      let count = read(descriptor, block.baseAddress, block.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(.read, path: file.path, code: errno)
      }
      if count == 0 { return hex(hasher.finalize()) }
      hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: block[..<count]))
    }
  }

  private static func hex(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
