/// How a camera says it was held: the EXIF orientation tag, 1 (upright) … 8.
enum EXIFOrientation {
  /// The tag 0x0112 of the first directory of a TIFF structure, as APP1 of JPEG, eXIf of PNG and EXIF of WebP hold it; 1 where it states none
  /// that makes sense.
  static func find(inTIFF tiff: UnsafeRawBufferPointer) -> Int {
    // Some writers of PNG and WebP keep the identifier of JPEG in front.
    let body = tiff.starts("Exif\0\0") ? UnsafeRawBufferPointer(rebasing: tiff.dropFirst(6)) : tiff
    let isBig = body.byte(0) == 0x4d
    guard let directory = body.integer(4, UInt32.self, bigEndian: isBig).map({ Int($0) }),
      let count = body.integer(directory, UInt16.self, bigEndian: isBig)
    else { return 1 }
    for entry in 0..<Int(count) {
      let offset = directory + 2 + 12 * entry
      guard let tag = body.integer(offset, UInt16.self, bigEndian: isBig) else { return 1 }
      guard tag == 0x0112, let value = body.integer(offset + 8, UInt16.self, bigEndian: isBig) else { continue }
      if (1...8).contains(value) { return Int(value) }
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
    // Where the upper left pixel comes from, and how far one steps through the source for a step right and a step down.
    let (across, down) = isTransposed ? (columns, 1) : (1, columns)
    let isFlippedAcross = [2, 3, 6, 7].contains(orientation)
    let isFlippedDown = [3, 4, 7, 8].contains(orientation)
    let size = samples * type.width
    let start = (isFlippedAcross ? (width - 1) * across : 0) + (isFlippedDown ? (height - 1) * down : 0)
    let stepX = (isFlippedAcross ? -across : across) * size
    let stepY = (isFlippedDown ? -down : down) * size
    let turned = [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
      bytes.withUnsafeBufferPointer { source in
        var to = 0
        for y in 0..<height {
          var from = start * size + y * stepY
          for _ in 0..<width {
            for k in 0..<size { target[to + k] = source[from + k] }
            from += stepX
            to += size
          }
        }
      }
      count = bytes.count
    }
    return StoredPixels(bytes: turned, columns: width, rows: height, samples: samples, type: type)
  }
}
