/// How the greys of one frame become shades: its transform, its padding, and a percentile window where the file names no window.
///
/// **Padding.** Pixels of the Pixel Padding Value, or up to the Pixel Padding Range Limit, are no picture (PS3.3 C.7.5.1.1.2): they are left
/// out of the percentiles, take no part in rescale and window, and are 0 at the end, black in either photometric interpretation, because the standard
/// wants them "displayed as black" or background, and because black is what `Preprocessing` puts around a picture.
struct GreyscaleRendering {
  private let description: PixelDescription
  private let padding: ClosedRange<Double>?
  private let transform: GreyscaleTransform

  init(_ description: PixelDescription, _ levels: [DICOMDataSet]) {
    self.description = description
    padding = GreyscaleRendering.padding(description, levels)
    transform = GreyscaleTransform(description, levels)
  }

  /// Single bits are shown as they stand.
  private var isBinary: Bool { description.bitsStored == 1 && description.number == .integer }

  var needsWindow: Bool { transform.valuesOfInterest == nil && !isBinary }

  var rendering: Rendering {
    switch transform.valuesOfInterest {
    case .table: .table
    case .ramp, .sigmoid: .window
    case nil: isBinary ? .stored : .percentiles
    }
  }

  /// - Parameter window: of modality values, for a frame that names none; nil: its own percentiles.
  func tone(for stored: StoredPixels, window: PercentileWindow?) -> Tone {
    var transform = transform
    if transform.valuesOfInterest == nil {
      if isBinary {
        transform.modality = .rescale(slope: 1, intercept: 0)
        transform.valuesOfInterest = .ramp(low: 0, high: 1)
      } else {
        let window = window ?? PercentileWindow(values(of: stored))
        transform.valuesOfInterest = .ramp(low: window.low, high: window.high)
      }
    }
    switch stored.type {
    case .uint8: return .table(table(transform, [0..<256]))
    case .int8: return .table(table(transform, [0..<128, -128..<0]))
    case .uint16: return .table(table(transform, [0..<65536]))
    case .int16: return .table(table(transform, [0..<32768, -32768..<0]))
    default:
      let count = stored.rows * stored.columns
      let shades = [Float](unsafeUninitializedCapacity: count) { target, done in
        stored.eachNumber { i, value in target[i] = isPadding(value) ? 0 : transform.shade(value) }
        done = count
      }
      return .shades(shades, channels: 1)
    }
  }

  /// The shades of runs of numbers one after the other: all bit patterns of a type.
  private func table(_ transform: GreyscaleTransform, _ runs: [Range<Int>]) -> [Float] {
    [Float](unsafeUninitializedCapacity: runs.reduce(0) { $0 + $1.count }) { target, count in
      for run in runs {
        transform.shades(from: run.lowerBound, into: .init(rebasing: target[count..<count + run.count]))
        if let padding, padding.upperBound >= Double(run.lowerBound), padding.lowerBound < Double(run.upperBound) {
          for number in run where padding.contains(Double(number)) { target[count + number - run.lowerBound] = 0 }
        }
        count += run.count
      }
    }
  }

  /// The modality values of a frame, without padding unless there is nothing else.
  func values(of stored: StoredPixels) -> CountedValues {
    let numbers = stored.countedNumbers()
    let kept = padding == nil ? numbers : numbers.filter { !isPadding($0.value) }
    let used = kept.isEmpty ? numbers : kept
    // Rescaling may leave the range of numbers.
    let values = used.map { (value: transform.modalityValue($0.value), count: $0.count) }.filter { $0.value.isFinite }
    return CountedValues(values: values.map(\.value), counts: values.map(\.count))
  }

  private func isPadding(_ value: Double) -> Bool { padding?.contains(value) == true || value.isNaN }

  /// Stored numbers that stand for "no picture here". PS3.3 C.7.5.1.1.2; C.7.6.24 and C.7.6.25 for floating point.
  private static func padding(
    _ description: PixelDescription, _ levels: [DICOMDataSet]
  ) -> ClosedRange<Double>? {
    func integer(_ level: DICOMDataSet, _ tag: DICOMTag) -> Double? {
      // One word, signed as the pixels are, whatever the element's own representation.
      level.words(tag).first.map { description.isSigned ? Double(Int16(bitPattern: $0)) : Double($0) }
    }
    return levels.nearest { level in
      let ends: (Double?, Double?) =
        switch description.number {
        case .integer: (integer(level, .pixelPaddingValue), integer(level, .pixelPaddingRangeLimit))
        case .float32:
          (level.numbers(.floatPixelPaddingValue).first, level.numbers(.floatPixelPaddingRangeLimit).first)
        case .float64:
          (level.numbers(.doublePixelPaddingValue).first, level.numbers(.doublePixelPaddingRangeLimit).first)
        }
      guard let one = ends.0, !one.isNaN else { return nil }
      let other = ends.1.flatMap { $0.isNaN ? nil : $0 } ?? one
      return min(one, other)...max(one, other)
    }
  }
}

extension StoredPixels {
  /// Calls `body` with every sample as a number.
  @inline(__always)
  fileprivate func eachNumber(_ body: (_ index: Int, _ value: Double) -> Void) {
    let count = rows * columns * samples
    bytes.withUnsafeBytes { raw in
      switch type {
      case .uint8: for i in 0..<count { body(i, Double(raw[i])) }
      case .int8: for i in 0..<count { body(i, Double(Int8(bitPattern: raw[i]))) }
      case .uint16: for (i, value) in raw.bindMemory(to: UInt16.self).enumerated() { body(i, Double(value)) }
      case .int16: for (i, value) in raw.bindMemory(to: Int16.self).enumerated() { body(i, Double(value)) }
      case .uint32: for (i, value) in raw.bindMemory(to: UInt32.self).enumerated() { body(i, Double(value)) }
      case .int32: for (i, value) in raw.bindMemory(to: Int32.self).enumerated() { body(i, Double(value)) }
      case .uint64: for (i, value) in raw.bindMemory(to: UInt64.self).enumerated() { body(i, Double(value)) }
      case .int64: for (i, value) in raw.bindMemory(to: Int64.self).enumerated() { body(i, Double(value)) }
      case .float32: for (i, value) in raw.bindMemory(to: Float.self).enumerated() { body(i, Double(value)) }
      case .float64: for (i, value) in raw.bindMemory(to: Double.self).enumerated() { body(i, value) }
      }
    }
  }

  /// The finite numbers there are: of up to 16 bits each once, in order of their bit patterns.
  fileprivate func countedNumbers() -> [(value: Double, count: Int)] {
    if type.width > 2 {
      var numbers: [(value: Double, count: Int)] = []
      numbers.reserveCapacity(rows * columns * samples)
      eachNumber { _, value in if value.isFinite { numbers.append((value, 1)) } }
      return numbers
    }
    var histogram = [Int](repeating: 0, count: 1 << (8 * type.width))
    histogram.withUnsafeMutableBufferPointer { histogram in
      bytes.withUnsafeBytes { raw in
        if type.width == 1 {
          for byte in raw { histogram[Int(byte)] += 1 }
        } else {
          for word in raw.bindMemory(to: UInt16.self) { histogram[Int(word)] += 1 }
        }
      }
    }
    return histogram.indices.filter { histogram[$0] > 0 }.map { pattern in
      let value =
        switch type {
        case .int8: Double(Int8(bitPattern: UInt8(pattern)))
        case .int16: Double(Int16(bitPattern: UInt16(pattern)))
        default: Double(pattern)
        }
      return (value, histogram[pattern])
    }
  }
}
