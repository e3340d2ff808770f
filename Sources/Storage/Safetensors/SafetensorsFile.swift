public import Foundation

/// Weights at rest: named tensors in the safetensors format, eight bytes of header length, a JSON header, then packed little-endian numbers.
///
///     try SafetensorsFile.write([.init("norm.weight", shape: [192], floats: weight)], metadata: ["format": "medoid-weights"], to: url)
///     let file = try SafetensorsFile(reading: url)
///     let weight = try file.floats("norm.weight")
///
/// The reader is strict: tensors must tile the data exactly, no name may come twice, no number of the header is trusted before it is
/// checked. The version of what a file holds is a line of its metadata. Format: github.com/huggingface/safetensors.
/// Determinism: equal tensors and metadata give equal bytes, those that the format's own library writes.
public struct SafetensorsFile: Sendable {
  /// The file's path as given.
  public let path: String
  /// Free text to text.
  public let metadata: [String: String]
  private let entries: [String: SafetensorsHeader.Entry]
  let bytes: Data
  let dataStart: Int

  /// The format's own bound on the header.
  private static let longestHeader = 100_000_000
  /// Bytes of one number, for all types of the format; those of 4 and 6 bits are refused as unknown.
  private static let widths = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8, "C64": 8,
  ]

  /// Opens a file and checks its header; numbers are read when asked for.
  /// - Throws: the system's error if it can't be read, `SafetensorsError` if it is malformed.
  public init(reading url: URL) throws {
    try self.init(bytes: Data(contentsOf: url, options: .mappedIfSafe), path: url.path)
  }

  /// The same from bytes; `path` is for errors only.
  public init(bytes: Data, path: String) throws {
    func failure(_ problem: SafetensorsError.Problem) -> SafetensorsError {
      SafetensorsError(path: path, problem: problem)
    }
    guard bytes.count >= 8 else { throw failure(.tooShort(bytes: bytes.count)) }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= SafetensorsFile.longestHeader, Int(length) <= bytes.count - 8 else {
      throw failure(.headerLength(length, fileBytes: bytes.count))
    }
    let start = bytes.startIndex + 8
    let header = try SafetensorsHeader(Array(bytes[start..<start + Int(length)]), path: path)
    let dataBytes = bytes.count - 8 - Int(length)
    var covered = 0
    for (name, entry) in header.entries.sorted(by: { ($0.entry.begin, $0.entry.end) < ($1.entry.begin, $1.entry.end) })
    {
      guard let width = SafetensorsFile.widths[entry.type] else {
        throw failure(.unknownType(tensor: name, type: entry.type))
      }
      guard entry.begin == covered, entry.end >= entry.begin else {
        throw failure(.badOffsets(tensor: name, begin: entry.begin, end: entry.end))
      }
      var size: (value: Int, overflow: Bool) = (width, false)
      for axis in entry.shape where !size.overflow {
        let (value, overflow) = size.value.multipliedReportingOverflow(by: axis)
        size = (value, overflow)
      }
      guard !size.overflow, size.value == entry.end - entry.begin else {
        throw failure(.badShape(tensor: name, shape: entry.shape))
      }
      covered = entry.end
    }
    guard covered == dataBytes else { throw failure(.dataLength(expected: covered, found: dataBytes)) }
    self.path = path
    self.bytes = bytes
    metadata = header.metadata
    entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0.entry) })
    dataStart = 8 + Int(length)
  }

  /// Names of all tensors, in byte order.
  public var names: [String] { entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// The shape of a tensor; nil if there is none of that name.
  public func shape(_ name: String) -> [Int]? { entries[name]?.shape }

  /// The stored type, as the format spells it (`F32`, `BF16`, …).
  public func type(_ name: String) -> String? { entries[name]?.type }

  /// What to do about NaN and infinities among weights: there they mean damage.
  public enum NonFinitePolicy: Sendable { case refuse, allow }

  /// A tensor as floats, row-major: F32, F16 and BF16 exactly, F64 and I64 rounded to the nearest.
  /// - Throws: `SafetensorsError` if it is missing, of another type, or holds NaN or infinities where they are refused.
  public func floats(_ name: String, nonFinite: NonFinitePolicy = .refuse) throws -> [Float] {
    let entry = try entry(name)
    let values: [Float]? =
      switch entry.type {
      case "F32": numbers(entry, UInt32.self) { Float(bitPattern: $0) }
      case "F16": numbers(entry, UInt16.self) { halfToFloat($0) }
      case "BF16": numbers(entry, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
      case "F64": numbers(entry, UInt64.self) { Float(Double(bitPattern: $0)) }
      case "I64": numbers(entry, UInt64.self) { Float(Int64(bitPattern: $0)) }
      default: nil
      }
    return try checked(values, name, entry, isFinite: { $0.isFinite }, nonFinite)
  }

  /// A tensor as doubles, row-major, exactly: F64 or any type that `floats` reads.
  public func doubles(_ name: String, nonFinite: NonFinitePolicy = .refuse) throws -> [Double] {
    let entry = try entry(name)
    if entry.type == "I64" { return try integers(name).map { Double($0) } }
    if entry.type != "F64" { return try floats(name, nonFinite: nonFinite).map { Double($0) } }
    return try checked(
      numbers(entry, UInt64.self) { Double(bitPattern: $0) }, name, entry, isFinite: { $0.isFinite }, nonFinite)
  }

  /// A tensor of type I64.
  public func integers(_ name: String) throws -> [Int64] {
    let entry = try entry(name)
    return try checked(
      entry.type == "I64" ? numbers(entry, UInt64.self) { Int64(bitPattern: $0) } : nil, name, entry,
      isFinite: { _ in true }, .allow)
  }

  /// A tensor of type U8.
  public func bytes(_ name: String) throws -> Data {
    let entry = try entry(name)
    guard entry.type == "U8" else {
      throw SafetensorsError(path: path, problem: .unreadableType(tensor: name, type: entry.type))
    }
    let start = bytes.startIndex + dataStart
    return Data(bytes[start + entry.begin..<start + entry.end])
  }

  private func entry(_ name: String) throws -> SafetensorsHeader.Entry {
    guard let entry = entries[name] else { throw SafetensorsError(path: path, problem: .missing(tensor: name)) }
    return entry
  }

  private func numbers<Word: FixedWidthInteger & BitwiseCopyable, Value>(
    _ entry: SafetensorsHeader.Entry, _: Word.Type, _ value: (Word) -> Value
  ) -> [Value] {
    let width = MemoryLayout<Word>.size
    return bytes.withUnsafeBytes { raw in
      (0..<(entry.end - entry.begin) / width).map {
        value(
          Word(littleEndian: raw.loadUnaligned(fromByteOffset: dataStart + entry.begin + $0 * width, as: Word.self)))
      }
    }
  }

  private func checked<Value>(
    _ values: [Value]?, _ name: String, _ entry: SafetensorsHeader.Entry, isFinite: (Value) -> Bool,
    _ policy: NonFinitePolicy
  ) throws -> [Value] {
    guard let values else {
      throw SafetensorsError(path: path, problem: .unreadableType(tensor: name, type: entry.type))
    }
    if policy == .refuse, let index = values.firstIndex(where: { !isFinite($0) }) {
      throw SafetensorsError(path: path, problem: .notFinite(tensor: name, index: index))
    }
    return values
  }
}

/// IEEE 754 binary16 to binary32, exactly. (Swift's `Float16` is missing on some platforms.)
func halfToFloat(_ half: UInt16) -> Float {
  let sign = UInt32(half & 0x8000) << 16
  let exponent = UInt32(half >> 10 & 0x1f)
  let fraction = UInt32(half & 0x3ff)
  switch exponent {
  case 0: return Float(sign: sign == 0 ? .plus : .minus, exponent: -24, significand: Float(fraction))
  case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
