import CGDCM
import Foundation

/// One DICOM file opened by GDCM: header elements by tag, and decoded stored pixels.
///
/// GDCM asserts on some malformed files, which ends the process: outside tests this runs in a `DecoderPool` child.
package final class GDCMFile {
  /// (group, element).
  struct Tag: Hashable {
    let group: UInt16
    let element: UInt16

    init(_ group: UInt16, _ element: UInt16) {
      self.group = group
      self.element = element
    }
  }

  private let handle: OpaquePointer
  private let status: Int

  /// Reads the whole file; what is wrong with its pixels shows in `dicomPixels()`.
  /// The corresponding C++ function is `gdcm::ImageReader::Read`.
  package init(_ path: String) throws(DecodeFailure) {
    var status: Int32 = 0
    guard let handle = cgdcm_open(path, &status) else { throw DecodeFailure(.tooLarge, "no memory to read the file") }
    self.handle = handle
    self.status = Int(status)
  }

  deinit { cgdcm_close(handle) }

  /// The value bytes of an element, of the first item of `sequence` if that is given; nil where it is absent.
  func bytes(_ tag: Tag, in sequence: Tag? = nil) -> [UInt8]? {
    var start: UnsafePointer<UInt8>?
    let outer = sequence.map { UInt32($0.group) << 16 | UInt32($0.element) } ?? 0
    let length = cgdcm_value(handle, outer, tag.group, tag.element, &start)
    if length < 0 { return nil }
    return Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(length)))
  }

  /// 16-bit words in this machine's order; empty where absent.
  func words(_ tag: Tag, in sequence: Tag? = nil) -> [UInt16] {
    let bytes = bytes(tag, in: sequence) ?? []
    return (0..<bytes.count / 2).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
  }

  /// The first of the values of a text element, without padding; empty where absent.
  func text(_ tag: Tag) -> String {
    let first = (bytes(tag) ?? []).prefix { $0 != UInt8(ascii: "\\") }
    return String(decoding: first, as: UTF8.self).trimmingCharacters(in: CharacterSet(charactersIn: " \0\t\r\n"))
  }

  /// The first number of a decimal or integer string.
  func number(_ tag: Tag) -> Double? { Double(text(tag)).flatMap { $0.isFinite ? $0 : nil } }

  /// A code string (upper case letters, digits, underscore, at most 16), made so where the file breaks the rule.
  func code(_ tag: Tag) -> String {
    let allowed = text(tag).uppercased().unicodeScalars.filter {
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ".unicodeScalars.contains($0)
    }
    return String(String.UnicodeScalarView(allowed.prefix(16)))
  }

  /// The decoded pixels of a single-frame file, before rescale and window.
  /// - Throws: `multiple_frames`, `no_pixels`, `unsupported_encoding`, `truncated`, `corrupt`, `too_large`.
  package func dicomPixels() throws(DecodeFailure) -> DICOMPixels {
    // A file can say there are many frames and hold none of GDCM's liking; what it says decides.
    let stated = text(.numberOfFrames)
    guard let frames = stated.isEmpty ? 1 : Double(stated), frames.isFinite else {
      throw DecodeFailure(.corrupt, "the number of frames is no number")
    }
    if frames > 1 && status != CGDCM_NO_PIXELS && status != CGDCM_NOT_PARSED {
      throw DecodeFailure(.multipleFrames, "\(Int(min(frames, 1e9))) frames; single-frame files are read")
    }
    if status != CGDCM_OK { throw failure(status) }
    var format = CGDCMPixelFormat()
    cgdcm_format(handle, &format)
    if format.frames > 1 {
      throw DecodeFailure(.multipleFrames, "\(format.frames) frames; single-frame files are read")
    }
    try DecodingLimits.check(width: Int(format.columns), height: Int(format.rows))
    guard format.bytes > 0, format.bytes <= UInt64(DecodingLimits.pixels) * 12 else {
      throw DecodeFailure(.corrupt, "a pixel element of \(format.bytes) bytes")
    }
    if text(.transferSyntax) == GDCMFile.runLength && format.samples > 1 && format.bits_allocated > 8 {
      // GDCM puts the byte planes of such pixels together wrongly, and says nothing.
      throw DecodeFailure(.unsupportedEncoding, "run-length coded colour of more than 8 bits")
    }
    if let pixels = subsampledPixels(format) { return pixels }
    var bytes = [UInt8](repeating: 0, count: Int(format.bytes))
    let code = Int(cgdcm_decode(handle, &bytes, format.bytes))
    if code != CGDCM_OK { throw failure(code) }
    // Decoding may correct the format (a code stream knows its own precision).
    let decoded = format.bytes
    cgdcm_format(handle, &format)
    guard format.bytes == decoded else { throw DecodeFailure(.corrupt, "the code stream contradicts the header") }
    // Twelve bits packed in three bytes a pair come out as two bytes each.
    let isUnpacked = format.bits_allocated == 12 && bytes.count == 2 * Int(format.columns) * Int(format.rows)
    return DICOMPixels(
      bytes: bytes, columns: Int(format.columns), rows: Int(format.rows), samples: Int(format.samples),
      bitsAllocated: isUnpacked ? 16 : Int(format.bits_allocated), bitsStored: Int(format.bits_stored),
      highBit: Int(format.high_bit),
      isSigned: format.is_signed != 0, isPlanar: format.is_planar != 0, photometric: photometric(format))
  }

  /// The header's word, but for JPEG that the header calls RGB and the stream's own JFIF marker YCbCr: there the stream is right,
  /// because GDCM hands out its components as they are.
  private func photometric(_ format: CGDCMPixelFormat) -> String {
    let stated = withUnsafeBytes(of: format.photometric) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self).trimmingCharacters(in: .whitespaces)
    }
    guard stated == "RGB", GDCMFile.lossyJPEG.contains(text(.transferSyntax)) else { return stated }
    var start: UnsafePointer<UInt8>?
    let length = cgdcm_first_fragment(handle, &start)
    let prefix = UnsafeBufferPointer(start: start, count: start == nil ? 0 : max(0, min(Int(length), 10)))
    return prefix.starts(with: [0xff, 0xd8, 0xff, 0xe0]) && prefix.dropFirst(6).starts(with: Array("JFIF".utf8))
      ? "YBR_FULL" : stated
  }

  /// Native YBR_FULL_422, which GDCM does not spread: two pixels are four bytes Y Y Cb Cr (PS3.3 C.7.6.3.1.2); nil for anything else.
  private func subsampledPixels(_ format: CGDCMPixelFormat) -> DICOMPixels? {
    let (columns, rows) = (Int(format.columns), Int(format.rows))
    guard photometric(format) == "YBR_FULL_422", format.bits_allocated == 8, columns % 2 == 0,
      let pairs = bytes(.pixelData), pairs.count >= 2 * columns * rows
    else { return nil }
    var full: [UInt8] = []
    full.reserveCapacity(3 * columns * rows)
    for start in stride(from: 0, to: 2 * columns * rows, by: 4) {
      full += [pairs[start], pairs[start + 2], pairs[start + 3], pairs[start + 1], pairs[start + 2], pairs[start + 3]]
    }
    return DICOMPixels(
      bytes: full, columns: columns, rows: rows, samples: 3, bitsAllocated: 8, bitsStored: 8, highBit: 7,
      isSigned: false,
      isPlanar: false, photometric: "YBR_FULL")
  }

  /// The one place where the face's codes become errors.
  private func failure(_ code: Int) -> DecodeFailure {
    let syntax = text(.transferSyntax)
    switch code {
    case CGDCM_NO_PIXELS:
      let isFloat = bytes(.floatPixelData) != nil || bytes(.doublePixelData) != nil
      return isFloat
        ? DecodeFailure(.unsupportedEncoding, "floating-point pixel data")
        : DecodeFailure(.noPixels, "the file holds no pixel data")
    case CGDCM_TRUNCATED: return DecodeFailure(.truncated, "the file ends before its pixels do")
    case CGDCM_NO_MEMORY: return DecodeFailure(.tooLarge, "no memory for the pixels")
    case _ where !syntax.isEmpty && !GDCMFile.readableSyntaxes.contains(syntax):
      return DecodeFailure(
        .unsupportedEncoding, "transfer syntax \(GDCMFile.isIdentifier(syntax) ? syntax : "unknown")")
    case CGDCM_NOT_PARSED: return DecodeFailure(.corrupt, "the file is no readable DICOM data set")
    case CGDCM_BAD_IMAGE: return DecodeFailure(.corrupt, "the header does not describe the pixel data")
    default: return DecodeFailure(.corrupt, "the pixel data cannot be decoded")
    }
  }

  /// The last parts of the transfer syntaxes that GDCM decodes: native, RLE, JPEG, JPEG-LS, JPEG 2000.
  private static let readableSyntaxes = Set(
    ["", ".1", ".1.99", ".2", ".5", ".4.50", ".4.51", ".4.57", ".4.70", ".4.80", ".4.81", ".4.90", ".4.91"]
      .map { "1.2.840.10008.1.2" + $0 })

  private static let lossyJPEG: Set<String> = ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"]
  private static let runLength = "1.2.840.10008.1.2.5"

  private static func isIdentifier(_ text: String) -> Bool {
    text.utf8.count <= 64 && text.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
  }
}

/// Pixels as a file stores them: rows from the top, samples of one pixel together or in planes, in this machine's byte order.
package struct DICOMPixels {
  package let bytes: [UInt8]
  package let columns: Int
  package let rows: Int
  package let samples: Int
  package let bitsAllocated: Int
  package let bitsStored: Int
  package let highBit: Int
  package let isSigned: Bool
  package let isPlanar: Bool
  /// `MONOCHROME2`, `RGB`, … after decoding: a codec may have turned YBR into RGB.
  package let photometric: String
}

extension DICOMPixels {
  /// One byte a pixel for single bits, samples of a pixel together.
  var canonicalBytes: [UInt8] {
    let pixels = rows * columns
    if bitsAllocated == 1 { return (0..<pixels).map { (bytes[$0 >> 3] >> UInt8($0 & 7)) & 1 } }
    let width = bitsAllocated / 8
    guard samples == 3 && isPlanar else { return Array(bytes.prefix(pixels * samples * width)) }
    return (0..<pixels).flatMap { pixel in
      (0..<3).flatMap { channel in (0..<width).map { bytes[(channel * pixels + pixel) * width + $0] } }
    }
  }
}

extension GDCMFile.Tag {
  static let transferSyntax = Self(0x0002, 0x0010)
  static let modality = Self(0x0008, 0x0060)
  static let manufacturerModelName = Self(0x0008, 0x1090)
  static let institutionName = Self(0x0008, 0x0080)
  static let stationName = Self(0x0008, 0x1010)
  static let patientID = Self(0x0010, 0x0020)
  static let bodyPartExamined = Self(0x0018, 0x0015)
  static let viewPosition = Self(0x0018, 0x5101)
  static let studyInstanceUID = Self(0x0020, 0x000d)
  static let seriesInstanceUID = Self(0x0020, 0x000e)
  static let numberOfFrames = Self(0x0028, 0x0008)
  static let pixelPaddingValue = Self(0x0028, 0x0120)
  static let pixelPaddingRangeLimit = Self(0x0028, 0x0121)
  static let windowCentre = Self(0x0028, 0x1050)
  static let windowWidth = Self(0x0028, 0x1051)
  static let rescaleIntercept = Self(0x0028, 0x1052)
  static let rescaleSlope = Self(0x0028, 0x1053)
  static let voiLUTFunction = Self(0x0028, 0x1056)
  static let modalityLUTSequence = Self(0x0028, 0x3000)
  static let lutDescriptor = Self(0x0028, 0x3002)
  static let lutData = Self(0x0028, 0x3006)
  static let voiLUTSequence = Self(0x0028, 0x3010)
  static let presentationLUTShape = Self(0x2050, 0x0020)
  static let pixelData = Self(0x7fe0, 0x0010)
  static let floatPixelData = Self(0x7fe0, 0x0008)
  static let doublePixelData = Self(0x7fe0, 0x0009)
  /// Descriptor, data and segmented data of the red, green and blue palette.
  static let palettes: [(descriptor: Self, data: Self, segmented: Self)] = [0, 1, 2].map {
    (Self(0x0028, 0x1101 + $0), Self(0x0028, 0x1201 + $0), Self(0x0028, 0x1221 + $0))
  }
}
