/// Where each frame of the pixel data stands in the file (PS3.5 8 and A.4).
struct FrameTable: Sendable {
  enum Layout: Sendable {
    /// Frames one after the other, of so many bits each, from a byte on: frames of one-bit pixels need not begin with a byte.
    case native(bitsPerFrame: Int)
    /// One fragment a frame, at these offsets and of these lengths (Extended Offset Table).
    case extended(offsets: [UInt64], lengths: [UInt64])
    /// The frames' first fragments at these offsets (Basic Offset Table).
    case basic(offsets: [Int])
    /// The fragments of each frame.
    case fragments([[Range<Int>]])
  }

  var layout: Layout
  /// Bytes that offsets count from, and up to which there is anything.
  var extent: Range<Int>
  /// Frames that are there, whole or not.
  var count: Int
}

/// Reads the items of encapsulated pixel data.
struct FragmentReader {
  let parser: DICOMParser
  /// The value of the pixel element: the table's item, then fragments.
  let value: Range<Int>

  /// The table of frames.
  ///
  /// Tables are believed where they are whole; without one, as many fragments as frames are taken one by one, and more are joined up to the
  /// end of a code stream, as pydicom's `generate_frames` does.
  /// - Parameter extended: the Extended Offset Table and its lengths, little endian.
  func table(frames: Int, extended: ([UInt8], [UInt8])?) -> FrameTable {
    guard let table = fragment(at: value.lowerBound) else {
      return FrameTable(layout: .fragments([]), extent: value, count: 0)
    }
    let extent = table.upperBound..<value.upperBound
    if let (offsets, lengths) = extended.map({ ($0.0.longWords, $0.1.longWords) }), offsets.count == lengths.count,
      offsets.count >= frames
    {
      return FrameTable(layout: .extended(offsets: offsets, lengths: lengths), extent: extent, count: frames)
    }
    if let offsets = basicOffsets(table), offsets.count >= frames, isPlausible(offsets, extent) {
      return FrameTable(layout: .basic(offsets: Array(offsets.prefix(frames + 1))), extent: extent, count: frames)
    }
    let fragments = fragments(in: extent)
    let groups = group(fragments, frames: frames)
    return FrameTable(layout: .fragments(groups), extent: extent, count: min(frames, groups.count))
  }

  /// The content of the item whose tag stands at `offset`, cut at the end of the bytes; nil where there is no item.
  func fragment(at offset: Int) -> Range<Int>? {
    guard offset >= value.lowerBound, offset <= value.upperBound - 8, parser.tag(at: offset) == .item,
      let length = parser.length(at: offset + 4), length != .max
    else { return nil }
    let (end, overflow) = (offset + 8).addingReportingOverflow(Int(length))
    return offset + 8..<(overflow ? value.upperBound : min(end, value.upperBound))
  }

  /// Whether the item whose content begins at `start` is all there.
  func isWhole(_ fragment: Range<Int>) -> Bool {
    parser.length(at: fragment.lowerBound - 4).map { Int($0) == fragment.count } ?? false
  }

  /// Whether the delimiter of the pixel data follows a fragment.
  func isDelimited(_ fragment: Range<Int>) -> Bool { parser.tag(at: fragment.upperBound) == .sequenceDelimiter }

  /// All fragments up to the delimiter. - Complexity: O(fragments).
  func fragments(in range: Range<Int>) -> [Range<Int>] {
    var fragments: [Range<Int>] = []
    var position = range.lowerBound
    while position < range.upperBound, fragments.count < DICOMParser.maximumCount, let next = fragment(at: position) {
      fragments.append(next)
      position = next.upperBound
    }
    return fragments
  }

  private func basicOffsets(_ table: Range<Int>) -> [Int]? {
    guard table.count >= 4, table.count % 4 == 0 else { return nil }
    return (0..<table.count / 4).map { Int(parser.length(at: table.lowerBound + 4 * $0) ?? 0) }
  }

  /// Rising offsets of items, as far as that can be told without looking at each.
  private func isPlausible(_ offsets: [Int], _ extent: Range<Int>) -> Bool {
    guard offsets.first == 0, zip(offsets, offsets.dropFirst()).allSatisfy({ $0 < $1 }) else { return false }
    let looked = offsets.count > 64 ? [offsets[1], offsets[offsets.count / 2]] : offsets
    return looked.allSatisfy {
      extent.lowerBound + $0 > extent.upperBound - 8 || parser.tag(at: extent.lowerBound + $0) == .item
    }
  }

  private func group(_ fragments: [Range<Int>], frames: Int) -> [[Range<Int>]] {
    if let first = fragments.first, let last = fragments.last, !isDelimited(last), startsCodeStream(first) {
      // The file was cut: what is there may be as many fragments as frames by chance.
      var groups = frames == 1 ? [fragments] : split(fragments, before: startsCodeStream)
      if !endsCodeStream(last) { groups.removeLast() }
      return groups
    }
    if fragments.count == frames { return fragments.map { [$0] } }
    if frames == 1 { return fragments.isEmpty ? [] : [fragments] }
    let byEnd = split(fragments, after: endsCodeStream)
    if fragments.count < frames {
      // Too few: of code streams in pieces the whole ones, else a fragment a frame.
      return byEnd.count > 1 ? byEnd : fragments.map { [$0] }
    }
    if byEnd.count >= frames { return byEnd }
    let byStart = split(fragments, before: startsCodeStream)
    return byStart.count == frames ? byStart : byEnd
  }

  private func split(_ fragments: [Range<Int>], after isEnd: (Range<Int>) -> Bool) -> [[Range<Int>]] {
    var groups: [[Range<Int>]] = [[]]
    for fragment in fragments {
      groups[groups.count - 1].append(fragment)
      if isEnd(fragment) { groups.append([]) }
    }
    return groups.last?.isEmpty == true ? groups.dropLast() : groups
  }

  private func split(_ fragments: [Range<Int>], before isStart: (Range<Int>) -> Bool) -> [[Range<Int>]] {
    var groups: [[Range<Int>]] = []
    for fragment in fragments {
      if groups.isEmpty || isStart(fragment) { groups.append([]) }
      groups[groups.count - 1].append(fragment)
    }
    return groups
  }

  /// JPEG's and JPEG 2000's last marker within the last ten bytes.
  func endsCodeStream(_ fragment: Range<Int>) -> Bool {
    let tail = parser.bytes.array(max(fragment.lowerBound, fragment.upperBound - 10)..<fragment.upperBound)
    return zip(tail, tail.dropFirst()).contains { $0 == 0xff && $1 == 0xd9 }
  }

  func startsCodeStream(_ fragment: Range<Int>) -> Bool {
    let head = parser.bytes.array(fragment.prefix(3))
    return head.starts(with: [0xff, 0xd8, 0xff]) || head.starts(with: [0xff, 0x4f, 0xff])
  }
}

extension [UInt8] {
  /// Little-endian numbers of eight bytes.
  fileprivate var longWords: [UInt64] {
    (0..<count / 8).map { index in (0..<8).reduce(0) { $0 | UInt64(self[8 * index + $1]) << UInt64(8 * $1) } }
  }
}
