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

  /// Some of the images in memory, in their order: beside them, one block is held at a time. - Throws: what the medium throws.
  /// - Complexity: O(rows.count · C · H · W), and every block that holds one of them is read once.
  /// - Precondition: `rows` rise, and lie in `0..<count`.
  public func stack(of rows: [Int]) throws -> PixelStack {
    precondition(zip(rows, rows.dropFirst()).allSatisfy(<), "images in no rising order")
    precondition(rows.isEmpty || (rows[0] >= 0 && rows.last! < count), "images \(rows[0])…\(rows.last!) of \(count)")
    var bytes: [UInt8] = []
    var words: [UInt16] = []
    let samples = channels * height * width
    if bits == 8 { bytes.reserveCapacity(rows.count * samples) } else { words.reserveCapacity(rows.count * samples) }
    let size = imagesABlock
    var next = 0
    while next < rows.count {
      let first = rows[next] / size * size
      let block = try block(first..<min(first + size, count))
      while next < rows.count, rows[next] < first + size {
        let part = (rows[next] - first) * samples..<(rows[next] - first + 1) * samples
        switch block.samples {
        case .bits8(let values): bytes += values[part]
        case .bits16(let values): words += values[part]
        }
        next += 1
      }
    }
    return PixelStack(
      count: rows.count, channels: channels, height: height, width: width,
      samples: bits == 8 ? .bits8(bytes) : .bits16(words))
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
