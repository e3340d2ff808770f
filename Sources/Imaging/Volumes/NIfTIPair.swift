import Foundation
import Records

/// The two files of a volume whose header (`.hdr`) and voxels (`.img`) lie apart, either of them perhaps in gzip.
enum NIfTIPair {
  /// Whether `path` is that of voxels with a header beside it.
  static func isPixelFile(_ path: String) -> Bool {
    guard let headers = siblings(of: path, ".img", ".hdr") else { return false }
    return headers.contains { path in
      guard let header = try? bytes(of: path) else { return false }
      return NIfTIHeader.isBegun(by: header)
    }
  }

  /// The file of the voxels of the header at `path`.
  /// - Throws: `missing_companion`.
  static func pixelFile(of path: String) throws(DecodeFailure) -> String {
    guard let found = siblings(of: path, ".hdr", ".img")?.first(where: { FileManager.default.fileExists(atPath: $0) })
    else {
      throw DecodeFailure(.missingCompanion, "a header alone: the file of its voxels (.img) is not beside it")
    }
    return found
  }

  /// The first bytes of the header, inflated where they lie in gzip.
  static func bytes(of path: String) throws(DecodeFailure) -> [UInt8] {
    let stream = try stream(path)
    var failure: DecodeFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: NIfTIHeader.longest) { target, count in
      do throws(DecodeFailure) { count = try stream.read(into: UnsafeMutableRawBufferPointer(target)) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The file's bytes, inflated where it is a gzip file.
  static func stream(_ path: String) throws(DecodeFailure) -> any ByteStream {
    let file = try FileStream(path)
    var first: (UInt8, UInt8) = (0, 0)
    let count = try withUnsafeMutableBytes(of: &first) { bytes throws(DecodeFailure) in try file.read(into: bytes) }
    if count == 2 && first == (0x1f, 0x8b) { return try GzipStream(path) }
    file.jump(to: 0)
    return file
  }

  /// `path` with another ending, in the spelling it has, with and without ".gz"; nil where it does not end so.
  private static func siblings(of path: String, _ ending: String, _ other: String) -> [String]? {
    let isPacked = path.lowercased().hasSuffix(".gz")
    let plain = isPacked ? String(path.dropLast(3)) : path
    guard plain.lowercased().hasSuffix(ending) else { return nil }
    let stem = String(plain.dropLast(4))
    let swapped = plain.hasSuffix(ending.uppercased()) ? stem + other.uppercased() : stem + other
    return isPacked ? [swapped + ".gz", swapped] : [swapped, swapped + ".gz"]
  }
}
