/// A stack of images that may not fit in memory: a `PixelStack`, or a dataset in a file.
///
/// Contract: the shape never changes; equal ranges yield equal pixels; `block` may be called from several threads.
public protocol PixelSource: Sendable {
  var count: Int { get }
  /// 1 (grey) or 3 (red, green, blue).
  var channels: Int { get }
  var height: Int { get }
  var width: Int { get }
  /// 8 or 16.
  var bits: Int { get }

  /// Images `range` in memory. - Throws: what the medium throws. - Precondition: `range` lies in `0..<count`.
  func block(_ range: Range<Int>) throws -> PixelStack
}

extension PixelSource {
  public var bytesAnImage: Int { channels * height * width * (bits / 8) }

  /// Images of a block that is worth a read of its own: about 4 MiB.
  public var imagesABlock: Int { max(1, (4 << 20) / max(1, bytesAnImage)) }

  /// Visits all images in blocks of a fixed size, in order, holding one block at a time.
  public func forEachBlock(_ body: (_ first: Int, _ block: PixelStack) throws -> Void) throws {
    let size = imagesABlock
    for first in stride(from: 0, to: count, by: size) { try body(first, try block(first..<min(first + size, count))) }
  }
}

extension PixelStack: PixelSource {
  public var bits: Int { if case .bits8 = samples { 8 } else { 16 } }

  /// A copy.
  public func block(_ range: Range<Int>) -> PixelStack {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "images \(range) of \(count)")
    let size = channels * height * width
    let part = range.lowerBound * size..<range.upperBound * size
    let own: Samples =
      switch samples {
      case .bits8(let values): .bits8(Array(values[part]))
      case .bits16(let values): .bits16(Array(values[part]))
      }
    return PixelStack(count: range.count, channels: channels, height: height, width: width, samples: own)
  }
}
