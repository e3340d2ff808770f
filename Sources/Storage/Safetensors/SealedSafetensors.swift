import Crypto
public import Foundation

/// Files that know whether a byte of them was changed: the metadata `sha256` is the SHA-256 of the whole file with these 64 digits as
/// zeros. For state that a program takes up again unseen.
extension SafetensorsFile {
  /// A flat tensor of floats that is written from where it lies, without a copy.
  public struct FloatsInPlace {
    let name: String
    let values: UnsafeBufferPointer<Float>

    public init(_ name: String, _ values: UnsafeBufferPointer<Float>) {
      self.name = name
      self.values = values
    }

    fileprivate var extent: Extent {
      Extent(name: name, shape: [values.count], rank: Extent.floats, count: values.count)
    }
  }

  private static let sealKey = "sha256"
  private static let zeros = String(repeating: "0", count: 64)

  /// Writes tensors and metadata aside, seals them, forces them to disk and renames: whoever reads `url`, even after a crash at any moment,
  /// finds the file before or the whole one after. - Complexity: O(bytes); no more than one of `tensors` is copied at a time.
  /// - Precondition: no two tensors of one name; no metadata `sha256`; a little-endian machine.
  public static func writeSealed(
    _ tensors: [Tensor], inPlace: [FloatsInPlace], metadata: [String: String], to url: URL
  ) throws {
    precondition(metadata[sealKey] == nil, "metadata \(sealKey) is the seal's")
    precondition(1.littleEndian == 1, "floats in place are written as they lie")
    var parts: [(extent: Extent, write: (_ take: (UnsafeRawBufferPointer) throws -> Void) throws -> Void)] = []
    for tensor in tensors {
      parts.append(
        (
          tensor.extent,
          { take in
            var data = Data()
            tensor.append(to: &data)
            try data.withUnsafeBytes { try take($0) }
          }
        ))
    }
    for part in inPlace { parts.append((part.extent, { take in try take(UnsafeRawBufferPointer(part.values)) })) }
    parts.sort { $0.extent < $1.extent }
    let head = head(parts.map(\.extent), metadata.merging([sealKey: zeros]) { $1 })
    let place = sealPlace(in: head)!
    try AtomicFile.replace(url) { aside in
      try Data().write(to: aside)
      let file = try FileHandle(forWritingTo: aside)
      defer { try? file.close() }
      var hash = SHA256()
      func take(_ bytes: UnsafeRawBufferPointer) throws {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        hash.update(bufferPointer: bytes)
        try file.write(
          contentsOf: Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count, deallocator: .none))
      }
      try head.withUnsafeBytes { try take($0) }
      for part in parts { try part.write(take) }
      try file.seek(toOffset: UInt64(place.lowerBound))
      try file.write(contentsOf: Data(digits(hash.finalize()).utf8))
    }
  }

  /// Opens a file that `writeSealed` wrote. - Complexity: reads every byte.
  /// - Throws: as `init(reading:)`, and `SafetensorsError` of problem `brokenSeal` when a byte is not as it was written.
  public init(sealed url: URL) throws {
    try self.init(reading: url)
    let broken = SafetensorsError(path: path, problem: .brokenSeal)
    guard let place = SafetensorsFile.sealPlace(in: bytes.prefix(dataStart)), place.upperBound <= dataStart else {
      throw broken
    }
    let start = bytes.startIndex
    var hash = SHA256()
    hash.update(data: bytes[start..<start + place.lowerBound])
    hash.update(data: Data(SafetensorsFile.zeros.utf8))
    hash.update(data: bytes[(start + place.upperBound)...])
    let found = bytes[start + place.lowerBound..<start + place.upperBound]
    if Data(SafetensorsFile.digits(hash.finalize()).utf8) != found { throw broken }
  }

  /// Where the 64 digits stand, counted from the start of the file. Quotes in names and values are escaped, so nothing else looks like it.
  private static func sealPlace(in head: Data) -> Range<Int>? {
    guard let key = head.range(of: Data("\"\(sealKey)\":\"".utf8)) else { return nil }
    let begin = key.upperBound - head.startIndex
    return begin..<begin + zeros.utf8.count
  }

  private static func digits(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
