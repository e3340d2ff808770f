import Foundation

/// The elements of one level of a DICOM file: the file's own, or those of an item of a sequence. Values are read when asked for.
package struct DICOMDataSet: Sendable {
  private let parser: DICOMParser
  private let isExplicit: Bool
  /// Ascending by tag; of several with one tag the last.
  package let elements: [DICOMElement]
  /// Whether the bytes end in the middle of it.
  let isCut: Bool
  private let depth: Int

  /// - Parameter isExplicit: whether elements name their representation; nil: as the first one looks.
  init(
    _ parser: DICOMParser, from start: Int, to end: Int, limit: Int, isExplicit: Bool, isItem: Bool, depth: Int = 0
  ) {
    let level = parser.level(from: start, to: end, limit: limit, isExplicit: isExplicit, isItem: isItem, depth: depth)
    self.parser = parser
    self.isExplicit = isExplicit
    self.depth = depth
    isCut = level.isCut
    elements = DICOMDataSet.ordered(level.elements)
  }

  private static func ordered(_ elements: [DICOMElement]) -> [DICOMElement] {
    if zip(elements, elements.dropFirst()).allSatisfy({ $0.tag < $1.tag }) { return elements }
    let sorted = elements.enumerated().sorted { ($0.element.tag, $0.offset) < ($1.element.tag, $1.offset) }
      .map(\.element)
    return sorted.indices.filter { $0 + 1 == sorted.count || sorted[$0].tag != sorted[$0 + 1].tag }.map { sorted[$0] }
  }

  /// - Complexity: O(log elements).
  func element(_ tag: DICOMTag) -> DICOMElement? {
    var (low, high) = (0, elements.count)
    while low < high {
      let middle = (low + high) / 2
      if elements[middle].tag < tag { low = middle + 1 } else { high = middle }
    }
    return low < elements.count && elements[low].tag == tag ? elements[low] : nil
  }

  package func contains(_ tag: DICOMTag) -> Bool { element(tag) != nil }

  package var tags: [DICOMTag] { elements.map(\.tag) }

  /// As the file states it, else as PS3.6 has it for the elements that are read; "none" for the others of implicit encoding.
  func representation(_ element: DICOMElement) -> DICOMRepresentation {
    switch element.representation {
    case .none, .unknown:
      element.tag.usualRepresentation == .none ? element.representation : element.tag.usualRepresentation
    default: element.representation
    }
  }

  /// The value, numbers little endian; nil where the element is absent. - Complexity: O(bytes).
  package func bytes(_ tag: DICOMTag) -> [UInt8]? {
    guard let element = element(tag) else { return nil }
    var bytes = parser.bytes.array(element.value)
    if parser.isBigEndian { bytes.swapBytes(of: representation(element).wordSize) }
    return bytes
  }

  /// 16-bit words in this machine's order; empty where absent. Numbers written as text become words too.
  package func words(_ tag: DICOMTag) -> [UInt16] {
    guard let element = element(tag) else { return [] }
    if representation(element).isText {
      return numbers(tag).map { UInt16(truncatingIfNeeded: Int(min(max($0.rounded(), -32768), 65535))) }
    }
    let bytes = bytes(tag) ?? []
    return (0..<bytes.count / 2).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
  }

  /// The first of the values of a text element, without padding; empty where absent.
  package func text(_ tag: DICOMTag) -> String { texts(tag).first ?? "" }

  /// The values of a text element, without padding. What is no UTF-8 is read as Latin-1, so that different bytes stay different.
  package func texts(_ tag: DICOMTag) -> [String] {
    guard let element = element(tag), !element.value.isEmpty else { return [] }
    let bytes = parser.bytes.array(element.value)
    let text =
      String(validating: bytes, as: UTF8.self) ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    return text.split(separator: "\\", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: CharacterSet(charactersIn: " \0\t\r\n"))
    }
  }

  /// The first number that is finite, whatever the representation.
  package func number(_ tag: DICOMTag) -> Double? { numbers(tag).first }

  /// Numbers of decimal and integer strings and of binary elements; what is no number, or not finite, is left out.
  package func numbers(_ tag: DICOMTag) -> [Double] {
    guard let element = element(tag) else { return [] }
    return numbers(tag, as: representation(element))
  }

  /// As above, of a representation that is known to the caller, unless the file states one.
  func numbers(_ tag: DICOMTag, as usual: DICOMRepresentation) -> [Double] {
    guard let element = element(tag) else { return [] }
    let representation =
      element.representation.isKnown && element.representation != .unknown ? element.representation : usual
    let size = representation.wordSize
    if size == 1 { return texts(tag).compactMap { Double($0) }.filter(\.isFinite) }
    var bytes = parser.bytes.array(element.value)
    if parser.isBigEndian { bytes.swapBytes(of: size) }
    return (0..<bytes.count / size).map { index -> Double in
      var pattern: UInt64 = 0
      for k in 0..<size { pattern |= UInt64(bytes[index * size + k]) << UInt64(8 * k) }
      return switch representation.text {
      case "FL", "OF": Double(Float(bitPattern: UInt32(pattern)))
      case "FD", "OD": Double(bitPattern: pattern)
      case "SS": Double(Int16(bitPattern: UInt16(pattern)))
      case "SL": Double(Int32(bitPattern: UInt32(pattern)))
      case "SV": Double(Int64(bitPattern: pattern))
      default: Double(pattern)
      }
    }.filter(\.isFinite)
  }

  /// A whole number; nil where there is none, or none below 2^53.
  package func integer(_ tag: DICOMTag) -> Int? {
    number(tag).flatMap { abs($0) < 9_007_199_254_740_992 ? Int($0) : nil }
  }

  /// A code string (upper case letters, digits, underscore, at most 16), made so where the file breaks the rule.
  package func code(_ tag: DICOMTag) -> String {
    let allowed = text(tag).uppercased().unicodeScalars.filter {
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ".unicodeScalars.contains($0)
    }
    return String(String.UnicodeScalarView(allowed.prefix(16)))
  }

  /// The items of a sequence; empty where absent or no sequence. - Complexity: O(their elements).
  package func items(_ tag: DICOMTag) -> [DICOMDataSet] {
    guard let sequence = sequence(tag) else { return [] }
    return sequence.items.map { sequence.dataSet($0) }
  }

  /// The items of an element of this data set; nil where it is no sequence.
  package func items(_ element: DICOMElement) -> [DICOMDataSet]? {
    sequence(element).map { sequence in sequence.items.map(sequence.dataSet) }
  }

  /// The places of a sequence's items, for those that are looked at one by one; nil where absent or no sequence.
  func sequence(_ tag: DICOMTag) -> DICOMSequence? { element(tag).flatMap { sequence($0) } }

  func sequence(_ element: DICOMElement) -> DICOMSequence? {
    let parser = parser.forItems(of: element.representation, at: element.value.lowerBound)
    switch element.representation {
    case .sequence: break
    case .none, .unknown:
      let isEmptySequence = element.isUndefinedLength && element.value.isEmpty
      if !isEmptySequence && !parser.startsWithItem(element.value) { return nil }
    default: return nil
    }
    return DICOMSequence(parser, element.value, isExplicit: isExplicit, depth: depth)
  }
}

/// The items of a sequence, each parsed when it is asked for.
struct DICOMSequence: Sendable {
  private let parser: DICOMParser
  private let isExplicit: Bool
  private let limit: Int
  private let depth: Int
  let items: [DICOMParser.Item]

  init(_ parser: DICOMParser, _ value: Range<Int>, isExplicit: Bool, depth: Int) {
    self.parser = parser
    self.isExplicit = isExplicit
    self.depth = depth + 1
    limit = value.upperBound
    items = depth < DICOMParser.maximumDepth ? parser.items(in: value, isExplicit: isExplicit, depth: depth) : []
  }

  /// - Complexity: O(elements of the item).
  func dataSet(_ item: DICOMParser.Item) -> DICOMDataSet {
    // Items of unknown elements are implicit in explicit files (PS3.5 6.2.2).
    DICOMDataSet(
      parser, from: item.start, to: item.end, limit: limit,
      isExplicit: isExplicit && parser.looksExplicit(at: item.start, limit: limit) ?? true, isItem: true, depth: depth)
  }
}

extension [UInt8] {
  /// Turns numbers of `size` bytes round, as far as they are whole.
  mutating func swapBytes(of size: Int) {
    guard size > 1 else { return }
    for start in stride(from: 0, to: count - count % size, by: size) {
      for k in 0..<size / 2 { swapAt(start + k, start + size - 1 - k) }
    }
  }
}
