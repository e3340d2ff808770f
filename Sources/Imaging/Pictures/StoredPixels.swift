import Crypto
import Foundation

/// The samples of one picture as its file stores them, decompressed and nothing else: no rescale, no window, no inversion, no turning.
///
/// Rows from the top, samples of one pixel together, little endian. Colour is RGB even where a file stores YBR; palette indices are kept;
/// one-bit pixels are bytes of 0 and 1; numbers of fewer bits than their type are extended, with their sign where they have one.
/// This is what `medoid inspect` and the manifest digest, and what pydicom's `pixel_array` and nibabel's `dataobj` hand out.
package struct StoredPixels: Sendable, Equatable {
  /// NumPy's names.
  package enum SampleType: String, Codable, Sendable, CaseIterable {
    case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

    /// Bytes of one sample.
    package var width: Int {
      switch self {
      case .uint8, .int8: 1
      case .uint16, .int16: 2
      case .uint32, .int32, .float32: 4
      case .uint64, .int64, .float64: 8
      }
    }
  }

  package var bytes: [UInt8]
  package var columns: Int
  package var rows: Int
  /// Samples a pixel: 1 or 3; 2 or 4 with an alpha channel; 4 of CMYK; more where a TIFF file has more.
  package var samples: Int
  package var type: SampleType

  /// - Precondition: `bytes` holds `rows * columns * samples` samples of `type`.
  package init(bytes: [UInt8], columns: Int, rows: Int, samples: Int, type: SampleType) {
    precondition(
      bytes.count == rows * columns * samples * type.width,
      "\(bytes.count) bytes for \(rows)×\(columns)×\(samples) of \(type)")
    self.bytes = bytes
    self.columns = columns
    self.rows = rows
    self.samples = samples
    self.type = type
  }

  /// SHA-256 of the bytes, 64 hexadecimal digits.
  package var digest: String {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize().hexadecimal
  }

  /// Sample `index` in storage order as a number. For checks and odd types; loops over pixels go by `Tone`.
  package subscript(index: Int) -> Double {
    bytes.withUnsafeBytes { raw in
      let offset = index * type.width
      return switch type {
      case .uint8: Double(raw[offset])
      case .int8: Double(Int8(bitPattern: raw[offset]))
      case .uint16: Double(raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      case .int16: Double(raw.loadUnaligned(fromByteOffset: offset, as: Int16.self))
      case .uint32: Double(raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      case .int32: Double(raw.loadUnaligned(fromByteOffset: offset, as: Int32.self))
      case .uint64: Double(raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      case .int64: Double(raw.loadUnaligned(fromByteOffset: offset, as: Int64.self))
      case .float32: Double(raw.loadUnaligned(fromByteOffset: offset, as: Float.self))
      case .float64: raw.loadUnaligned(fromByteOffset: offset, as: Double.self)
      }
    }
  }
}

extension Sequence<UInt8> {
  /// Two lower-case digits a byte.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
