import CZlib
import Foundation

/// Looks for words in every byte of a file: as UTF-8 and UTF-16, in any letter case, as hexadecimal and base64, and in whatever zlib, gzip or
/// raw deflate streams the file holds.
struct ByteScan {
  private let patterns: [(word: String, bytes: [UInt8])]

  init(_ words: [String]) {
    patterns = words.flatMap { word -> [(word: String, bytes: [UInt8])] in
      let forms = [word, word.lowercased(), word.uppercased()]
      var all = forms.map { Array($0.utf8) }
      all += forms.flatMap { form in
        [
          form.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] },
          form.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] },
        ]
      }
      all.append(Array(word.utf8.map { String(format: "%02x", $0) }.joined().utf8))
      // Base64 at each of its three phases, without the characters at the ends that depend on neighbours.
      for phase in 0..<3 {
        let text = (Data(count: phase) + Data(word.utf8)).base64EncodedString()
        all.append(Array(text.utf8.dropFirst(phase == 0 ? 0 : phase + 1).dropLast(4)))
      }
      return all.filter { $0.count >= 6 }.map { (word, $0) }
    }
  }

  /// The words that are found, sorted.
  func findings(in data: Data) -> [String] {
    let bytes = [UInt8](data)
    var found = Set(search(bytes))
    for unpacked in ByteScan.streams(in: bytes) { found.formUnion(search(unpacked)) }
    return found.sorted()
  }

  private func search(_ bytes: [UInt8]) -> [String] {
    var first = [[Int]](repeating: [], count: 256)
    for (index, pattern) in patterns.enumerated() { first[Int(pattern.bytes[0])].append(index) }
    var found: Set<String> = []
    for start in bytes.indices {
      for index in first[Int(bytes[start])] {
        let pattern = patterns[index].bytes
        if start + pattern.count <= bytes.count, bytes[start..<start + pattern.count].elementsEqual(pattern) {
          found.insert(patterns[index].word)
        }
      }
    }
    return found.sorted()
  }

  /// What every place that looks like the head of a zlib or gzip stream unpacks to.
  static func streams(in bytes: [UInt8]) -> [[UInt8]] {
    bytes.indices.dropLast(4).compactMap { start in
      let isZlib = bytes[start] == 0x78 && (Int(bytes[start]) << 8 | Int(bytes[start + 1])) % 31 == 0
      let isGzip = bytes[start] == 0x1f && bytes[start + 1] == 0x8b
      return isZlib || isGzip ? inflated(bytes, from: start) : nil
    }
  }

  private static func inflated(_ bytes: [UInt8], from start: Int) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: 1 << 22)
    var input = Array(bytes[start...])
    let written = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = uInt(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = uInt(output.count)
        _ = inflate(&stream, Z_FINISH)
        return output.count - Int(stream.avail_out)
      }
    }
    return written > 0 ? Array(output.prefix(written)) : nil
  }
}
