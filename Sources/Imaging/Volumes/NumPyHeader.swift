import Records

/// The header of a `.npy` file (NumPy Enhancement Proposal 1, versions 1 to 3): type, order and shape of one array. Nothing is ever evaluated.
struct NumPyHeader: Equatable {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Headers that matter are a hundred bytes long.
  static let longest = 4096

  let type: StoredPixels.SampleType
  let isBigEndian: Bool
  /// One byte a number, 0 or 1.
  let isBoolean: Bool
  let isFortranOrder: Bool
  let shape: [Int]
  /// Bytes before the first number.
  let offset: Int

  var count: Int { shape.reduce(1, *) }

  /// - Parameter raw: the beginning of the file, `longest` bytes where there are so many.
  /// - Throws: `corrupt`, `truncated`, `unsupported_encoding` for objects (pickles), texts, records and complex numbers, `too_large`.
  init(_ raw: UnsafeRawBufferPointer) throws(DecodeFailure) {
    guard raw.count >= 10 else { throw DecodeFailure(.truncated, "the NumPy header ends early") }
    guard raw.starts(NumPyHeader.magic), let version = raw.byte(6), (1...3).contains(version) else {
      throw DecodeFailure(.corrupt, "no NumPy header")
    }
    let length =
      version == 1
      ? Int(raw.integer(8, UInt16.self, bigEndian: false) ?? 0)
      : Int(raw.integer(8, UInt32.self, bigEndian: false) ?? 0)
    offset = (version == 1 ? 10 : 12) + length
    guard offset <= NumPyHeader.longest else {
      throw DecodeFailure(.unsupportedEncoding, "a NumPy header of \(length) bytes")
    }
    guard let text = raw.slice(offset - length, length) else {
      throw DecodeFailure(.truncated, "the NumPy header ends early")
    }
    var parser = DictionaryParser(Array(text))
    guard let fields = parser.fields() else { throw DecodeFailure(.corrupt, "the NumPy header is damaged") }
    let kind = Array(fields.description)
    guard kind.count >= 2 else { throw DecodeFailure(.unsupportedEncoding, "an array of records") }
    isBigEndian = kind[0] == ">"
    isBoolean = kind.dropFirst().elementsEqual("b1")
    let types: [String: StoredPixels.SampleType] = [
      "b1": .uint8, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32, "i4": .int32, "u8": .uint64,
      "i8": .int64, "f4": .float32, "f8": .float64,
    ]
    guard ["<", ">", "|", "="].contains(kind[0]), let type = types[String(kind.dropFirst())] else {
      throw DecodeFailure(.unsupportedEncoding, "an array of objects, texts or numbers that no picture has")
    }
    self.type = type
    isFortranOrder = fields.isFortranOrder
    shape = fields.shape
    var total = type.width
    for length in shape {
      let (product, overflow) = total.multipliedReportingOverflow(by: length)
      if overflow || product > 1 << 48 { throw DecodeFailure(.tooLarge, "an array of more than 256 TiB") }
      total = product
    }
  }
}

extension UnsafeRawBufferPointer {
  func starts(_ bytes: [UInt8]) -> Bool { count >= bytes.count && prefix(bytes.count).elementsEqual(bytes) }
}

/// The literal of a Python dictionary with the keys `descr`, `fortran_order` and `shape`, and no more of Python than that.
private struct DictionaryParser {
  struct Fields {
    var description = ""
    var isFortranOrder = false
    var shape: [Int] = []
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// nil where it is anything else. A description that is no text (of records) stays empty.
  mutating func fields() -> Fields? {
    var fields = Fields()
    var seen: Set<String> = []
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = text(), seen.insert(key).inserted, take(":") else { return nil }
      switch key {
      case "descr":
        // A list says: records. Nothing more is wanted of it.
        if peek("[") { return Fields() }
        guard let description = text() else { return nil }
        fields.description = description
      case "fortran_order":
        if take("True") { fields.isFortranOrder = true } else if !take("False") { return nil }
      case "shape":
        guard let shape = tuple() else { return nil }
        fields.shape = shape
      default: return nil
      }
      if !take(",") && !peek("}") { return nil }
    }
    return seen.count == 3 ? fields : nil
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
  }

  private mutating func peek(_ word: String) -> Bool {
    skipSpace()
    return bytes[position...].starts(with: word.utf8)
  }

  private mutating func take(_ word: String) -> Bool {
    guard peek(word) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func text() -> String? {
    skipSpace()
    guard position < bytes.count, [0x27, 0x22].contains(bytes[position]) else { return nil }
    let quote = bytes[position]
    guard let end = bytes[(position + 1)...].firstIndex(of: quote), end - position < 64 else { return nil }
    defer { position = end + 1 }
    return String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var numbers: [Int] = []
    while !take(")") {
      skipSpace()
      let start = position
      var number = 0
      while position < bytes.count, (0x30...0x39).contains(bytes[position]), position - start < 18 {
        number = number * 10 + Int(bytes[position] - 0x30)
        position += 1
      }
      guard position > start, numbers.count < 32 else { return nil }
      numbers.append(number)
      _ = take("L")
      if !take(",") && !peek(")") { return nil }
    }
    return numbers
  }
}
