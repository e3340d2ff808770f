/// How a stored sample becomes a shade of 0…1, with 0 black.
package enum Tone: Sendable, Equatable {
  /// The sample over the greatest number of its type: 255 or 65,535.
  case unit
  /// The shade of every 8-bit (256 entries) or 16-bit pattern (65,536), signed ones under their unsigned bit pattern.
  case table([Float])
  /// Red, green and blue of every 8-bit or 16-bit index.
  case palette(red: [Float], green: [Float], blue: [Float])
  /// Shades worked out beforehand, in planes [channels, rows, columns]: for samples of more than 16 bits, for floating point, for alpha.
  case shades([Float], channels: Int)

  /// Samples of 8 or 16 bits without sign over `most` instead of the greatest number of their type; what is above is white.
  static func over(_ most: Int, _ type: StoredPixels.SampleType) -> Tone {
    .table((0..<1 << (8 * type.width)).map { Float(min($0, most)) / Float(most) })
  }
}
