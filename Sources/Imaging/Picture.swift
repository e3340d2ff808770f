import Crypto
import Foundation

/// A decoded full-size picture inside this room: planes [channels, height, width] of 0…1, and how they were stored.
struct Picture {
  var pixels: [Float]
  var channels: Int
  var height: Int
  var width: Int
  /// Pictures in the file, bits a sample and samples a pixel, as stored.
  var frames: Int
  var bits: Int
  var samples: Int

  /// One plane where three are equal: grey that was stored as colour. - Complexity: O(pixels).
  func collapsingEqualChannels() -> Picture {
    guard channels == 3 else { return self }
    let plane = height * width
    let isGrey = pixels.withUnsafeBufferPointer { values in
      for i in 0..<plane where values[i] != values[plane + i] || values[i] != values[2 * plane + i] { return false }
      return true
    }
    if !isGrey { return self }
    var grey = self
    grey.channels = 1
    grey.pixels.removeLast(2 * plane)
    return grey
  }

  /// SHA-256 over shape and samples rounded to 16 bits: 8-bit and 16-bit values survive exactly, whatever file they came from.
  func digest() -> String {
    var hash = SHA256()
    hash.update(data: Data("\(channels) \(height) \(width)\n".utf8))
    let block = 1 << 16
    var words = [UInt16](repeating: 0, count: block)
    pixels.withUnsafeBufferPointer { values in
      var start = 0
      while start < values.count {
        let count = min(block, values.count - start)
        for i in 0..<count { words[i] = UInt16(values[start + i] * 65535 + 0.5).littleEndian }
        words.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<(2 * count)])) }
        start += count
      }
    }
    return hash.finalize().hexadecimal
  }

  /// The planes of interleaved samples, each multiplied by `scale`. - Precondition: `source` holds height · width · channels samples.
  static func planes<Sample: BinaryInteger>(
    of source: UnsafeBufferPointer<Sample>, channels: Int, pixels: Int, scale: Float
  ) -> [Float] {
    precondition(source.count >= channels * pixels, "\(source.count) samples for \(pixels) × \(channels)")
    return [Float](unsafeUninitializedCapacity: channels * pixels) { target, count in
      for channel in 0..<channels {
        let plane = target.baseAddress! + channel * pixels
        for i in 0..<pixels { plane[i] = Float(source[i * channels + channel]) * scale }
      }
      count = channels * pixels
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
