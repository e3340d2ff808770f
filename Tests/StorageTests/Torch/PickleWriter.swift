import Foundation

/// Writes pickles and the files around them, good ones and such as nobody should: the byte by byte twin of what is read.
struct PickleWriter {
  private(set) var bytes = Data([0x80, 2])

  /// Bare instructions.
  mutating func code(_ codes: UInt8...) { bytes.append(contentsOf: codes) }

  /// Bare text, for instructions that read up to a line feed.
  mutating func line(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func number<Word: FixedWidthInteger>(_ value: Word) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// BINUNICODE. - Parameter claimed: the length that is written, the text's own unless given.
  mutating func text(_ text: String, claimed: UInt32? = nil) {
    code(0x58)
    number(claimed ?? UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// LONG1 of eight bytes.
  mutating func integer(_ value: Int) {
    code(0x8a, 8)
    number(Int64(value))
  }

  mutating func global(_ module: String, _ name: String) {
    code(0x63)
    bytes.append(contentsOf: "\(module)\n\(name)\n".utf8)
  }

  /// MARK, what `body` writes, TUPLE.
  mutating func tuple(_ body: (inout PickleWriter) -> Void) {
    code(0x28)
    body(&self)
    code(0x74)
  }

  /// A tensor as `torch.save` writes it.
  mutating func tensor(
    _ shape: [Int], strides: [Int], offset: Int = 0, key: String = "0", count: Int, kind: String = "FloatStorage",
    view: (offset: Int, count: Int)? = nil, isLegacy: Bool = false
  ) {
    global("torch._utils", "_rebuild_tensor_v2")
    tuple { writer in
      writer.tuple { identifier in
        identifier.text("storage")
        identifier.global("torch", kind)
        identifier.text(key)
        identifier.text("cpu")
        identifier.integer(count)
        if let view {
          identifier.tuple {
            $0.text("view")
            $0.integer(view.offset)
            $0.integer(view.count)
          }
        } else if isLegacy {
          identifier.code(0x4e)
        }
      }
      writer.code(0x51)
      writer.integer(offset)
      writer.tuple { tuple in for size in shape { tuple.integer(size) } }
      writer.tuple { tuple in for stride in strides { tuple.integer(stride) } }
      writer.code(0x89)
      writer.global("collections", "OrderedDict")
      writer.code(0x29, 0x52)
    }
    code(0x52)
  }

  /// A dictionary of one key, then the end.
  static func file(key: String = "weight", _ value: (inout PickleWriter) -> Void) -> Data {
    var writer = PickleWriter()
    writer.code(0x7d)
    writer.text(key)
    value(&writer)
    writer.code(0x73, 0x2e)
    return writer.bytes
  }

  /// The format before 1.6 around a pickle, with one storage of floats.
  static func legacy(_ pickle: Data, key: String = "0", _ numbers: [Float]) -> Data {
    var file = Data([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e])
    file += Data([0x80, 2, 0x4d, 0xe9, 0x03, 0x2e])
    file += PickleWriter.file(key: "little_endian") { $0.code(0x88) }
    file += pickle
    var keys = PickleWriter()
    keys.code(0x5d)
    keys.text(key)
    keys.code(0x61, 0x2e)
    file += keys.bytes
    withUnsafeBytes(of: Int64(numbers.count).littleEndian) { file.append(contentsOf: $0) }
    return file + data(numbers)
  }

  /// The zip format around a pickle, with one storage of floats.
  static func zip(_ pickle: Data, key: String = "0", _ numbers: [Float], _ change: (inout ZipWriter) -> Void = { _ in })
    -> Data
  {
    var writer = ZipWriter()
    writer.add("archive/data.pkl", pickle)
    writer.add("archive/byteorder", Data("little".utf8))
    writer.add("archive/data/\(key)", data(numbers))
    change(&writer)
    return writer.file()
  }

  static func data(_ numbers: [Float]) -> Data { numbers.withUnsafeBytes { Data($0) } }
}

/// Writes zip files of plain entries, and lies about them where asked to.
struct ZipWriter {
  struct Entry {
    var name: String
    var data: Data
    var method: UInt16 = 0
    /// What the directory claims.
    var size: UInt32
    var head: UInt32?
  }

  var entries: [Entry] = []
  var claimedCount: UInt16?
  /// With a ZIP64 record, and every number of the directory's entries in the extra field.
  var isLong = false

  mutating func add(_ name: String, _ data: Data) {
    entries.append(Entry(name: name, data: data, size: UInt32(data.count)))
  }

  func file() -> Data {
    var file = Data()
    var directory = Data()
    func put<Word: FixedWidthInteger>(_ value: Word, _ data: inout Data) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    for entry in entries {
      let head = entry.head ?? UInt32(file.count)
      let name = Data(entry.name.utf8)
      put(UInt32(0x0403_4b50), &file)
      for value in [20, 0, entry.method, 0, 0, 0, 0] { put(UInt16(value), &file) }
      put(entry.size, &file)
      put(entry.size, &file)
      put(UInt16(name.count), &file)
      // An extra field as torch pads with, so that numbers are aligned.
      put(UInt16(8), &file)
      file += name + Data([0x46, 0x42, 4, 0, 0x5a, 0x5a, 0x5a, 0x5a]) + entry.data

      put(UInt32(0x0201_4b50), &directory)
      for value in [20, 20, 0, entry.method, 0, 0, 0, 0] { put(UInt16(value), &directory) }
      put(isLong ? UInt32.max : entry.size, &directory)
      put(isLong ? UInt32.max : entry.size, &directory)
      for value in [name.count, isLong ? 28 : 0, 0, 0, 0, 0, 0] { put(UInt16(value), &directory) }
      put(isLong ? UInt32.max : head, &directory)
      directory += name
      if isLong {
        put(UInt16(1), &directory)
        put(UInt16(24), &directory)
        for value in [entry.size, entry.size, head] { put(UInt64(value), &directory) }
      }
    }
    let start = file.count
    file += directory
    let count = claimedCount ?? UInt16(entries.count)
    if isLong {
      let record = file.count
      put(UInt32(0x0606_4b50), &file)
      put(UInt64(44), &file)
      for value in [45, 45] { put(UInt16(value), &file) }
      for value in [0, 0] { put(UInt32(value), &file) }
      for value in [Int(count), Int(count), directory.count, start] { put(UInt64(value), &file) }
      put(UInt32(0x0706_4b50), &file)
      put(UInt32(0), &file)
      put(UInt64(record), &file)
      put(UInt32(1), &file)
    }
    put(UInt32(0x0605_4b50), &file)
    for value in [0, 0, isLong ? UInt16.max : count, isLong ? UInt16.max : count] { put(UInt16(value), &file) }
    put(isLong ? UInt32.max : UInt32(directory.count), &file)
    put(isLong ? UInt32.max : UInt32(start), &file)
    put(UInt16(0), &file)
    return file
  }
}
