/// The JSON at the head of a safetensors file, and no more of JSON than that: an object of `__metadata__` (text to text) and tensors.
///
///     {"__metadata__":{"format":"pt"},"cls_token":{"dtype":"F32","shape":[1,1,192],"data_offsets":[0,768]}}
///
/// A reader of our own, because Foundation's takes the last of two equal keys in silence, and this must refuse them.
struct SafetensorsHeader {
  struct Entry: Equatable {
    var type: String
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  var metadata: [String: String] = [:]
  /// In the order of the header.
  var entries: [(name: String, entry: Entry)] = []

  init(metadata: [String: String] = [:]) { self.metadata = metadata }

  /// Parses `bytes`; spaces may follow the object. - Throws: `SafetensorsError`.
  init(_ bytes: [UInt8], path: String) throws {
    var parser = Parser(bytes: bytes, path: path)
    var names = Set<String>()
    var seenMetadata = false
    guard bytes.first == UInt8(ascii: "{") else { throw parser.failure("{") }
    try parser.object { key, parser in
      if key == "__metadata__" {
        if seenMetadata { throw SafetensorsError(path: path, problem: .duplicateName(key)) }
        seenMetadata = true
        try parser.object { name, parser in
          let value = try parser.string()
          if self.metadata.updateValue(value, forKey: name) != nil {
            throw SafetensorsError(path: path, problem: .duplicateName(name))
          }
        }
        return
      }
      if !names.insert(key).inserted { throw SafetensorsError(path: path, problem: .duplicateName(key)) }
      self.entries.append((key, try SafetensorsHeader.entry(&parser)))
    }
    try parser.end()
  }

  private static func entry(_ parser: inout Parser) throws -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try parser.object { key, parser in
      switch key {
      case "dtype" where type == nil: type = try parser.string()
      case "shape" where shape == nil: shape = try parser.integers()
      case "data_offsets" where offsets == nil: offsets = try parser.integers()
      default: throw parser.failure("dtype, shape and data_offsets, once each,")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw parser.failure("dtype, shape and two data_offsets")
    }
    return Entry(type: type, shape: shape, begin: offsets[0], end: offsets[1])
  }

  /// Compact JSON in the order of `entries`, metadata sorted by key, spaces to a multiple of eight bytes: as the format's own library writes it.
  func encoded() -> [UInt8] {
    var text = "{"
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      text += "\"__metadata__\":{"
      text += pairs.map { SafetensorsHeader.quoted($0.key) + ":" + SafetensorsHeader.quoted($0.value) }.joined(
        separator: ",")
      text += entries.isEmpty ? "}" : "},"
    }
    text += entries.map { name, entry in
      let shape = entry.shape.map { "\($0)" }.joined(separator: ",")
      return SafetensorsHeader.quoted(name)
        + ":{\"dtype\":\"\(entry.type)\",\"shape\":[\(shape)],\"data_offsets\":[\(entry.begin),\(entry.end)]}"
    }.joined(separator: ",")
    var bytes = Array((text + "}").utf8)
    while bytes.count % 8 != 0 { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\u{0}"..."\u{1f}":
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// A strict reader of the little JSON that the header uses: objects, strings, arrays of whole numbers.
private struct Parser {
  let bytes: [UInt8]
  let path: String
  var offset = 0

  init(bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  func failure(_ expected: String) -> SafetensorsError {
    SafetensorsError(path: path, problem: .header(offset: offset, expected: expected))
  }

  mutating func object(_ member: (_ key: String, _ parser: inout Parser) throws -> Void) throws {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(key, &self)
    } while take(",")
    try expect("}")
  }

  /// Whole numbers of at most 18 digits, none negative.
  mutating func integers() throws -> [Int] {
    var values: [Int] = []
    try expect("[")
    if take("]") { return values }
    repeat {
      skipSpaces()
      let start = offset
      var value = 0
      while offset < bytes.count, case 0x30...0x39 = bytes[offset], offset - start < 18 {
        value = value * 10 + Int(bytes[offset] - 0x30)
        offset += 1
      }
      if offset == start || (bytes[start] == 0x30 && offset > start + 1) { throw failure("a whole number") }
      values.append(value)
    } while take(",")
    try expect("]")
    return values
  }

  mutating func string() throws -> String {
    try expect("\"")
    var text: [UInt8] = []
    while true {
      guard offset < bytes.count else { throw failure("\"") }
      let byte = bytes[offset]
      if byte < 0x20 { throw failure("text without control characters") }
      offset += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") { try escape(into: &text) } else { text.append(byte) }
    }
    guard let result = String(validating: text, as: UTF8.self) else { throw failure("UTF-8") }
    return result
  }

  private mutating func escape(into text: inout [UInt8]) throws {
    guard offset < bytes.count else { throw failure("an escape") }
    let byte = bytes[offset]
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if 0xd800...0xdbff ~= code {
        guard take(raw: "\\"), take(raw: "u") else { throw failure("the second half of a surrogate pair") }
        let low = try hexadecimal()
        guard 0xdc00...0xdfff ~= low else { throw failure("the second half of a surrogate pair") }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("a character") }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: throw failure("an escape")
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard offset < bytes.count, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
        throw failure("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  mutating func end() throws {
    skipSpaces()
    if offset != bytes.count { throw failure("the end") }
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    if !take(character) { throw failure(String(character)) }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    return take(raw: character)
  }

  private mutating func take(raw character: Unicode.Scalar) -> Bool {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpaces() {
    while offset < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[offset]) { offset += 1 }
  }
}
