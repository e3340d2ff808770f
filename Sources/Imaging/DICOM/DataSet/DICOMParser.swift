/// Finds the elements of a data set in bytes (PS3.5 7), one level at a time. Forgives what pydicom forgives, and ends on any bytes.
///
/// - Complexity: O(bytes of headers), and as much again for each level of sequences of undefined length.
struct DICOMParser {
  let bytes: DICOMBytes
  let isBigEndian: Bool

  /// Sequences in sequences; the standard's own go to about ten.
  static let maximumDepth = 32
  /// Elements of one level, and items of one sequence.
  static let maximumCount = 1 << 22

  /// One level of elements.
  struct Level {
    var elements: [DICOMElement] = []
    /// The first byte behind it.
    var end: Int
    /// Whether the bytes end in the middle of it.
    var isCut = false
  }

  /// One item of a sequence: where its elements stand.
  struct Item: Sendable {
    var start: Int
    /// As its length says, or where its delimiter stands.
    var end: Int
  }

  /// Elements from `start` up to `end`, or to a delimiter.
  ///
  /// - Parameters:
  ///   - end: where the enclosing item says that it ends: an element may begin before it and reach beyond.
  ///   - limit: what no value reaches beyond.
  ///   - isItem: whether a delimiter ends it: that of the item, or, where that was forgotten, that of the sequence.
  ///   - keeps: whether the elements are wanted, or only their end.
  func level(
    from start: Int, to end: Int, limit: Int, isExplicit: Bool, isItem: Bool, depth: Int = 0, keeps: Bool = true
  ) -> Level {
    var level = Level(end: start)
    guard depth <= DICOMParser.maximumDepth else { return Level(end: limit, isCut: true) }
    var count = 0
    var last = DICOMTag(0, 0)
    while level.end < end {
      guard count < DICOMParser.maximumCount,
        let header = header(at: level.end, limit: limit, isExplicit: isExplicit)
      else {
        // Less than a header is left: padding, or an element cut short.
        level.isCut = (level.end..<min(limit, level.end + 12)).contains { bytes[$0] != 0 }
        level.end = limit
        break
      }
      if header.tag == .itemDelimiter || header.tag == .sequenceDelimiter {
        if isItem && header.tag == .sequenceDelimiter { break }
        level.end = header.start
        if isItem { break }
        continue
      }
      if header.tag.group == 0 && count > 0 {
        // The rest of a delimiter that the sequence's length did not count, or blocks of zeros behind the last element.
        guard length(at: level.end) == 0,
          let next = self.header(at: level.end + 4, limit: limit, isExplicit: isExplicit),
          next.tag > last
        else { break }
        level.end += 4
        continue
      }
      last = header.tag
      count += 1
      var element = DICOMElement(
        tag: header.tag, representation: header.representation, value: header.start..<header.start,
        isUndefinedLength: header.length == .max, isCut: false)
      if header.length != .max {
        let (stop, overflow) = header.start.addingReportingOverflow(Int(header.length))
        element.isCut = overflow || stop > limit
        element.value = header.start..<(element.isCut ? limit : stop)
        level.end = element.value.upperBound
      } else if !isItem && header.tag == .pixelData {
        // Fragments are looked for when frames are wanted: there may be gigabytes of them, and nothing of use comes behind.
        element.value = header.start..<limit
        level.end = limit
      } else {
        let extent = extent(of: header, limit: limit, isExplicit: isExplicit, depth: depth)
        element.value = header.start..<extent.contentEnd
        element.isCut = extent.isCut
        level.end = extent.end
      }
      if element.isCut { level.isCut = true }
      if keeps { level.elements.append(element) }
    }
    return level
  }

  /// The items of a sequence whose value stands in `range`. - Complexity: O(items), and the elements of those of undefined length.
  func items(in range: Range<Int>, isExplicit: Bool, depth: Int = 0) -> [Item] {
    var items: [Item] = []
    _ = eachItem(in: range, isExplicit: isExplicit, depth: depth) { items.append($0) }
    return items
  }

  /// A parser in the byte order of a value's items: unknown ones are little endian in any file (PS3.5 6.2.2).
  func forItems(of representation: DICOMRepresentation, at start: Int) -> DICOMParser {
    guard isBigEndian && representation == .unknown else { return self }
    let little = DICOMParser(bytes: bytes, isBigEndian: false)
    return little.tag(at: start) == .item ? little : self
  }

  /// Whether a value begins with an item, as those of sequences do.
  func startsWithItem(_ range: Range<Int>) -> Bool {
    range.count >= 8 && tag(at: range.lowerBound) == .item
  }

  /// Whether the first element at `start` names its representation.
  func looksExplicit(at start: Int, limit: Int) -> Bool? {
    guard start + 6 <= limit, let letters = bytes.word(start + 4, isBigEndian: true) else { return nil }
    return DICOMRepresentation(letters: letters).isLetters
  }

  func tag(at offset: Int) -> DICOMTag? {
    guard let group = bytes.word(offset, isBigEndian: isBigEndian),
      let element = bytes.word(offset + 2, isBigEndian: isBigEndian)
    else { return nil }
    return DICOMTag(group, element)
  }

  func length(at offset: Int) -> UInt32? { bytes.doubleWord(offset, isBigEndian: isBigEndian) }

  struct Header {
    var tag: DICOMTag
    var representation: DICOMRepresentation
    var length: UInt32
    /// Of the value.
    var start: Int
  }

  /// nil where the bytes end before the header does.
  func header(at offset: Int, limit: Int, isExplicit: Bool) -> Header? {
    guard offset <= limit - 8, let tag = tag(at: offset), let implicitLength = length(at: offset + 4) else {
      return nil
    }
    let implicit = Header(tag: tag, representation: .none, length: implicitLength, start: offset + 8)
    guard isExplicit, let letters = bytes.word(offset + 4, isBigEndian: true) else { return implicit }
    let representation = DICOMRepresentation(letters: letters)
    // Some writers change to implicit encoding half-way.
    guard representation.isLetters else { return implicit }
    if representation.hasLongLength {
      guard offset <= limit - 12, let length = length(at: offset + 8) else { return nil }
      return Header(tag: tag, representation: representation, length: length, start: offset + 12)
    }
    guard let length = bytes.word(offset + 6, isBigEndian: isBigEndian) else { return nil }
    return Header(tag: tag, representation: representation, length: UInt32(length), start: offset + 8)
  }

  private typealias Extent = (contentEnd: Int, end: Int, isCut: Bool)

  /// How far a value of undefined length reaches.
  private func extent(of header: Header, limit: Int, isExplicit: Bool, depth: Int) -> Extent {
    let isSequence =
      switch header.representation {
      case .sequence, .unknown: true
      case .none:
        header.tag != .pixelData && tag(at: header.start).map { $0 == .item || $0 == .sequenceDelimiter } ?? false
      default: false
      }
    if isSequence {
      return forItems(of: header.representation, at: header.start)
        .eachItem(in: header.start..<limit, isExplicit: isExplicit, depth: depth) { _ in }
    }
    return extentOfFragments(header.start..<limit)
  }

  private func eachItem(in range: Range<Int>, isExplicit: Bool, depth: Int, _ body: (Item) -> Void) -> Extent {
    var position = range.lowerBound
    var count = 0
    while position < range.upperBound {
      guard position <= range.upperBound - 8, count < DICOMParser.maximumCount, let tag = tag(at: position),
        let length = length(at: position + 4)
      else { return (range.upperBound, range.upperBound, true) }
      if tag == .sequenceDelimiter { return (position, position + 8, false) }
      // What is no item ends the sequence: its delimiter was forgotten.
      guard tag == .item else { return (position, position, false) }
      count += 1
      let start = position + 8
      if length != .max {
        let (end, overflow) = start.addingReportingOverflow(Int(length))
        let isCut = overflow || end > range.upperBound
        position = isCut ? range.upperBound : end
        body(Item(start: start, end: position))
        if isCut { return (position, position, true) }
      } else {
        let level = level(
          from: start, to: range.upperBound, limit: range.upperBound,
          isExplicit: isExplicit && looksExplicit(at: start, limit: range.upperBound) ?? true, isItem: true,
          depth: depth + 1, keeps: false)
        position = level.end
        body(Item(start: start, end: position))
        if level.isCut { return (position, position, true) }
      }
    }
    return (position, position, false)
  }

  /// Fragments up to the delimiter; where there is something else in between, whatever stands before the first delimiter.
  private func extentOfFragments(_ range: Range<Int>) -> Extent {
    var position = range.lowerBound
    while position <= range.upperBound - 8, let tag = tag(at: position), let length = length(at: position + 4) {
      if tag == .sequenceDelimiter { return (position, position + 8, false) }
      guard tag == .item, length != .max else { break }
      let (next, overflow) = (position + 8).addingReportingOverflow(Int(length))
      if overflow || next > range.upperBound { break }
      position = next
    }
    let pattern: [UInt8] = isBigEndian ? [0xff, 0xfe, 0xe0, 0xdd] : [0xfe, 0xff, 0xdd, 0xe0]
    guard let found = bytes.firstIndex(of: pattern, in: range) else {
      return (range.upperBound, range.upperBound, true)
    }
    return (found, min(found + 8, range.upperBound), false)
  }
}
