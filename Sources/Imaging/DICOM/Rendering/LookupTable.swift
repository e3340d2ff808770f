/// A DICOM lookup table: what a Modality LUT, VOI LUT or palette maps numbers through (PS3.3 C.11.1.1, C.11.2.1.1, C.7.6.3.1.5).
struct LookupTable: Sendable, Hashable {
  /// The input that the first entry stands for; inputs below and above take the first and last entry.
  let first: Int
  /// Bits of an entry: as the descriptor states them, or 16 where entries are larger than that allows.
  let bits: Int
  let entries: [UInt16]

  /// - Parameters:
  ///   - descriptor: number of entries (0 means 65,536), first input, bits.
  ///   - data: the entries, one a word; or two a word, the low byte first, where there are only that many words.
  ///   - isSigned: whether the first input is to be read as a signed number.
  /// - Returns: nil where the numbers do not make a table.
  init?(descriptor: [UInt16], data: [UInt16], isSigned: Bool) {
    guard descriptor.count >= 3, (1...16).contains(descriptor[2]) else { return nil }
    let count = LookupTable.count(descriptor)
    if data.count >= count {
      self.init(descriptor: descriptor, entries: Array(data.prefix(count)), isSigned: isSigned)
    } else if 2 * data.count >= count {
      self.init(descriptor: descriptor, entries: Array(data.bytes.prefix(count)), isSigned: isSigned)
    } else {
      return nil
    }
  }

  /// The table of an item of a LUT sequence.
  init?(_ item: DICOMDataSet, isSigned: Bool) {
    self.init(descriptor: item.words(.lutDescriptor), data: item.words(.lutData), isSigned: isSigned)
  }

  /// - Precondition: the descriptor has three words; there are entries.
  init(descriptor: [UInt16], entries: [UInt16], isSigned: Bool) {
    first = isSigned ? Int(Int16(bitPattern: descriptor[1])) : Int(descriptor[1])
    let stated = Int(descriptor[2])
    // Some writers keep 16-bit entries under a descriptor of 8.
    bits = entries.contains { Int($0) >> stated != 0 } ? 16 : stated
    self.entries = entries
  }

  static func count(_ descriptor: [UInt16]) -> Int { descriptor[0] == 0 ? 65536 : Int(descriptor[0]) }

  /// The greatest entry there can be.
  var maximum: Double { Double((1 << bits) - 1) }

  func callAsFunction(_ input: Int) -> UInt16 { entries[min(max(input - first, 0), entries.count - 1)] }

  /// A number between integers takes the entry of the nearer one.
  func callAsFunction(_ input: Double) -> UInt16 {
    self(Int(min(max(input.rounded(), -1e9), 1e9)))
  }
}

extension [UInt16] {
  /// Two bytes a word, the low one first: how 8-bit data lie in words.
  var bytes: [UInt16] { flatMap { [$0 & 255, $0 >> 8] } }
}
