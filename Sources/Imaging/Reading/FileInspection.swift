import Crypto
import Records

/// What a file holds, exactly: all its pictures as stored, before any rescale, window or turning.
public struct FileInspection: Codable, Hashable, Sendable {
  public var facts: ImageFacts
  /// Pictures that were decoded: frames, pages, slices.
  public var pictures: Int
  /// Of the first picture.
  public var rows: Int
  public var columns: Int
  public var samples: Int
  /// NumPy's name of the samples' type.
  public var type: String
  /// Over all samples of all pictures; nil where one of them is no number.
  public var minimum: Double?
  public var maximum: Double?
  public var mean: Double?
  /// SHA-256 over the samples of all pictures in order: little endian, rows from the top, samples of a pixel together. 64 hexadecimal digits.
  public var pixelDigest: String
}

/// Looks into one file: in this process (`DirectDecoder`) or in a child that may die of it (`DecoderPool`).
public protocol FileInspector: Sendable {
  /// Decodes every picture of the file. - Throws: what the first picture that fails fails of.
  func inspect(_ path: String) throws(DecodeFailure) -> FileInspection
  /// The header without what could tell who the patient is, a line an element; empty for formats that have none.
  func header(_ path: String) throws(DecodeFailure) -> [String]
}

extension ReadingOptions {
  /// Everything a file holds, as it stands.
  public static var everything: ReadingOptions {
    var options = ReadingOptions()
    options.clip = ClipSampling(.all)
    options.tiles.scope = .none
    return options
  }
}

extension DirectDecoder: FileInspector {
  public func inspect(_ path: String) throws(DecodeFailure) -> FileInspection {
    let before = try FileState(path)
    let source = try PictureSources.open(path, .everything)
    guard source.count > 0 else { throw DecodeFailure(.noPixels, "the file holds no picture") }
    var hash = SHA256()
    var extent = SampleExtent()
    var first: StoredPixels?
    var facts = source.facts
    for index in 0..<source.count {
      let content = try source.picture(index)
      content.stored.bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
      extent.add(content.stored)
      if first == nil {
        facts = content.facts
        first = content.stored
        first?.bytes = []
      }
    }
    guard let first else { throw DecodeFailure(.noPixels, "the file holds no picture") }
    guard try FileState(path) == before else {
      throw DecodeFailure(.changedWhileReading, "the file changed while it was read")
    }
    return FileInspection(
      facts: facts, pictures: source.count, rows: first.rows, columns: first.columns, samples: first.samples,
      type: first.type.rawValue, minimum: extent.minimum, maximum: extent.maximum, mean: extent.mean,
      pixelDigest: hash.finalize().hexadecimal)
  }
}

extension DirectDecoder {
  public func header(_ path: String) throws(DecodeFailure) -> [String] {
    _ = try FileState(path)
    guard PictureSources.looksLikeDICOM(path) else { return [] }
    return DICOMHeader.deidentified(try DICOMFile(path))
  }
}

extension DecoderPool: FileInspector {
  public func header(_ path: String) throws(DecodeFailure) -> [String] {
    try ask(DecoderRequest(request: ReadRequest(path, .everything), purpose: .header, seconds: 0)).header ?? []
  }

  public func inspect(_ path: String) throws(DecodeFailure) -> FileInspection {
    let reply = try ask(DecoderRequest(request: ReadRequest(path, .everything), purpose: .inspection, seconds: 0))
    guard let inspection = reply.inspection else {
      throw DecodeFailure(.decoderCrashed, "the decoder gave no answer")
    }
    return inspection
  }
}

/// Least, greatest and mean of samples, summed a row at a time in 64 bits.
struct SampleExtent {
  private var low = Double.infinity
  private var high = -Double.infinity
  private var sum = 0.0
  private var count = 0
  private var isDefined = true

  var minimum: Double? { isDefined && count > 0 ? low : nil }
  var maximum: Double? { isDefined && count > 0 ? high : nil }
  var mean: Double? { isDefined && count > 0 && sum.isFinite ? sum / Double(count) : nil }

  mutating func add(_ pixels: StoredPixels) {
    pixels.bytes.withUnsafeBytes { raw in
      let row = pixels.columns * pixels.samples
      switch pixels.type {
      case .uint8: add(raw, row, UInt8.self) { Double($0) }
      case .int8: add(raw, row, Int8.self) { Double($0) }
      case .uint16: add(raw, row, UInt16.self) { Double($0) }
      case .int16: add(raw, row, Int16.self) { Double($0) }
      case .uint32: add(raw, row, UInt32.self) { Double($0) }
      case .int32: add(raw, row, Int32.self) { Double($0) }
      case .uint64: add(raw, row, UInt64.self) { Double($0) }
      case .int64: add(raw, row, Int64.self) { Double($0) }
      case .float32: add(raw, row, Float.self) { Double($0) }
      case .float64: add(raw, row, Double.self) { $0 }
      }
    }
  }

  @inline(__always)
  private mutating func add<Sample: BitwiseCopyable>(
    _ raw: UnsafeRawBufferPointer, _ row: Int, _: Sample.Type, _ number: (Sample) -> Double
  ) {
    let total = raw.count / MemoryLayout<Sample>.stride
    var start = 0
    while start < total {
      let end = min(start + max(row, 1), total)
      var rowSum = 0.0
      for i in start..<end {
        let value = number(raw.loadUnaligned(fromByteOffset: i * MemoryLayout<Sample>.stride, as: Sample.self))
        if value.isNaN { isDefined = false }
        if value < low { low = value }
        if value > high { high = value }
        rowSum += value
      }
      sum += rowSum
      start = end
    }
    count += total
  }
}
