/// The transfer syntaxes that the parser itself must know, and how code streams begin (PS3.5 A, PS3.6 A).
package enum TransferSyntax {
  package static let implicitLittleEndian = "1.2.840.10008.1.2"
  package static let explicitLittleEndian = "1.2.840.10008.1.2.1"
  package static let deflated = "1.2.840.10008.1.2.1.99"
  package static let explicitBigEndian = "1.2.840.10008.1.2.2"
  package static let jpegBaseline = "1.2.840.10008.1.2.4.50"
  package static let jpegExtended = "1.2.840.10008.1.2.4.51"
  package static let jpegLossless = "1.2.840.10008.1.2.4.70"
  package static let jpegLS = "1.2.840.10008.1.2.4.80"
  package static let jpeg2000 = "1.2.840.10008.1.2.4.90"
  package static let runLength = "1.2.840.10008.1.2.5"

  /// Those whose pixel data is no code stream.
  package static let native: Set<String> = [implicitLittleEndian, explicitLittleEndian, deflated, explicitBigEndian]

  /// What a stream of bytes is by its markers; nil for anything else.
  static func ofCodeStream(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xff, 0x4f, 0xff, 0x51]) || bytes.starts(with: [0, 0, 0, 0x0c, 0x6a, 0x50]) {
      return jpeg2000
    }
    if bytes.starts(with: [0xff, 0xd8, 0xff]) { return ofJPEG(bytes) }
    // Run length: the number of segments, then where the first begins (PS3.5 G.5).
    if bytes.count >= 64, (1...15).contains(bytes[0]), bytes[1..<4].allSatisfy({ $0 == 0 }), bytes[4] == 64,
      bytes[5..<8].allSatisfy({ $0 == 0 })
    {
      return runLength
    }
    return nil
  }

  /// By the frame header (ITU-T T.81 B.2.2, T.87 C.2.2).
  private static func ofJPEG(_ bytes: [UInt8]) -> String? {
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xff {
      switch bytes[position + 1] {
      case 0xc0: return jpegBaseline
      case 0xc1, 0xc2: return jpegExtended
      case 0xc3: return jpegLossless
      case 0xf7: return jpegLS
      default: position += 2 + Int(bytes[position + 2]) << 8 + Int(bytes[position + 3])
      }
    }
    return jpegBaseline
  }
}
