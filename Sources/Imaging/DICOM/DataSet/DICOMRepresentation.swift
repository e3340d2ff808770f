/// The value representation of an element: two letters (PS3.5 6.2), or none where the encoding is implicit.
package struct DICOMRepresentation: Hashable, Sendable {
  /// First letter in the high byte; 0 for none.
  package let letters: UInt16

  package init(letters: UInt16) { self.letters = letters }

  /// - Precondition: two letters.
  package init(_ name: StaticString) {
    precondition(name.utf8CodeUnitCount == 2, "\(name) is no value representation")
    letters = UInt16(name.utf8Start[0]) << 8 | UInt16(name.utf8Start[1])
  }

  static let none = Self(letters: 0)
  static let sequence = Self("SQ")
  static let unknown = Self("UN")
  static let otherWord = Self("OW")
  static let unsignedShort = Self("US")

  package var text: String {
    letters == 0 ? "" : String(decoding: [UInt8(letters >> 8), UInt8(letters & 255)], as: UTF8.self)
  }

  /// Two capital letters, known or not.
  var isLetters: Bool {
    (0x41...0x5a).contains(letters >> 8) && (0x41...0x5a).contains(letters & 255)
  }

  /// Whether two reserved bytes and a length of four follow in explicit encoding (PS3.5 7.1.2).
  var hasLongLength: Bool { DICOMRepresentation.longLengths.contains(self) }

  var isText: Bool { DICOMRepresentation.texts.contains(self) }

  var isKnown: Bool { hasLongLength || isText || wordSize > 1 }

  /// Bytes of one number whose order is that of the file; 1 for text and bytes.
  var wordSize: Int { DICOMRepresentation.wordSizes[self] ?? 1 }

  private static let longLengths: Set<Self> = [
    .init("OB"), .init("OD"), .init("OF"), .init("OL"), .init("OV"), .init("OW"), .init("SQ"), .init("SV"), .init("UC"),
    .init("UN"), .init("UR"), .init("UT"), .init("UV"),
  ]
  private static let texts: Set<Self> = [
    .init("AE"), .init("AS"), .init("CS"), .init("DA"), .init("DS"), .init("DT"), .init("IS"), .init("LO"), .init("LT"),
    .init("PN"), .init("SH"), .init("ST"), .init("TM"), .init("UC"), .init("UI"), .init("UR"), .init("UT"),
  ]
  private static let wordSizes: [Self: Int] = [
    .init("AT"): 2, .init("OW"): 2, .init("SS"): 2, .init("US"): 2, .init("FL"): 4, .init("OF"): 4, .init("OL"): 4,
    .init("SL"): 4, .init("UL"): 4, .init("FD"): 8, .init("OD"): 8, .init("OV"): 8, .init("SV"): 8, .init("UV"): 8,
  ]
}
