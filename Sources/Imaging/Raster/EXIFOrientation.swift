import Foundation

/// How a camera says it was held: the EXIF orientation tag, 1 (upright) … 8.
enum EXIFOrientation {
  /// The orientation a JPEG file states; 1 where it states none that makes sense.
  static func find(in jpeg: Data) -> Int {
    let bytes = [UInt8](jpeg.prefix(1 << 18))
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xff {
      let marker = bytes[position + 1]
      if marker == 0xff {
        position += 1
        continue
      }
      if marker == 0xda || marker == 0xd9 { return 1 }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      let end = position + 2 + length
      if length < 2 || end > bytes.count { return 1 }
      let body = bytes[position + 4..<end]
      if marker == 0xe1 && body.starts(with: Array("Exif\0\0".utf8)) {
        return orientation(inTIFF: Array(body.dropFirst(6)))
      }
      position = end
    }
    return 1
  }

  /// The tag 0x0112 of the first directory of a TIFF structure.
  private static func orientation(inTIFF tiff: [UInt8]) -> Int {
    guard tiff.count >= 8 else { return 1 }
    let isLittle = tiff[0] == 0x49
    func number(_ offset: Int, bytes: Int) -> Int? {
      guard offset >= 0 && offset + bytes <= tiff.count else { return nil }
      let part = tiff[offset..<offset + bytes]
      return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(4, bytes: 4), let count = number(directory, bytes: 2) else { return 1 }
    for entry in 0..<count {
      let offset = directory + 2 + 12 * entry
      guard let tag = number(offset, bytes: 2) else { return 1 }
      if tag == 0x0112, let value = number(offset + 8, bytes: 2), (1...8).contains(value) { return value }
    }
    return 1
  }
}

extension StoredPixels {
  /// The upright picture of one stored in EXIF orientation `orientation`: 5…8 exchange the axes. - Complexity: O(pixels).
  func turned(by orientation: Int) -> StoredPixels {
    if orientation <= 1 || orientation > 8 { return self }
    let isTransposed = orientation >= 5
    let (height, width) = isTransposed ? (columns, rows) : (rows, columns)
    let size = samples * type.width
    let turned = [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
      for y in 0..<height {
        for x in 0..<width {
          let (sourceY, sourceX) =
            switch orientation {
            case 2: (y, columns - 1 - x)
            case 3: (rows - 1 - y, columns - 1 - x)
            case 4: (rows - 1 - y, x)
            case 5: (x, y)
            case 6: (rows - 1 - x, y)
            case 7: (rows - 1 - x, columns - 1 - y)
            default: (x, columns - 1 - y)
            }
          let (from, to) = ((sourceY * columns + sourceX) * size, (y * width + x) * size)
          for k in 0..<size { target[to + k] = bytes[from + k] }
        }
      }
      count = bytes.count
    }
    return StoredPixels(bytes: turned, columns: width, rows: height, samples: samples, type: type)
  }
}
