/// A stack of equally sized images in memory: planar samples [count, channels, height, width] of 8 or 16 bits.
///
/// What `ingest` decodes once and training, embedding and thumbnails read many times. One image is
/// `channels * height * width` samples; grey archives keep one channel, and `read` repeats it where three are asked for.
public struct PixelStack: Sendable {
  public enum Samples: Sendable {
    case bits8([UInt8])
    case bits16([UInt16])
  }

  public let count: Int
  /// 1 (grey) or 3 (red, green, blue).
  public let channels: Int
  public let height: Int
  public let width: Int
  public let samples: Samples

  /// - Precondition: `samples` holds `count * channels * height * width` values; `channels` is 1 or 3.
  public init(count: Int, channels: Int, height: Int, width: Int, samples: Samples) {
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    let held =
      switch samples {
      case .bits8(let values): values.count
      case .bits16(let values): values.count
      }
    precondition(
      held == count * channels * height * width, "\(held) samples for \(count)×\(channels)×\(height)×\(width)")
    self.count = count
    self.channels = channels
    self.height = height
    self.width = width
    self.samples = samples
  }

  /// Writes image `index` as three planes [3, height, width] in 0…1, grey repeated. - Complexity: O(height · width).
  /// - Precondition: `target` has room for `3 * height * width` floats.
  public func read(_ index: Int, into target: UnsafeMutablePointer<Float>) {
    precondition(index >= 0 && index < count, "image \(index) of \(count)")
    let plane = height * width
    let start = index * channels * plane
    switch samples {
    case .bits8(let values): expand(values, start, scale: 1 / 255, into: target)
    case .bits16(let values): expand(values, start, scale: 1 / 65535, into: target)
    }
    if channels == 1 {
      target.advanced(by: plane).update(from: target, count: plane)
      target.advanced(by: 2 * plane).update(from: target, count: plane)
    }
  }

  private func expand<Sample: BinaryInteger>(
    _ values: [Sample], _ start: Int, scale: Float, into target: UnsafeMutablePointer<Float>
  ) {
    values.withUnsafeBufferPointer { source in
      for i in 0..<channels * height * width { target[i] = Float(source[start + i]) * scale }
    }
  }
}
