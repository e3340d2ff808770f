/// Where the entries of a zip file lie: plain, uncompressed ones as `torch.save` writes them, ZIP64 included, and no others.
///
/// Nothing is unpacked, so no file can swell. Every entry must lie inside the file and none over another.
/// Format: PKWARE's APPNOTE 6.3.
struct ZipDirectory {
  /// Name to bytes, counted from the file's start.
  private(set) var entries: [String: Range<Int>] = [:]

  private static let entryHead = 46
  private static let endHead = 22
  private static let localHead = 30

  private struct Entry {
    let name: String
    let size: Int
    let head: Int
    var bytes = 0..<0
  }

  /// - Throws: `TorchError`.
  init(_ bytes: UnsafeRawBufferPointer, path: String) throws {
    let file = File(bytes: bytes, path: path)
    let (directory, count) = try ZipDirectory.directory(file)
    var found: [Entry] = []
    var place = directory.lowerBound
    for _ in 0..<count {
      let entry = try ZipDirectory.entry(file, at: &place, end: directory.upperBound)
      if entry.name.hasSuffix("/") { continue }
      found.append(try ZipDirectory.located(entry, file, before: directory.lowerBound))
    }
    found.sort { ($0.head, $0.name) < ($1.head, $1.name) }
    for (one, next) in zip(found, found.dropFirst()) where one.bytes.upperBound > next.head {
      throw file.failure("\(one.name) and \(next.name) overlap")
    }
    for entry in found where entries.updateValue(entry.bytes, forKey: entry.name) != nil {
      throw file.failure("\(entry.name) is there twice")
    }
  }

  /// True if the bytes begin as a zip file does.
  static func begins(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) }

  /// The last thing in the file says where the directory is and how many entries it has.
  private static func directory(_ file: File) throws -> (Range<Int>, Int) {
    let last = file.bytes.count - endHead
    var end = last
    while end >= max(0, last - 0xffff),
      try file.bytes[end] != 0x50 || file.number(UInt32.self, end) != 0x0605_4b50
        || Int(try file.number(UInt16.self, end + 20)) != last - end
    {
      end -= 1
    }
    guard end >= max(0, last - 0xffff) else { throw file.failure("its directory is missing: the file is cut short") }
    var count = UInt64(try file.number(UInt16.self, end + 10))
    var size = UInt64(try file.number(UInt32.self, end + 12))
    var start = UInt64(try file.number(UInt32.self, end + 16))
    var limit = end
    // ZIP64: a locator just before, which points at a longer record.
    if end >= 20, try file.number(UInt32.self, end - 20) == 0x0706_4b50 {
      let record = try file.place(try file.number(UInt64.self, end - 12))
      guard record <= end - 20, try file.number(UInt32.self, record) == 0x0606_4b50 else {
        throw file.failure("its ZIP64 record is not where it should be")
      }
      count = try file.number(UInt64.self, record + 32)
      size = try file.number(UInt64.self, record + 40)
      start = try file.number(UInt64.self, record + 48)
      limit = record
    }
    let from = try file.place(start)
    let (to, overflow) = from.addingReportingOverflow(try file.place(size))
    guard !overflow, to <= limit, count <= UInt64((to - from) / entryHead) else {
      throw file.failure("its directory reaches beyond the file")
    }
    return (from..<to, Int(count))
  }

  private static func entry(_ file: File, at place: inout Int, end: Int) throws -> Entry {
    guard end - place >= entryHead, try file.number(UInt32.self, place) == 0x0201_4b50 else {
      throw file.failure("its directory is damaged")
    }
    let flags = try file.number(UInt16.self, place + 8)
    let method = try file.number(UInt16.self, place + 10)
    let (nameLength, extraLength, noteLength) = (
      Int(try file.number(UInt16.self, place + 28)), Int(try file.number(UInt16.self, place + 30)),
      Int(try file.number(UInt16.self, place + 32))
    )
    let nameStart = place + entryHead
    guard nameLength + extraLength + noteLength <= end - nameStart else {
      throw file.failure("its directory is damaged")
    }
    guard let name = String(validating: file.bytes[nameStart..<nameStart + nameLength], as: UTF8.self) else {
      throw file.failure("an entry whose name is not UTF-8")
    }
    // In the extra field, numbers that were too large for their place, in this order.
    var long = try file.extra(1, in: nameStart + nameLength..<nameStart + nameLength + extraLength)
    func size(at offset: Int) throws -> UInt64 {
      let short = try file.number(UInt32.self, place + offset)
      if short != .max { return UInt64(short) }
      guard long.count >= 8 else { throw file.failure("\(name) without its size") }
      defer { long = long.dropFirst(8) }
      return try file.number(UInt64.self, long.lowerBound)
    }
    let (whole, packed, head) = (try size(at: 24), try size(at: 20), try size(at: 42))
    if method != 0 || flags & 1 != 0 || whole != packed {
      throw TorchError(path: file.path, problem: .packedEntry(name))
    }
    place = nameStart + nameLength + extraLength + noteLength
    return Entry(name: name, size: try file.place(whole), head: try file.place(head))
  }

  /// The entry with its bytes, which follow a head of their own whose length only it knows.
  private static func located(_ entry: Entry, _ file: File, before limit: Int) throws -> Entry {
    guard entry.head <= limit - localHead, try file.number(UInt32.self, entry.head) == 0x0403_4b50 else {
      throw file.failure("\(entry.name) is not where it should be")
    }
    let start =
      entry.head + localHead + Int(try file.number(UInt16.self, entry.head + 26))
      + Int(try file.number(UInt16.self, entry.head + 28))
    guard start <= limit, entry.size <= limit - start else { throw file.failure("\(entry.name) ends beyond the file") }
    var located = entry
    located.bytes = start..<start + entry.size
    return located
  }

  /// Bounded reads of the whole file.
  private struct File {
    let bytes: UnsafeRawBufferPointer
    let path: String

    func failure(_ fault: String) -> TorchError { TorchError(path: path, problem: .container(fault)) }

    func number<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type, _ place: Int) throws -> Word {
      guard place >= 0, place <= bytes.count - MemoryLayout<Word>.size else { throw failure("it is cut short") }
      return Word(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Word.self))
    }

    /// A size or an offset that fits this file.
    func place(_ number: UInt64) throws -> Int {
      guard number <= UInt64(bytes.count) else { throw failure("it points beyond its end") }
      return Int(number)
    }

    /// The content of an extra field, empty where there is none of that kind.
    func extra(_ kind: UInt16, in range: Range<Int>) throws -> Range<Int> {
      var place = range.lowerBound
      while range.upperBound - place >= 4 {
        let end = place + 4 + Int(try number(UInt16.self, place + 2))
        guard end <= range.upperBound else { throw failure("its directory is damaged") }
        if try number(UInt16.self, place) == kind { return place + 4..<end }
        place = end
      }
      return range.upperBound..<range.upperBound
    }
  }
}
