import Foundation

/// Whether a clip's file ends before its container says it does, seen in the lengths that the container's outermost parts state.
///
/// A demuxer that comes to the end of its bytes calls it the end of the clip; what was cut off would be lost without a word. MPEG streams state no
/// lengths: nothing can be said of them. Safe on any bytes. - Complexity: O(parts); of GIF O(bytes), no pixel decoded.
struct ClipEnd {
  /// Whether bytes are missing.
  var isCutShort = false
  /// Of GIF: the pictures whose data are whole. The decoder would fill up the one that was cut.
  var wholePictures: Int?

  /// - Parameter bytes: the whole file, mapped or in memory.
  init(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count < 16 { return }
    if bytes.starts(with: Array("GIF8".utf8)) {
      walkGIF(bytes)
    } else if bytes.starts(with: Array("RIFF".utf8)) {
      isCutShort = ClipEnd.ends(8, Int(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self).littleEndian), bytes)
    } else if bytes.starts(with: [0x1a, 0x45, 0xdf, 0xa3]) {
      walkMatroska(bytes)
    } else if bytes[4..<8].elementsEqual(Array("ftyp".utf8)) || bytes[0] == 0 {
      walkAtoms(bytes)
    }
  }

  /// Whether `length` bytes from `start` end beyond the file.
  private static func ends(_ start: Int, _ length: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
    let (end, overflow) = start.addingReportingOverflow(length)
    return overflow || end > bytes.count
  }

  /// ISO/IEC 14496-12: a 32-bit length with its own 8 bytes, a name; 1 is followed by a 64-bit length, 0 goes to the end of the file.
  private mutating func walkAtoms(_ bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: [0, 0, 1]) { return }  // an MPEG start code
    var position = 0
    while position + 8 <= bytes.count {
      var length = Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self).bigEndian)
      var header = 8
      if length == 0 { return }
      if length == 1 {
        header = 16
        guard position + header <= bytes.count,
          let long = Int(exactly: bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self).bigEndian)
        else {
          isCutShort = true
          return
        }
        length = long
      }
      if length < header { return }
      if ClipEnd.ends(position, length, bytes) {
        isCutShort = true
        return
      }
      position += length
    }
  }

  /// RFC 8794: identifier and length of one to eight bytes; a length of all ones is not known.
  private mutating func walkMatroska(_ bytes: UnsafeRawBufferPointer) {
    var position = 0
    while position < bytes.count {
      let identifierLength = bytes[position].leadingZeroBitCount + 1
      guard identifierLength <= 4, position + identifierLength < bytes.count else { return }
      position += identifierLength
      let width = bytes[position].leadingZeroBitCount + 1
      guard width <= 8, position + width <= bytes.count else { return }
      var length = Int(bytes[position]) & (0xff >> width)
      var isUnknown = length == 0xff >> width
      for offset in 1..<max(width, 1) {
        length = length << 8 | Int(bytes[position + offset])
        isUnknown = isUnknown && bytes[position + offset] == 0xff
      }
      if isUnknown { return }
      position += width
      if ClipEnd.ends(position, length, bytes) {
        isCutShort = true
        return
      }
      position += length
    }
  }

  /// GIF89a: header and screen, then extensions (0x21) and pictures (0x2c), whose data come in blocks that state their lengths; 0x3b ends it.
  private mutating func walkGIF(_ bytes: UnsafeRawBufferPointer) {
    var position = 13 + ClipEnd.colours(bytes[10])
    var pictures = 0
    /// Goes beyond blocks up to the empty one; false where the file ends before.
    func skipBlocks() -> Bool {
      while position < bytes.count {
        let length = Int(bytes[position])
        position += 1 + length
        if length == 0 { return true }
      }
      return false
    }
    isCutShort = true
    defer { wholePictures = pictures }
    while position < bytes.count {
      switch bytes[position] {
      case 0x3b:
        isCutShort = false
        return
      case 0x21:
        position += 2
        if !skipBlocks() { return }
      case 0x2c:
        guard position + 9 < bytes.count else { return }
        position += 10 + ClipEnd.colours(bytes[position + 9]) + 1
        if !skipBlocks() { return }
        pictures += 1
      default: position += 1
      }
    }
  }

  /// Bytes of the colour table that a byte of flags announces.
  private static func colours(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }
}
