/// What a JPEG file says before its first scan (ITU-T T.81, annex B): the process, the size, and what applications added.
struct JPEGMarkers {
  /// The frame's marker, 0xC0 … 0xCF (0xC3 is lossless), or 0xF7 of JPEG-LS; nil where none was found.
  private(set) var process: UInt8?
  private(set) var precision = 8
  private(set) var width = 0
  private(set) var height = 0
  private(set) var components = 0
  /// EXIF orientation, 1…8.
  private(set) var orientation = 1
  private(set) var hasColourProfile = false

  /// Lossless (SOF3), JPEG-LS, or of other than 8 bits: nothing for libjpeg-turbo.
  var isRare: Bool { process.map { $0 == 0xc3 || $0 == 0xf7 || precision != 8 } ?? false }

  init(_ bytes: UnsafeRawBufferPointer) {
    var position = 2
    while let mark = bytes.byte(position), let marker = bytes.byte(position + 1) {
      // As libjpeg does: padding, and bytes that belong to no marker, are passed over.
      if mark != 0xff || marker == 0xff || marker == 0 {
        position += 1
        continue
      }
      if marker == 0xda || marker == 0xd9 { return }
      // Restart markers and TEM stand alone.
      if (0xd0...0xd7).contains(marker) || marker == 1 {
        position += 2
        continue
      }
      guard let length = bytes.integer(position + 2, UInt16.self, bigEndian: true), length >= 2,
        let body = bytes.slice(position + 4, Int(length) - 2)
      else { return }
      read(marker, body)
      position += 2 + Int(length)
    }
  }

  private mutating func read(_ marker: UInt8, _ body: UnsafeRawBufferPointer) {
    switch marker {
    case 0xe1 where body.starts("Exif\0\0"): orientation = EXIFOrientation.find(inTIFF: body)
    case 0xe2 where body.starts("ICC_PROFILE\0"): hasColourProfile = true
    case 0xc0...0xc3, 0xc5...0xc7, 0xc9...0xcb, 0xcd...0xcf, 0xf7:
      guard body.count >= 6, process == nil else { return }
      process = marker
      precision = Int(body[0])
      height = Int(body[1]) << 8 | Int(body[2])
      width = Int(body[3]) << 8 | Int(body[4])
      components = Int(body[5])
    default: break
    }
  }
}
