/// Runs a greyscale transform over all stored values of one picture.
///
/// Up to 16 bits stored, every possible value is transformed once and pixels are looked up.
struct GreyscaleRendering {
  private let stored: DICOMPixels
  private var transform: GreyscaleTransform
  private let padding: ClosedRange<Int>?
  private let mask: UInt32
  private let shift: UInt32

  init(_ stored: DICOMPixels, transform: GreyscaleTransform, padding: ClosedRange<Int>?) throws(DecodeFailure) {
    guard [1, 8, 16, 32].contains(stored.bitsAllocated), (1...stored.bitsAllocated).contains(stored.bitsStored) else {
      throw DecodeFailure(.unsupportedEncoding, "\(stored.bitsStored) of \(stored.bitsAllocated) bits a sample")
    }
    let pixels = stored.rows * stored.columns
    let wanted = stored.bitsAllocated == 1 ? (pixels + 7) / 8 : pixels * stored.bitsAllocated / 8
    guard stored.bytes.count >= wanted else {
      throw DecodeFailure(.truncated, "\(stored.bytes.count) pixel bytes of \(wanted)")
    }
    self.stored = stored
    self.transform = transform
    self.padding = padding
    mask = stored.bitsStored == 32 ? .max : (1 << UInt32(stored.bitsStored)) - 1
    shift = UInt32(max(stored.highBit + 1 - stored.bitsStored, 0))
  }

  /// The picture as shades of 0…1. - Complexity: O(pixels), and a sort of them for 32-bit values without window.
  func shades() -> [Float] {
    let count = stored.rows * stored.columns
    return stored.bytes.withUnsafeBytes { raw -> [Float] in
      switch stored.bitsAllocated {
      case 1: render(count) { UInt32(raw[$0 >> 3] >> UInt8($0 & 7)) }
      case 8: render(count) { UInt32(raw[$0]) }
      case 16:
        render(count) { UInt32(raw.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)) }
      default: render(count) { raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
      }
    }
  }

  /// Drops what lies outside the stored bits (overlays once did) and extends the sign.
  private func number(_ bits: UInt32) -> Int {
    guard stored.isSigned && stored.bitsStored > 1 else { return Int(bits) }
    let sign: UInt32 = 1 << UInt32(stored.bitsStored - 1)
    return bits & sign == 0 ? Int(bits) : Int(bits) - (Int(mask) + 1)
  }

  @inline(__always)
  private func render(_ count: Int, _ sample: (Int) -> UInt32) -> [Float] {
    stored.bitsStored <= 16 ? renderByTable(count, sample) : renderEach(count, sample)
  }

  @inline(__always)
  private func renderByTable(_ count: Int, _ sample: (Int) -> UInt32) -> [Float] {
    let values = (0...Int(mask)).map { number(UInt32($0)) }
    var transform = transform
    if transform.valuesOfInterest == nil {
      var histogram = [Int](repeating: 0, count: values.count)
      for i in 0..<count { histogram[Int((sample(i) >> shift) & mask)] += 1 }
      transform.valuesOfInterest = .percentiles(window(Array(zip(values, histogram))))
    }
    let table = values.map { transform.shade(transform.modalityValue($0)) }
    return (0..<count).map { table[Int((sample($0) >> shift) & mask)] }
  }

  @inline(__always)
  private func renderEach(_ count: Int, _ sample: (Int) -> UInt32) -> [Float] {
    var transform = transform
    if transform.valuesOfInterest == nil {
      transform.valuesOfInterest = .percentiles(window((0..<count).map { (number((sample($0) >> shift) & mask), 1) }))
    }
    return (0..<count).map { transform.shade(transform.modalityValue(number((sample($0) >> shift) & mask))) }
  }

  /// The percentile window over modality values, without padding unless there is nothing else.
  private func window(_ counted: [(Int, Int)]) -> PercentileWindow {
    let all = counted.filter { $0.1 > 0 }
    let kept = all.filter { padding?.contains($0.0) != true }
    return PercentileWindow(weighted: (kept.isEmpty ? all : kept).map { (transform.modalityValue($0.0), $0.1) })
  }
}
