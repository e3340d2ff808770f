/// Transparency: kept as stored, black as looked at.
extension StoredPixels {
  /// The picture of grey or colour whose last sample is alpha, laid over black: shade × alpha. - Complexity: O(pixels).
  ///
  /// Where every pixel is opaque the alpha is left out, and the samples stay what they are.
  /// - Parameter isPremultiplied: the shades were multiplied with alpha by the writer; it is only left out.
  /// - Precondition: 2 or 4 samples of 8 or 16 bits.
  func overBlack(isPremultiplied: Bool = false) -> Picture {
    precondition((samples == 2 || samples == 4) && (type == .uint8 || type == .uint16), "\(samples) samples of \(type)")
    return type == .uint8
      ? overBlack(UInt8.self, isPremultiplied) : overBlack(UInt16.self, isPremultiplied)
  }

  private func overBlack<Sample: FixedWidthInteger & UnsignedInteger>(
    _: Sample.Type, _ isPremultiplied: Bool
  ) -> Picture {
    let pixels = rows * columns
    let colours = samples - 1
    return bytes.withUnsafeBytes { raw in
      let source = raw.assumingMemoryBound(to: Sample.self)
      var isOpaque = isPremultiplied
      if !isPremultiplied {
        isOpaque = true
        for i in 0..<pixels where source[i * samples + colours] != .max {
          isOpaque = false
          break
        }
      }
      if isOpaque { return Picture(keeping(first: colours)) }
      let scale = 1 / (Float(Sample.max) * Float(Sample.max))
      let shades = [Float](unsafeUninitializedCapacity: colours * pixels) { target, count in
        for i in 0..<pixels {
          let alpha = Float(source[i * samples + colours]) * scale
          for k in 0..<colours { target[k * pixels + i] = Float(source[i * samples + k]) * alpha }
        }
        count = colours * pixels
      }
      return Picture(self, .shades(shades, channels: colours))
    }
  }

  /// The first samples of each pixel. - Precondition: there are so many.
  func keeping(first kept: Int) -> StoredPixels {
    precondition((1...samples).contains(kept), "\(kept) of \(samples) samples")
    if kept == samples { return self }
    let (from, to) = (samples * type.width, kept * type.width)
    let packed = [UInt8](unsafeUninitializedCapacity: rows * columns * to) { target, count in
      bytes.withUnsafeBufferPointer { source in
        for i in 0..<rows * columns { for k in 0..<to { target[i * to + k] = source[i * from + k] } }
      }
      count = rows * columns * to
    }
    return StoredPixels(bytes: packed, columns: columns, rows: rows, samples: kept, type: type)
  }
}
