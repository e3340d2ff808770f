import CGDCM
public import Foundation

/// Writes single-frame grey images as DICOM Part 10 files: every element as given, equal input to equal bytes.
///
///     try DICOMWriter.write(
///       pixels: .init(width: 320, height: 256, bitsStored: 12, isInverted: false, samples: samples),
///       attributes: [.init(0x0008, 0x0018, "UI", "2.25.17"), …], encoding: .explicitLittleEndian, to: file)
///
/// Nothing is made up: no clock, no random identifiers. The attributes must hold SOP class (0008,0016) and instance (0008,0018).
public enum DICOMWriter {
  /// How the pixels are stored. All are lossless.
  public enum Encoding: Sendable, Hashable { case explicitLittleEndian, runLength, losslessJPEG }

  /// Grey pixels [height, width] of `bitsStored` bits in 16; `isInverted` means that small values are bright (MONOCHROME1).
  public struct Pixels: Sendable {
    public let width, height, bitsStored: Int
    public let isInverted: Bool
    public let samples: [UInt16]

    /// - Precondition: `width * height` samples, 1 to 16 bits.
    public init(width: Int, height: Int, bitsStored: Int, isInverted: Bool, samples: [UInt16]) {
      precondition(samples.count == width * height, "\(samples.count) samples for \(width)×\(height)")
      precondition((1...16).contains(bitsStored), "\(bitsStored) bits of 16")
      (self.width, self.height, self.bitsStored) = (width, height, bitsStored)
      (self.isInverted, self.samples) = (isInverted, samples)
    }
  }

  /// One element: tag, value representation ("DS", "UI", "US", …) and value as text, several values parted by a backslash.
  public struct Attribute: Sendable, Hashable {
    public let group, element: UInt16
    public let representation, value: String

    public init(_ group: UInt16, _ element: UInt16, _ representation: String, _ value: String) {
      (self.group, self.element) = (group, element)
      (self.representation, self.value) = (representation, value)
    }
  }

  /// A file that could not be written.
  public enum Failure: Error, Equatable {
    case notEncoded(width: Int, height: Int, encoding: Encoding)
    case notWritten(path: String)
    case notBuilt(attributes: Int)
  }

  /// Writes `pixels` under `attributes`; `pixels: nil` makes a valid file that holds no image.
  /// - Throws: `Failure`.
  public static func write(
    pixels: Pixels?, attributes: [Attribute], encoding: Encoding = .explicitLittleEndian, to file: URL
  ) throws {
    var text: [CChar] = []
    var places: [(Int, Int)] = []
    for attribute in attributes {
      let first = text.count
      text += attribute.representation.utf8CString
      places.append((first, text.count))
      text += attribute.value.utf8CString
    }
    let code = text.withUnsafeBufferPointer { text in
      let elements = zip(attributes, places).map { attribute, place in
        CGDCMElement(
          group: attribute.group, element: attribute.element, representation: text.baseAddress! + place.0,
          value: text.baseAddress! + place.1)
      }
      guard let pixels else {
        return cgdcm_write(file.path, nil, elements, UInt64(elements.count), encoding.code)
      }
      return pixels.samples.withUnsafeBufferPointer { samples in
        var image = CGDCMGreyImage(
          pixels: samples.baseAddress, columns: UInt32(pixels.width), rows: UInt32(pixels.height),
          bits_stored: UInt32(pixels.bitsStored), inverted: pixels.isInverted ? 1 : 0)
        return cgdcm_write(file.path, &image, elements, UInt64(elements.count), encoding.code)
      }
    }
    switch Int(code) {
    case CGDCM_WRITTEN: return
    case CGDCM_NOT_ENCODED:
      throw Failure.notEncoded(width: pixels?.width ?? 0, height: pixels?.height ?? 0, encoding: encoding)
    case CGDCM_NOT_WRITTEN: throw Failure.notWritten(path: file.path)
    default: throw Failure.notBuilt(attributes: attributes.count)
    }
  }
}

extension DICOMWriter.Encoding {
  fileprivate var code: Int32 {
    switch self {
    case .explicitLittleEndian: Int32(CGDCM_EXPLICIT_LITTLE_ENDIAN)
    case .runLength: Int32(CGDCM_RUN_LENGTH)
    case .losslessJPEG: Int32(CGDCM_LOSSLESS_JPEG)
    }
  }
}
