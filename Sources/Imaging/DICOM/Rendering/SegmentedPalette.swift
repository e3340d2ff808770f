extension LookupTable {
  /// Expands a segmented palette (PS3.3 C.7.9.2): runs given one by one, runs that rise in a straight line, and repeats of earlier segments.
  ///
  /// Opcodes and lengths have the width of the entries. Writers disagree about that for 8 bits: bytes are tried first, then words.
  /// - Parameter segments: opcode (0 discrete, 1 linear, 2 indirect), length, and what belongs to it.
  /// - Returns: nil where the segments do not make up a table.
  init?(descriptor: [UInt16], segments: [UInt16], isSigned: Bool) {
    guard descriptor.count >= 3, (1...16).contains(descriptor[2]) else { return nil }
    let count = LookupTable.count(descriptor)
    let bytes = descriptor[2] > 8 ? nil : Segments(units: segments.bytes, bytesAUnit: 1).table(of: count)
    guard let entries = bytes ?? Segments(units: segments, bytesAUnit: 2).table(of: count) else { return nil }
    self.init(descriptor: descriptor, entries: entries, isSigned: isSigned)
  }
}

/// The encoded segments, in bytes or words.
private struct Segments {
  let units: [UInt16]
  let bytesAUnit: Int

  /// As many entries, or nil. - Complexity: O(count + segments): a repeat repeats no repeat.
  func table(of count: Int) -> [UInt16]? {
    var entries: [UInt16] = []
    guard expand(from: 0, segmentCount: .max, into: &entries, limit: count, mayJump: true) else { return nil }
    return entries.count < count ? nil : Array(entries.prefix(count))
  }

  private func expand(
    from start: Int, segmentCount: Int, into entries: inout [UInt16], limit: Int, mayJump: Bool
  ) -> Bool {
    var position = start
    var done = 0
    while done < segmentCount && position + 1 < units.count && entries.count < limit {
      let length = Int(units[position + 1])
      switch units[position] {
      case 0:
        guard position + 2 + length <= units.count else { return false }
        entries += units[position + 2..<position + 2 + length]
        position += 2 + length
      case 1:
        guard position + 2 < units.count, let from = entries.last else { return false }
        let rise = Double(units[position + 2]) - Double(from)
        for k in 0..<length {
          let value = Double(from) + rise * Double(k + 1) / Double(length)
          entries.append(UInt16(value.rounded(.toNearestOrEven)))
        }
        position += 3
      case 2:
        // The offset is 32 bits of bytes, in units with the low ones first.
        let width = 4 / bytesAUnit
        guard mayJump, position + 2 + width <= units.count else { return false }
        var offset = 0
        for k in 0..<width { offset |= Int(units[position + 2 + k]) << (8 * bytesAUnit * k) }
        guard
          expand(from: offset / bytesAUnit, segmentCount: length, into: &entries, limit: limit, mayJump: false)
        else { return false }
        position += 2 + width
      default: return false
      }
      done += 1
    }
    return true
  }
}
