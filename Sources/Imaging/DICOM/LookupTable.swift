/// A DICOM lookup table: what a Modality LUT, VOI LUT or palette maps numbers through (PS3.3 C.11.1.1, C.11.2.1.1, C.7.6.3.1.5).
struct LookupTable {
  /// The input that the first entry stands for; inputs below and above take the first and last entry.
  let first: Int
  /// Bits of an entry as the descriptor states them.
  let bits: Int
  let entries: [UInt16]

  /// - Parameters:
  ///   - descriptor: number of entries (0 means 65,536), first input, bits.
  ///   - data: the entries as 16-bit words, or as bytes where they are that many.
  ///   - isSigned: whether the first input is to be read as a signed number.
  /// - Returns: nil where the numbers do not make a table.
  init?(descriptor: [UInt16], data: [UInt8], isSigned: Bool) {
    guard descriptor.count >= 3, descriptor[2] >= 1, descriptor[2] <= 16 else { return nil }
    let count = descriptor[0] == 0 ? 65536 : Int(descriptor[0])
    first = isSigned ? Int(Int16(bitPattern: descriptor[1])) : Int(descriptor[1])
    bits = Int(descriptor[2])
    if data.count >= 2 * count {
      entries = (0..<count).map { UInt16(data[2 * $0]) | UInt16(data[2 * $0 + 1]) << 8 }
    } else if data.count >= count {
      entries = data.prefix(count).map { UInt16($0) }
    } else {
      return nil
    }
  }

  init(first: Int, bits: Int, entries: [UInt16]) {
    self.first = first
    self.bits = bits
    self.entries = entries
  }

  /// The greatest entry there can be.
  var maximum: Double { Double((1 << bits) - 1) }

  func callAsFunction(_ input: Int) -> UInt16 { entries[min(max(input - first, 0), entries.count - 1)] }

  /// A number between integers takes the entry of the nearer one.
  func callAsFunction(_ input: Double) -> UInt16 {
    self(Int(min(max(input.rounded(), -1e9), 1e9)))
  }
}
