extension LookupTable {
  /// Expands a segmented palette (PS3.3 C.7.9.2): runs given one by one, runs that rise in a straight line, and repeats of earlier segments.
  ///
  /// - Parameter segments: opcode (0 discrete, 1 linear, 2 indirect), length, and what belongs to it, as 16-bit words.
  /// - Returns: nil where the segments do not make up a table.
  init?(descriptor: [UInt16], segments: [UInt16]) {
    guard descriptor.count >= 3, descriptor[2] >= 1, descriptor[2] <= 16 else { return nil }
    let count = descriptor[0] == 0 ? 65536 : Int(descriptor[0])
    var entries: [UInt16] = []
    guard LookupTable.expand(segments, from: 0, segmentCount: .max, into: &entries, limit: count, mayJump: true) else {
      return nil
    }
    if entries.count < count { return nil }
    self.init(first: Int(descriptor[1]), bits: Int(descriptor[2]), entries: Array(entries.prefix(count)))
  }

  private static func expand(
    _ words: [UInt16], from start: Int, segmentCount: Int, into entries: inout [UInt16], limit: Int, mayJump: Bool
  ) -> Bool {
    var position = start
    var done = 0
    while done < segmentCount && position + 1 < words.count && entries.count < limit {
      let length = Int(words[position + 1])
      switch words[position] {
      case 0:
        guard position + 2 + length <= words.count else { return false }
        entries += words[position + 2..<position + 2 + length]
        position += 2 + length
      case 1:
        guard position + 2 < words.count, let from = entries.last else { return false }
        let rise = Double(words[position + 2]) - Double(from)
        for k in 0..<length { entries.append(UInt16((Double(from) + rise * Double(k + 1) / Double(length)).rounded())) }
        position += 3
      case 2:
        // The target is a byte offset, and segments repeated may not jump again: so this ends.
        guard mayJump, position + 3 < words.count else { return false }
        let target = (Int(words[position + 2]) | Int(words[position + 3]) << 16) / 2
        guard expand(words, from: target, segmentCount: length, into: &entries, limit: limit, mayJump: false) else {
          return false
        }
        position += 4
      default: return false
      }
      done += 1
    }
    return true
  }
}
