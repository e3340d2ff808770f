/// A file format, recognised by the file's first bytes and never by its name.
public enum FileFormat: String, Codable, Sendable, CaseIterable {
  case dicom, jpeg, png, tiff, bmp, webp, gif, jpeg2000, pnm
  /// Clips other than GIF: MP4, MOV, AVI, MPEG, Matroska, WebM.
  case video
  /// JPEG XL; NIfTI-1 and -2 and Analyze, plain or in gzip; NumPy arrays, alone and in a zip file.
  case jpegxl, nifti, npy, npz
  /// A whole slide, whatever file it lies in: what `SlideFormats` makes of it, never what first bytes say.
  case slide

  /// How many leading bytes `init(prefix:)` wants to see.
  static let prefixLength = 4096

  /// The format of a file beginning with `prefix`, or nil.
  ///
  /// DICOM is asked first, because its 128 free bytes may look like something else (whole-slide files carry a TIFF header there).
  public init?(prefix: [UInt8]) {
    func starts(_ bytes: [UInt8], at offset: Int = 0) -> Bool { prefix.dropFirst(offset).starts(with: bytes) }
    if starts(Array("DICM".utf8), at: 128) {
      self = .dicom
    } else if starts([0xff, 0xd8, 0xff]) {
      self = .jpeg
    } else if starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
      self = .png
    } else if [[0x49, 0x49, 42, 0], [0x4d, 0x4d, 0, 42], [0x49, 0x49, 43, 0], [0x4d, 0x4d, 0, 43]].contains(where: {
      starts($0)
    }) {
      self = .tiff
    } else if starts(Array("RIFF".utf8)) && starts(Array("WEBP".utf8), at: 8) {
      self = .webp
    } else if starts(Array("GIF87a".utf8)) || starts(Array("GIF89a".utf8)) {
      self = .gif
    } else if starts([0, 0, 0, 0x0c, 0x6a, 0x50, 0x20, 0x20]) || starts([0xff, 0x4f, 0xff, 0x51]) {
      self = .jpeg2000
    } else if starts(Array("BM".utf8)) && FileFormat.hasBitmapHeader(prefix) {
      self = .bmp
    } else if starts([0xff, 0x0a]) || starts([0, 0, 0, 0x0c, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a]) {
      self = .jpegxl
    } else if starts(NumPyHeader.magic) {
      self = .npy
    } else if NIfTIHeader.isBegun(by: prefix) {
      self = .nifti
    } else if starts([0x50, 0x4b, 3, 4]) && FileFormat.firstEntryIsArray(prefix) {
      self = .npz
    } else if FileFormat.startsLikePortableAnymap(prefix) {
      self = .pnm
    } else if FileFormat.startsLikeClip(prefix) {
      self = .video
    } else if FileFormat.startsLikeDataSet(prefix) {
      self = .dicom
    } else {
      return nil
    }
  }

  /// Whether a zip file's first entry is an array of NumPy's.
  private static func firstEntryIsArray(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 30 else { return false }
    let length = Int(bytes[26]) | Int(bytes[27]) << 8
    return bytes.dropFirst(30).prefix(length).suffix(4).elementsEqual(Array(".npy".utf8)) && bytes.count >= 30 + length
  }

  /// The length of a BMP's second header, of which there are a few: "BM" alone begins too many texts.
  private static func hasBitmapHeader(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 18 && [12, 40, 52, 56, 64, 108, 124].contains(Int(bytes[14]))
      && bytes[15...17].allSatisfy { $0 == 0 }
  }

  private static func startsLikePortableAnymap(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 8, bytes[0] == 0x50, (0x31...0x36).contains(bytes[1]) else { return false }
    return [0x0a, 0x0d, 0x20, 0x09].contains(bytes[2]) && bytes[3] < 0x3a
  }

  /// MP4 and MOV (but not the still pictures in the same container), AVI, Matroska, MPEG program, video and transport streams.
  private static func startsLikeClip(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 12 else { return false }
    func name(_ offset: Int) -> String { String(decoding: bytes[offset..<offset + 4], as: UTF8.self) }
    if name(4) == "ftyp" {
      return !["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis", "crx "].contains(name(8))
    }
    if ["moov", "mdat", "wide", "pnot"].contains(name(4)) { return true }
    if name(0) == "RIFF" { return name(8) == "AVI " }
    if bytes.starts(with: [0x1a, 0x45, 0xdf, 0xa3]) { return true }
    if bytes.starts(with: [0, 0, 1, 0xba]) || bytes.starts(with: [0, 0, 1, 0xb3]) { return true }
    // Packets of 188 bytes, or of 192 with a time before each.
    // A file of one letter over and over is no transport stream.
    return bytes.count > 196 && (bytes[0] == 0x47 && bytes[188] == 0x47 || bytes[4] == 0x47 && bytes[196] == 0x47)
      && bytes[..<196].contains { $0 != 0x47 }
  }

  /// A DICOM data set without preamble: its first element is one of a low group, with a value representation or a sane length.
  private static func startsLikeDataSet(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 12 else { return false }
    let representations: Set<String> = [
      "AE", "CS", "DA", "IS", "LO", "OB", "PN", "SH", "SQ", "TM", "UI", "UL", "UN", "US",
    ]
    let letters = String(decoding: bytes[4...5], as: UTF8.self)
    let little = (group: Int(bytes[0]) | Int(bytes[1]) << 8, element: Int(bytes[2]) | Int(bytes[3]) << 8)
    let big = (group: Int(bytes[0]) << 8 | Int(bytes[1]), element: Int(bytes[2]) << 8 | Int(bytes[3]))
    if representations.contains(letters) {
      return [0x0002, 0x0008].contains(little.group) || [0x0002, 0x0008].contains(big.group)
    }
    let length = Int(bytes[4]) | Int(bytes[5]) << 8 | Int(bytes[6]) << 16 | Int(bytes[7]) << 24
    return [0x0002, 0x0008].contains(little.group) && little.element <= 0x0070 && length <= 1024
  }
}
